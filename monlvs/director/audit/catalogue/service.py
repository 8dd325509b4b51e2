"""Findings about what the kernel has, what the table holds, and who listens."""

from typing import Final

from monlvs.director.audit.catalogue.entry import LOST, RISK, Entry, Where

ENTRIES: Final = (
    Entry(
        name="ipvs-missing",
        where=Where.DIRECTOR,
        severity=LOST,
        title="The kernel has no IPVS",
        why="There is no table: nothing is balanced.",
        cure="`modprobe ip_vs`; a kernel that lacks it needs CONFIG_IP_VS.",
    ),
    Entry(
        name="module-missing",
        where=Where.DIRECTOR,
        severity=LOST,
        title="A kernel module that a virtual service needs is not there",
        why="Without its scheduler or persistence engine the kernel refuses the virtual "
        "service; without ip_vs_ftp, data connections of FTP through VS-NAT hang.",
        cure="Load the module; install the package that has it (linux-modules-extra "
        "with some distributions), or choose another scheduler.",
    ),
    Entry(
        name="sysctl-differs",
        where=Where.DIRECTOR,
        severity=RISK,
        title="A variable of the kernel is not as the configuration says",
        why="What the configuration decided for connections of real servers that leave "
        "the table, or states otherwise, does not hold.",
        cure="`monlvs director apply` sets it, and so does the command.",
    ),
    Entry(
        name="service-missing",
        where=Where.DIRECTOR,
        severity=LOST,
        title="A configured virtual service is not in the table",
        why="Connections to it are refused, or served by the director itself.",
        cure="`monlvs director plan` says why and `apply` adds it; else the daemon does.",
    ),
    Entry(
        name="service-empty",
        where=Where.DIRECTOR,
        severity=LOST,
        title="A virtual service has no real server that takes connections",
        why="Every new connection is refused.",
        cure="`monlvs status` and `monlvs why` tell why its real servers are out; a "
        "`fallback` would serve meanwhile.",
    ),
    Entry(
        name="port-not-translated",
        where=Where.DIRECTOR,
        severity=RISK,
        title="An entry's port differs from its virtual service's, and nobody translates",
        why="VS-DR and VS-TUN leave packets as they are: they arrive at the VIP's port, "
        "whatever the entry says. If the service listens at the entry's, they are "
        "refused.",
        cure="Name the VIP's port in the entry, or use VS-NAT.",
    ),
    Entry(
        name="loopback-translated",
        where=Where.DIRECTOR,
        severity=LOST,
        title="LocalNode by address translation to 127.0.0.1",
        why="The kernel refuses to translate a packet from outside to the loopback: the "
        "director's own test works, and clients get no answer.",
        cure="Forward to 127.0.0.1 by direct routing (`-g`), or name the director's own "
        "address.",
    ),
    Entry(
        name="nobody-listens",
        where=Where.EITHER,
        severity=LOST,
        title="Nobody listens where the packets arrive",
        why="Connections are refused. VS-DR, VS-TUN and LocalNode deliver packets for "
        "the VIP: a service that listens on the machine's own address alone does not "
        "hear them, while checks of that address succeed.",
        cure="Let the service listen at the VIP, too, or at every address; start it.",
    ),
    Entry(
        name="vip-checked-from-director",
        where=Where.DIRECTOR,
        severity=RISK,
        title="A check goes from the director to its own VIP",
        why="The HOWTO's caveat: of VS-DR and VS-TUN the answer comes from an address "
        "that the director itself has, and is dropped. The check fails while clients "
        "are served.",
        cure="Check the real servers' own addresses.",
    ),
    Entry(
        name="director-is-client",
        where=Where.DIRECTOR,
        severity=LOST,
        title="The director is a client of its own VIP",
        why="Of VS-DR and VS-TUN the answer comes from an address that the director "
        "itself has, and is dropped: these connections hang.",
        cure="Let programs on the director use a real server's own address, or another "
        "machine.",
    ),
    Entry(
        name="mark-not-set",
        where=Where.DIRECTOR,
        severity=LOST,
        title="No rule sets the firewall mark of a virtual service",
        why="Its packets are not known by anything else: none is balanced.",
        cure="`iptables -t mangle -A PREROUTING -d VIP … -j MARK --set-mark MARK`, or "
        "the same with nft.",
    ),
    Entry(
        name="translation-idle",
        where=Where.DIRECTOR,
        severity=LOST,
        title="Rules about IPVS's packets, and IPVS passes them by",
        why="With net.ipv4.vs.conntrack = 0 the packets of virtual services are not "
        "shown to the rules that translate: real servers that rely on seeing the "
        "director's address answer past it.",
        cure="net.ipv4.vs.conntrack = 1, or delete the rules.",
    ),
    Entry(
        name="clients-translated",
        where=Where.DIRECTOR,
        severity=LOST,
        title="A rule translates clients' packets on their way to real servers",
        why="With net.ipv4.vs.conntrack = 1 it takes in the packets of VS-DR or VS-TUN, "
        "too; real servers then answer the director instead of the client.",
        cure="Say in the rule whose packets are meant (`-s NETWORK`), or set "
        "net.ipv4.vs.conntrack = 0.",
    ),
    Entry(
        name="sync-device-down",
        where=Where.DIRECTOR,
        severity=RISK,
        title="The sync daemon's device is missing or down",
        why="The other director hears of no connection: when it takes over, all of them "
        "break.",
        cure="Set the device up, or restart the daemon on another "
        "(`monlvs director sync`).",
    ),
    Entry(
        name="balances-again",
        where=Where.SERVER,
        severity=LOST,
        title="A real server balances what it is given",
        why="It has the virtual service in an IPVS table of its own, and sends each "
        "packet on, perhaps to the director, and round and round.",
        cure="`ipvsadm -D` the virtual service there; a director in waiting that serves, "
        "too, needs net.ipv4.vs.backup_only = 1 and a sync daemon in the role backup.",
    ),
    Entry(
        name="wrong-machine",
        where=Where.SERVER,
        severity=RISK,
        title="The machine does not have the real server's address",
        why="What was looked at is not the real server that the director sends to, and "
        "nothing here was said about that one.",
        cure="Name the machine that has the address.",
    ),
)
