/* The floor under an HTTP check: socket, connect, epoll, send, recv, close. */
#include "connect.h"

static const char request[] =
    "GET / HTTP/1.1\r\nHost: floor\r\nUser-Agent: monlvs\r\nAccept: */*\r\n"
    "Connection: close\r\n\r\n";
static char sent[1 << 20];

static void on_event(int fd, unsigned mask)
{
    char reply[16384];
    if (!sent[fd] && (mask & EPOLLOUT)) {
        if (send(fd, request, sizeof request - 1, MSG_NOSIGNAL) < 0) {
            finish_check(fd, 0);
            return;
        }
        sent[fd] = 1;
    }
    if (!(mask & (EPOLLIN | EPOLLERR | EPOLLHUP)))
        return;
    ssize_t got = recv(fd, reply, sizeof reply, 0);
    if (got < 0 && errno == EAGAIN)
        return;
    sent[fd] = 0;
    finish_check(fd, got > 12 && !memcmp(reply + 9, "200", 3));
}

int main(int argc, char **argv)
{
    read_options(argc, argv);
    run_floor("http");
}
