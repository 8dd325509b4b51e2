/* The two loops of the checks that connect; each program says what its check does. */
#ifndef MONLVS_CONNECT_H
#define MONLVS_CONNECT_H

#include "floor.h"
#include <sys/epoll.h>

/* Descriptors that an open loop may hold when the server falls behind. */
enum { MOST = 8000 };

static int ep;
static long started;

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
    while (started < due && started < total && started - finished < MOST)
        start_check();
    if (started >= total || started - finished >= MOST)
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
