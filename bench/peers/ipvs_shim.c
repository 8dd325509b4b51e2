/* Lets keepalived(8) check real servers on a machine whose kernel has no IPVS.
 *
 * Preloaded in front of libnl: every IPVS message is taken as sent and as acknowledged,
 * and goes nowhere. The checkers are keepalived's own and know no difference.
 */
#include <stddef.h>

struct nl_sock;
struct nl_msg;
typedef int (*handler)(struct nl_msg *, void *);

enum { FINISH = 1, ACKNOWLEDGED = 4, KINDS = 16 }; /* NL_CB_FINISH, NL_CB_ACK */

static struct {
    handler call;
    void *with;
} handlers[KINDS];

int genl_connect(struct nl_sock *sock)
{
    (void)sock;
    return 0;
}

int genl_ctrl_resolve(struct nl_sock *sock, const char *family)
{
    (void)sock, (void)family;
    return 30;
}

int nl_send_auto(struct nl_sock *sock, struct nl_msg *message)
{
    (void)sock, (void)message;
    return 0;
}

int nl_socket_modify_cb(struct nl_sock *sock, int type, int kind, handler call, void *with)
{
    (void)sock, (void)kind;
    if (type >= 0 && type < KINDS) {
        handlers[type].call = call;
        handlers[type].with = with;
    }
    return 0;
}

int nl_socket_modify_err_cb(struct nl_sock *sock, int kind, void *call, void *with)
{
    (void)sock, (void)kind, (void)call, (void)with;
    return 0;
}

/* keepalived waits until one of these two says that the answer is complete. */
int nl_recvmsgs_default(struct nl_sock *sock)
{
    (void)sock;
    if (handlers[FINISH].call)
        handlers[FINISH].call(NULL, handlers[FINISH].with);
    if (handlers[ACKNOWLEDGED].call)
        handlers[ACKNOWLEDGED].call(NULL, handlers[ACKNOWLEDGED].with);
    return 0;
}
