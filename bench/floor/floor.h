/* What the floor programs share: options, targets, the clock, the bill.
 *
 * A floor is the least that a check can cost in C on this machine: the system calls that
 * nobody can do without, and an epoll loop around them. It decides nothing that a real
 * checker would have to decide, so no checker can be cheaper.
 *
 * Closed loop: `--in-flight` checks run at any moment until `--checks` are done.
 * Open loop:   `--rate` targets are each checked once a second, evenly spread, for
 *              `--seconds`; what is late is made up for at once.
 */
#ifndef MONLVS_FLOOR_H
#define MONLVS_FLOOR_H

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct options {
    int port, in_flight, checks, targets, rate, seconds, reset;
};

struct bill {
    struct rusage usage;
    struct timespec wall;
};

static struct options options = {
    .port = 8080, .in_flight = 200, .checks = 10000, .targets = 250,
};
static long finished, failed;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void read_options(int argc, char **argv)
{
    static const struct option names[] = {
        {"port", 1, 0, 'p'},    {"in-flight", 1, 0, 'f'}, {"checks", 1, 0, 'c'},
        {"targets", 1, 0, 't'}, {"rate", 1, 0, 'r'},      {"seconds", 1, 0, 's'},
        {"reset", 0, 0, 'R'},   {0, 0, 0, 0},
    };
    int letter;
    while ((letter = getopt_long(argc, argv, "", names, 0)) != -1) {
        int value = optarg ? atoi(optarg) : 0;
        switch (letter) {
        case 'p': options.port = value; break;
        case 'f': options.in_flight = value; break;
        case 'c': options.checks = value; break;
        case 't': options.targets = value; break;
        case 'r': options.rate = value; break;
        case 's': options.seconds = value; break;
        case 'R': options.reset = 1; break;
        default: exit(2);
        }
    }
    if (options.rate)
        options.targets = options.rate;
}

/* 127.1.0.1 and on: many addresses, so that ports do not run out. */
static struct sockaddr_in target(long number)
{
    long host = number % options.targets;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(options.port)};
    to.sin_addr.s_addr =
        htonl((127u << 24) | (1u << 16) | (host / 250 << 8) | (host % 250 + 1));
    return to;
}

static struct bill now(void)
{
    struct bill bill;
    getrusage(RUSAGE_SELF, &bill.usage);
    clock_gettime(CLOCK_MONOTONIC, &bill.wall);
    return bill;
}

/* Not ru_maxrss: that remembers the program that started us. */
static long rss_kb(void)
{
    long size = 0, resident = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    if (statm && fscanf(statm, "%ld %ld", &size, &resident) != 2)
        resident = 0;
    if (statm)
        fclose(statm);
    return resident * sysconf(_SC_PAGESIZE) / 1024;
}

static double micros(struct timeval t)
{
    return t.tv_sec * 1e6 + t.tv_usec;
}

static void print_bill(const char *what, struct bill from, struct bill to)
{
    double user = micros(to.usage.ru_utime) - micros(from.usage.ru_utime);
    double sys = micros(to.usage.ru_stime) - micros(from.usage.ru_stime);
    double wall = (to.wall.tv_sec - from.wall.tv_sec) +
                  (to.wall.tv_nsec - from.wall.tv_nsec) / 1e9;
    printf("{\"floor\": \"%s\", \"mode\": \"%s\", \"checks\": %ld, \"failed\": %ld, "
           "\"cpu_us\": %.2f, \"user_us\": %.2f, \"sys_us\": %.2f, "
           "\"per_second\": %.0f, \"rss_kb\": %ld}\n",
           what, options.rate ? "open" : "closed", finished, failed,
           (user + sys) / finished, user / finished, sys / finished, finished / wall,
           rss_kb());
}

#endif
