/* The floor under a TCP check: socket, connect, epoll, close. */
#include "connect.h"

static void on_event(int fd, unsigned mask)
{
    if (mask & (EPOLLERR | EPOLLHUP))
        finish_check(fd, 0);
    else if (mask & EPOLLOUT)
        finish_check(fd, 1);
}

int main(int argc, char **argv)
{
    read_options(argc, argv);
    run_floor("tcp");
}
