"""Machines as audits see them, made for tests; a small router answers for the kernel."""

from dataclasses import replace
from ipaddress import ip_address, ip_interface, ip_network

from monlvs.director.audit.answering import server_questions
from monlvs.director.audit.clients import clients_of
from monlvs.director.audit.director import audit_director
from monlvs.director.audit.duties import duties_of
from monlvs.director.audit.lvs import Lvs
from monlvs.director.audit.passage import director_questions
from monlvs.director.audit.server import audit_server, server_of
from monlvs.director.audit.sight import Held, Link, Sight, Socket, Way
from monlvs.director.machine.settings import Route
from monlvs.model.lvs import (
    Entry,
    Forwarding,
    Listener,
    Pool,
    Protocol,
    RealServer,
    VirtualService,
)
from tests.director.machine.test_director_side import read, service

VIP = "192.168.1.110"
DR = service(f"{VIP}:80", "dr", "192.168.1.2", "192.168.1.3")
TUN = service(f"{VIP}:80", "tun", "192.168.1.2", "192.168.1.3")
NAT = service(f"{VIP}:80", "nat", "10.1.1.2", "10.1.1.3")
ONE_NET = service(f"{VIP}:80", "nat", "192.168.1.2")
DR6 = service("[fd00:1::110]:80", "dr", "fd00:1::2")


def held(word, **more):
    return Held(interface=ip_interface(word), **more)


def link(name, *addresses, **more):
    return Link(
        name=name,
        held=tuple(held(a) if isinstance(a, str) else a for a in addresses),
        **more,
    )


def lo(*addresses):
    return link("lo", held("127.0.0.1/8", scope="host"), *addresses, loopback=True)


def route(to, via=None, device="eth0"):
    return Route(
        to=ip_network(to), via=None if via is None else ip_address(via), device=device
    )


def sight(*links, routes=(), sysctls=None, listening=(), **more):
    """A machine: what it takes for its own and its connected routes follow."""
    connected = [
        Route(to=each.interface.network, device=link.name)
        for link in links
        for each in link.held
        if link.up and not link.loopback and each.interface.network.num_addresses > 1
    ]
    own = [
        each.interface.network if link.loopback else ip_network(each.interface.ip)
        for link in links
        if link.up
        for each in link.held
        if not (each.tentative or each.dad_failed)
    ]
    return Sight(
        links=links,
        routes=(*connected, *routes),
        own=tuple(own),
        sysctls={"net.ipv4.ip_forward": "0", **(sysctls or {})},
        sockets=tuple(map(socket, listening)),
        **more,
    )


def socket(word):
    """`*:80`, `192.168.1.2:80`, `udp 0.0.0.0:53`."""
    kind, _, place = word.rpartition(" ")
    host, _, port = place.rpartition(":")
    return Socket(
        protocol=Protocol[(kind or "tcp").upper()],
        address=None if host == "*" else ip_address(host.strip("[]")),
        port=int(port),
    )


def asked(machine, questions):
    """The machine with the kernel's answers to `questions`."""
    ways = {}
    for to, source in questions:
        found = _way(machine, to, source)
        if found is not None:
            ways[to, source] = found
    return replace(machine, ways={**ways, **machine.ways})


def _way(machine, to, source):
    if source is not None and not machine.has(source):
        return None
    if machine.has(to):
        return Way(device="lo", local=True, source=to)
    found = machine.around.route(to)
    if found is None:
        return None
    device = machine.link(found.device)
    mine = (
        each.interface for each in device.held if each.interface.version == to.version
    )
    near = [each.ip for each in mine if (found.via or to) in each.network]
    return Way(
        device=found.device,
        gateway=found.via,
        source=None if source is not None else next(iter(near), None),
    )


def lvs(text, director, *, named=(), known=(), **more):
    config = read(text)
    made = Lvs(config=config, duties=duties_of(config), director=director, **more)
    clients = clients_of(
        director,
        made.machine,
        made.vips,
        [duty.address for duty in made.duties],
        [ip_address(each) for each in named],
        [ip_address(each) for each in known],
    )
    made = replace(made, clients=clients)
    return replace(made, director=asked(director, director_questions(made)))


def director_findings(text, director, **more):
    return audit_director(lvs(text, director, **more))


def server_findings(text, director, address, server, **more):
    whole = lvs(text, director, **more)
    made = server_of("rs", [ip_address(address)], server, whole)
    seen = asked(server, server_questions(made.duties, whole.clients))
    return audit_server(whole, replace(made, sight=seen))


def names(findings):
    return [finding.name for finding in findings]


FORWARDS = {
    "net.ipv4.ip_forward": "1",
    "net.ipv4.conf.eth1.forwarding": "1",
    "net.ipv6.conf.all.forwarding": "1",
}
POLICY = {
    "net.ipv4.vs.expire_nodest_conn": "1",
    "net.ipv4.vs.expire_quiescent_template": "1",
    "net.ipv4.vs.conn_reuse_mode": "1",
}
OUTSIDE = link("eth0", "192.168.1.1/24", f"{VIP}/32")
INSIDE = link("eth1", "10.1.1.1/24")
DEFAULT = route("0.0.0.0/0", "192.168.1.254")
MACHINE = "[machine]\n"
LISTENER = Listener(Protocol.TCP, ip_address(VIP), 80)
DIRECTOR6 = link("eth0", "fd00:1::1/64", held("fd00:1::110/128", deprecated=True))


def outside(*addresses, **more):
    return link("eth0", *addresses, **more)


def dr(eth0=OUTSIDE, *more, **settings):
    return sight(lo(), eth0, *more, **settings)


def nat(eth0=OUTSIDE, eth1=INSIDE, *, sysctls=None, **settings):
    return sight(lo(), eth0, eth1, sysctls={**FORWARDS, **(sysctls or {})}, **settings)


def pool(*servers, forwarding=Forwarding.ROUTE, weight=1):
    made = [RealServer(ip_address(host), port) for host, port in servers]
    return Pool(
        service=VirtualService(key=LISTENER),
        entries={
            each: Entry(server=each, forwarding=forwarding, weight=weight)
            for each in made
        },
    )
