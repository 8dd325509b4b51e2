"""A real server of VS-TUN: whether it takes packets out of the tunnel; pure."""

from collections.abc import Iterator

from monlvs.director.audit import rules
from monlvs.director.audit.catalogue import found
from monlvs.director.audit.clients import Client
from monlvs.director.audit.duties import Duty
from monlvs.director.audit.holding import Server
from monlvs.director.audit.lvs import Lvs
from monlvs.director.audit.sight import Link
from monlvs.director.machine.commands import making
from monlvs.director.machine.findings import Finding
from monlvs.director.machine.record import route_words
from monlvs.director.machine.segments import ETHERNET, overhead, segment
from monlvs.director.machine.settings import GuePort, LinkUp, Module, TunnelDevice
from monlvs.model.lvs import Forwarding, Listener, Protocol, TunnelType


def unwraps(lvs: Lvs, server: Server) -> Iterator[Finding]:
    """Find tunnels that end nowhere."""
    for duty in server.duties:
        if duty.method is Forwarding.TUNNEL:
            yield from _device(lvs, server, duty)
            yield from _port(server, duty)
            yield from _room(lvs, server, duty)


def _kind(duty: Duty) -> tuple[str, str, str]:
    """Name the kind of device that unwraps, the kernel's own one, and its module."""
    outer = duty.address.version
    inner = outer if duty.vip is None else duty.vip.version
    match duty.tunnel.type, outer, inner:
        case TunnelType.GRE, 6, _:
            return "ip6gre", "ip6gre0", "ip6_gre"
        case TunnelType.GRE, _, _:
            return "gre", "gre0", "ip_gre"
        case _, 6, _:
            return "ip6tnl", "ip6tnl0", "ip6_tunnel"
        case _, _, 6:
            return "sit", "sit0", "sit"
        case _:
            return "ipip", "tunl0", "ipip"


def _device(lvs: Lvs, server: Server, duty: Duty) -> Iterator[Finding]:
    kind, device, module = _kind(duty)
    ours = lvs.director.addresses()
    there = [
        link
        for link in server.sight.links
        if link.kind == kind
        and link.local in (None, duty.address)
        and (link.remote is None or link.remote in ours)
    ]
    if not there:
        yield found(
            "tunnel-missing",
            server.name,
            f"no device takes {kind} out of what comes for {duty.address}",
            fix=_as_wanted(server)
            or [making(Module(name=module)), making(LinkUp(device=device))],
        )
    elif not any(link.up for link in there):
        name = there[0].name
        yield found(
            "tunnel-down",
            server.name,
            f"{name} is down",
            fix=[making(LinkUp(device=name))],
        )


def _as_wanted(server: Server) -> list[str]:
    """Spell how its tunnels are to end."""
    return [
        making(each)
        for each in server.wanted
        if isinstance(each, Module | TunnelDevice)
        or (isinstance(each, LinkUp) and each.device != "lo")
    ]


def _port(server: Server, duty: Duty) -> Iterator[Finding]:
    port = duty.tunnel.port
    if duty.tunnel.type is TunnelType.GUE and port not in server.sight.gue_ports:
        wanted = GuePort(port=port, version=duty.address.version)
        yield found(
            "gue-port-missing",
            server.name,
            f"nothing unwraps GUE at UDP port {port}",
            fix=[making(Module(name="fou")), making(wanted)],
        )


def _room(lvs: Lvs, server: Server, duty: Duty) -> Iterator[Finding]:
    """Find segments that are larger than what the tunnel has room for."""
    if not (isinstance(duty.key, Listener) and duty.key.protocol is Protocol.TCP):
        return
    vip = duty.key.address
    over = overhead(duty.tunnel, duty.address.version)
    room = min(_mtu(lvs.director.link(_towards(lvs, duty))), _mtu(_home(server, duty)))
    largest = min([ETHERNET, *(link.mtu for link, _ in lvs.director.holding(vip))])
    if room >= largest + over or rules.clamps(server.sight.rules):
        return
    if rules.clamps(lvs.director.rules):
        return
    allowed = segment(room - over, vip)
    for client in lvs.clients:
        way = server.sight.ways.get((client.address, vip))
        if way is not None and not way.local and (way.advmss or ETHERNET) > allowed:
            what = (
                f"of {room} bytes {over} are the tunnel's, and it asks {client} for "
                f"segments of more than {allowed}"
            )
            if server.sight.rules is None:
                what += ", unless one of its rules lowers that: they were not read (as root?)"
            fix = _smaller(server, client, allowed)
            yield found("tunnel-mtu", server.name, what, fix=fix)
            return


def _towards(lvs: Lvs, duty: Duty) -> str:
    way = lvs.director.ways.get((duty.address, None))
    return "" if way is None else way.device


def _home(server: Server, duty: Duty) -> Link | None:
    return next((link for link, _ in server.sight.holding(duty.address)), None)


def _mtu(link: Link | None) -> int:
    return ETHERNET if link is None else link.mtu


def _smaller(server: Server, client: Client, segment: int) -> Iterator[str]:
    """Spell the route to the client with a limit."""
    route = server.sight.around.route(client.address)
    if route is None:
        return
    way = server.sight.ways.get((client.address, None))
    six = " -6" if route.to.version == 6 else ""
    source = f" src {way.source}" if way is not None and way.source is not None else ""
    yield f"ip{six} route change {route_words(route)}{source} advmss {segment}"
