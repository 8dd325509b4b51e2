/* The floor under a ping: sendmmsg, recvmmsg, one packet for all hosts.
 *
 * Sweeps over `--targets` addresses of loopback, 64 at a time, and takes in the replies
 * after each lot, until `--checks` requests have left, and to
 * the end of the last sweep. A raw socket, as the unprivileged
 * one is off by default (icmp(7), ping_group_range).
 */
#include "floor.h"

#include <netinet/ip_icmp.h>

#define SLOT 64
#define DATA 56
#define ICMP_FILTER_OPTION 1

static struct mmsghdr out[SLOT], in[SLOT];
static struct iovec sent_iov, taken_iov[SLOT];
static struct sockaddr_in to[SLOT];
static char packet[8 + DATA], replies[SLOT][128];
static int answered[1 << 16], sweep;

static unsigned short checksum(const void *data, int length)
{
    const unsigned short *word = data;
    unsigned sum = 0;
    for (; length > 1; length -= 2)
        sum += *word++;
    sum = (sum >> 16) + (sum & 0xffff);
    return ~(sum + (sum >> 16));
}

static int open_socket(void)
{
    int fd = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_ICMP);
    unsigned only_replies = ~(1u << ICMP_ECHOREPLY);
    int room = 8 << 20;
    if (fd < 0)
        die("socket");
    setsockopt(fd, SOL_RAW, ICMP_FILTER_OPTION, &only_replies, sizeof only_replies);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    return fd;
}

static void prepare(void)
{
    struct icmphdr *head = (struct icmphdr *)packet;
    head->type = ICMP_ECHO;
    head->un.echo.id = htons(getpid() & 0xffff);
    sent_iov = (struct iovec){packet, sizeof packet};
    for (int i = 0; i < SLOT; i++) {
        taken_iov[i] = (struct iovec){replies[i], sizeof replies[i]};
        out[i].msg_hdr = (struct msghdr){
            .msg_name = &to[i], .msg_namelen = sizeof to[i], .msg_iov = &sent_iov, .msg_iovlen = 1};
        in[i].msg_hdr = (struct msghdr){.msg_iov = &taken_iov[i], .msg_iovlen = 1};
    }
}

/* Count a reply to the present sweep; its sequence is the sweep's number. */
static void take(const char *reply)
{
    const unsigned char *from = (const unsigned char *)reply + 12;
    const struct icmphdr *head = (const struct icmphdr *)(reply + 20);
    const struct icmphdr *asked = (const struct icmphdr *)packet;
    long host = from[2] * 250l + from[3] - 1;
    if (head->un.echo.id != asked->un.echo.id || host >= options.targets ||
        head->un.echo.sequence != asked->un.echo.sequence || answered[host] == sweep)
        return;
    answered[host] = sweep;
    finished++;
}

static void drain(int fd)
{
    int count;
    while ((count = recvmmsg(fd, in, SLOT, MSG_DONTWAIT, 0)) > 0)
        for (int i = 0; i < count; i++)
            take(replies[i]);
}

static void begin_sweep(void)
{
    struct icmphdr *head = (struct icmphdr *)packet;
    head->un.echo.sequence = htons(++sweep & 0xffff);
    head->checksum = 0;
    head->checksum = checksum(packet, sizeof packet);
}

int main(int argc, char **argv)
{
    long started = 0;
    read_options(argc, argv);
    int fd = open_socket();
    prepare();
    struct bill from = now();
    while (started < options.checks || started % options.targets) {
        int count = 0;
        if (started % options.targets == 0)
            begin_sweep();
        do
            to[count++] = target(started++);
        while (count < SLOT && started % options.targets);
        if (sendmmsg(fd, out, count, 0) != count)
            die("sendmmsg");
        drain(fd);
    }
    failed = started - finished;
    print_bill("icmp", from, now());
}
