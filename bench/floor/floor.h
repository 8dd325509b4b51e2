/* What the floor programs share: options, the clock, the bill, and the two loops.
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
#include <sys/epoll.h>
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
static int ep;
static long started, finished, failed;

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
           to.usage.ru_maxrss);
}

/* The rest is for the checks that connect; each program says what its check does. */
static void on_event(int fd, unsigned mask);

static void start_check(void)
{
    struct sockaddr_in to = target(started++);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        die("socket");
    if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS)
        die("connect");
    struct epoll_event event = {EPOLLIN | EPOLLOUT | EPOLLET, {.fd = fd}};
    if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event) < 0)
        die("epoll_ctl");
}

static void finish_check(int fd, int good)
{
    static const struct linger reset = {1, 0};
    if (options.reset)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(fd);
    finished++;
    failed += !good;
    if (!options.rate && started < options.checks)
        start_check();
}

static double seconds_since(struct timespec from)
{
    struct timespec to;
    clock_gettime(CLOCK_MONOTONIC, &to);
    return (to.tv_sec - from.tv_sec) + (to.tv_nsec - from.tv_nsec) / 1e9;
}

/* Start what is due by now; return the milliseconds until something is due again. */
static int start_due(struct timespec from, long total)
{
    long due = seconds_since(from) * options.rate + 1;
    while (started < due && started < total)
        start_check();
    if (started >= total)
        return 1000;
    double wait = (double)started / options.rate - seconds_since(from);
    return wait <= 0 ? 0 : (int)(wait * 1000) + 1;
}

static void run_floor(const char *what)
{
    struct epoll_event events[512];
    struct bill from = now();
    long total = options.rate ? (long)options.rate * options.seconds : options.checks;
    ep = epoll_create1(EPOLL_CLOEXEC);
    while (!options.rate && started < options.in_flight && started < total)
        start_check();
    while (finished < total) {
        int wait = options.rate ? start_due(from.wall, total) : -1;
        int count = epoll_wait(ep, events, 512, wait);
        for (int i = 0; i < count; i++)
            on_event(events[i].data.fd, events[i].events);
    }
    print_bill(what, from, now());
}

#endif
