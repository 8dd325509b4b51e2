"""Findings about the VIP: who has it, and who answers for it."""

from typing import Final

from monlvs.director.audit.catalogue.entry import LOST, RISK, Entry, Where

ENTRIES: Final = (
    Entry(
        name="vip-missing",
        where=Where.EITHER,
        severity=LOST,
        title="The machine does not have the VIP",
        why="Packets for the VIP are not its own to it: it forwards or drops them. On a "
        "real server that is every connection it is given (VS-DR, VS-TUN); on the "
        "director, all of them.",
        cure="Give it the VIP: on the director to the clients' device, on a real server "
        "of VS-DR to lo, of VS-TUN to tunl0, with a prefix of full length and "
        "arp_ignore and arp_announce set first: "
        "`monlvs director apply` (with [machine]) and `monlvs director realserver prepare` "
        "do so.",
    ),
    Entry(
        name="vip-device-down",
        where=Where.EITHER,
        severity=LOST,
        title="The VIP's device is down, or its cable is out",
        why="An address of a device that is down is nobody's: packets for it are dropped.",
        cure="Set the device up; look at its cable and at the switch's port.",
    ),
    Entry(
        name="vip-device",
        where=Where.DIRECTOR,
        severity=RISK,
        title="The VIP is on another device than its network's, or than configured",
        why="It is answered for only by courtesy of the kernel (arp_ignore = 0), and "
        "when a director takes over it tells the wrong wire.",
        cure="Move the VIP to the clients' device, or state the device in "
        "`[machine]` where it is meant to be so.",
    ),
    Entry(
        name="vip-prefix",
        where=Where.EITHER,
        severity=LOST,
        title="The VIP's prefix takes in machines that are elsewhere",
        why="The machine takes the whole network of the prefix for its own (lo) or for "
        "neighbours on the VIP's device, and its answers to clients there are lost.",
        cure="Give the VIP a prefix of full length, /32 or /128.",
    ),
    Entry(
        name="vip-dad-failed",
        where=Where.EITHER,
        severity=LOST,
        title="Another machine had the IPv6 VIP first",
        why="The kernel found the address in use (duplicate address detection) and "
        "does not use it: nothing for the VIP is taken.",
        cure="Find the other machine (a real server with the VIP on its wire, another "
        "director), take the VIP from it; delete the VIP here and add it again, on "
        "real servers on lo, with `nodad`.",
    ),
    Entry(
        name="vip-tentative",
        where=Where.EITHER,
        severity=LOST,
        title="The IPv6 VIP is not in use yet",
        why="The kernel still asks whether somebody else has the address, for a second "
        "after it was added and for as long as the device has no carrier; until then "
        "nothing for the VIP is taken.",
        cure="Look again after two seconds. To have no pause, add VIPs with `nodad`.",
    ),
    Entry(
        name="vip-silent",
        where=Where.DIRECTOR,
        severity=LOST,
        title="The director does not answer when clients ask who has the VIP",
        why="Routers and clients ask by ARP and hear nothing: no packet comes.",
        cure="On the director the VIP belongs on the clients' device; arp_ignore is for "
        "real servers, and 0 here.",
    ),
    Entry(
        name="vip-claimed",
        where=Where.DIRECTOR,
        severity=LOST,
        title="Another machine answers for the VIP",
        why="Who asks by ARP takes the answer that comes last: clients come and go "
        "between two machines.",
        cure="Find the machine by its hardware address (the switch knows its port). A "
        "second director holds the VIP only while this one does not.",
    ),
    Entry(
        name="answers-for-vip",
        where=Where.SERVER,
        severity=LOST,
        title="A real server answers when clients ask who has the VIP",
        why="The HOWTO's ARP problem: clients talk to that real server alone, past the "
        "director, until it fails; then the VIP is gone for them.",
        cure="Set arp_ignore = 1 and arp_announce = 2 for all its devices, have the VIP "
        "on lo (VS-TUN: tunl0). Routers remember the wrong answer for a while: "
        "`monlvs daemon` announces the VIP when it takes it; `ip neigh flush` there "
        "is quicker.",
    ),
    Entry(
        name="vip-on-wire",
        where=Where.SERVER,
        severity=LOST,
        title="A real server has the VIP on a device of the wire",
        why="It answers when clients ask who has the VIP, and they talk to it alone, "
        "past the director. arp_ignore does not help there.",
        cure="Move the VIP to lo (VS-TUN: tunl0).",
    ),
    Entry(
        name="arp-ignore",
        where=Where.SERVER,
        severity=LOST,
        title="A real server's arp_ignore lets it answer for the VIP",
        why="The HOWTO's ARP problem: with 0 it answers for every address that it has, "
        "on lo, too. Clients talk to it alone, past the director.",
        cure="net.ipv4.conf.all.arp_ignore = 1, before the VIP is added.",
    ),
    Entry(
        name="arp-announce",
        where=Where.SERVER,
        severity=RISK,
        title="A real server's arp_announce lets it ask in the VIP's name",
        why="When it asks for its router, it gives the VIP as its own address; the "
        "router remembers that, and sends it what is meant for the director.",
        cure="net.ipv4.conf.all.arp_announce = 2.",
    ),
    Entry(
        name="vip-as-source",
        where=Where.DIRECTOR,
        severity=LOST,
        title="The director's own packets to real servers come from the VIP",
        why="Real servers of VS-DR and VS-TUN have the VIP themselves, and keep their "
        "answers: every check fails, and all real servers are taken out.",
        cure="Let the device's own address come first: add the VIP after it, with a "
        "prefix of full length; IPv6 with `preferred_lft 0`.",
    ),
    Entry(
        name="server-speaks-as-vip",
        where=Where.SERVER,
        severity=RISK,
        title="A real server's own connections come from the VIP",
        why="The answers to what it asks others (name servers, databases) go to the "
        "director, not to it.",
        cure="IPv6: add the VIP with `preferred_lft 0`, so that it is no source. IPv4: "
        "give the device an address of its own.",
    ),
)
