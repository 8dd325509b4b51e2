"""Findings about the way to the real servers, and the way back."""

from typing import Final

from monlvs.director.audit.catalogue.entry import LOST, RISK, Entry, Where

ENTRIES: Final = (
    Entry(
        name="forwarding-off",
        where=Where.DIRECTOR,
        severity=LOST,
        title="The director of VS-NAT does not forward",
        why="Requests arrive at the real servers; their answers go through the director, "
        "which drops them: every connection hangs.",
        cure="net.ipv4.ip_forward = 1, net.ipv6.conf.all.forwarding = 1; a device of its "
        "own has net.ipv4.conf.DEVICE.forwarding.",
    ),
    Entry(
        name="redirects-sent",
        where=Where.DIRECTOR,
        severity=LOST,
        title="VS-NAT in one network, and the director sends redirects",
        why="The director tells the real servers the shorter way to their neighbours the "
        "clients; answers then come from an address that no client asked.",
        cure="net.ipv4.conf.all.send_redirects = 0, and the device's own, too: the "
        "greater of both counts.",
    ),
    Entry(
        name="no-route-to-server",
        where=Where.DIRECTOR,
        severity=LOST,
        title="The director has no way to a real server",
        why="Connections that are scheduled to it get no answer.",
        cure="Give the director an address in the real server's network, or a route; "
        "or correct the address in the configuration.",
    ),
    Entry(
        name="server-behind-gateway",
        where=Where.DIRECTOR,
        severity=LOST,
        title="A real server of VS-DR is behind a gateway",
        why="VS-DR changes the hardware address alone: the gateway gets a packet for the "
        "VIP, and sends it where the VIP is, back to the director.",
        cure="Put the real server on the director's own wire, or reach it by VS-TUN.",
    ),
    Entry(
        name="rp-filter",
        where=Where.EITHER,
        severity=LOST,
        title="rp_filter drops what clients send",
        why="The kernel drops a packet whose sender it would not answer through the "
        "device that it came by. What is unwrapped from a tunnel comes by tunl0 and is "
        "answered by eth0; the same goes for ways in and out that differ.",
        cure="net.ipv4.conf.DEVICE.rp_filter = 0 and the same for `all`: the greater of "
        "both counts, and 2 (loose) suffices where there is a route to the clients.",
    ),
    Entry(
        name="no-route-to-clients",
        where=Where.EITHER,
        severity=LOST,
        title="No way back to clients",
        why="Requests arrive, and the answers have nowhere to go: connections hang.",
        cure="Give the machine a route to its clients, as a rule the default route: real "
        "servers of VS-NAT through the director, those of VS-DR and VS-TUN through "
        "their own router.",
    ),
    Entry(
        name="gateway-missing",
        where=Where.DIRECTOR,
        severity=LOST,
        title="The director of VS-NAT does not have the real servers' gateway",
        why="The real servers answer through an address that is nobody's, or another "
        "director's, which cannot translate these answers: connections hang, as soon as "
        "the real servers have forgotten who had it.",
        cure="Give the director that has the VIP the gateway, too. Of two directors it is "
        "keepalived's to give, in the VIP's own vrrp_instance "
        "(`contrib/keepalived/nat-dirA.conf`); a single one has it by `addresses` in "
        "`[machine]` and `monlvs director apply`. Of a router that is the gateway nothing "
        "is said while it answers for it.",
    ),
    Entry(
        name="gateway-without-vip",
        where=Where.DIRECTOR,
        severity=LOST,
        title="A director in waiting has the gateway of VS-NAT's real servers",
        why="The real servers' answers come to it, and not to the director that has the "
        "VIP and alone can translate them: connections hang.",
        cure="Take it from this director, and have keepalived give it in the VIP's own "
        "vrrp_instance (`contrib/keepalived/nat-dirA.conf`): one director has both or "
        "neither.",
    ),
    Entry(
        name="gateway-not-director",
        where=Where.SERVER,
        severity=LOST,
        title="A real server of VS-NAT answers through another gateway",
        why="Its answers do not come by the director, which alone can translate them: "
        "the client gets a packet from an address that it never asked, and resets.",
        cure="The default gateway of VS-NAT's real servers is the director's address in "
        "their network.",
    ),
    Entry(
        name="answers-bypass-director",
        where=Where.SERVER,
        severity=LOST,
        title="A real server of VS-NAT answers clients directly",
        why="It has a way of its own to these clients (an address or a route in their "
        "network), so that answers do not come by the director, which alone can "
        "translate them.",
        cure="Take the second way from the real server, or route the clients' network "
        "through the director; clients in the real servers' own network need VS-DR.",
    ),
    Entry(
        name="client-beside-servers",
        where=Where.DIRECTOR,
        severity=RISK,
        title="Clients of VS-NAT in the real servers' own network",
        why="Real servers answer their neighbours directly and not through the "
        "director; the client gets a packet from an address that it never asked.",
        cure="Route these clients through the director on every real server "
        "(`monlvs director realserver audit` says which do not), or use VS-DR.",
    ),
    Entry(
        name="tunnel-missing",
        where=Where.SERVER,
        severity=LOST,
        title="No device takes packets out of the tunnel",
        why="What the director wraps is not unwrapped: the real server answers each "
        "packet with `protocol unreachable`, or with nothing.",
        cure="`modprobe ipip` and set tunl0 up; for GRE and GUE, the devices that the "
        "finding names.",
    ),
    Entry(
        name="tunnel-down",
        where=Where.SERVER,
        severity=LOST,
        title="The tunnel's device is down",
        why="What the director wraps is not unwrapped: connections hang.",
        cure="`ip link set tunl0 up`.",
    ),
    Entry(
        name="gue-port-missing",
        where=Where.SERVER,
        severity=LOST,
        title="The kernel does not unwrap GUE at the port that the director sends to",
        why="The packets arrive at a UDP port where nobody is: connections hang.",
        cure="`modprobe fou` and `ip fou add port PORT gue`.",
    ),
    Entry(
        name="tunnel-mtu",
        where=Where.SERVER,
        severity=RISK,
        title="Full packets do not fit into the tunnel",
        why="The director asks clients for smaller packets by ICMP; behind a firewall "
        "that drops ICMP, uploads hang while small requests work.",
        cure="Let the real server ask for smaller segments, for its answers from the VIP "
        "alone: `monlvs director realserver prepare` does, and so does rc.ipvs_tunserver "
        "of `monlvs director rc-scripts`. By hand, `advmss` on its route to the clients "
        "does it for all that it sends. Or let the wire between director and real server "
        "carry larger packets.",
    ),
)
