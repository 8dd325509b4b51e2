"""A real server's answers: whether they find the clients, and the right way; pure."""

from collections.abc import Iterable, Iterator
from ipaddress import ip_network
from typing import Final

from monlvs.director.audit.catalogue import found
from monlvs.director.audit.clients import ANYWHERE, Client
from monlvs.director.audit.duties import Duty
from monlvs.director.audit.holding import Server
from monlvs.director.audit.lvs import Lvs
from monlvs.director.audit.passage import STRICT, hides_clients, unfiltering
from monlvs.director.audit.sight import Question, Sight, Way
from monlvs.director.machine.commands import making
from monlvs.director.machine.findings import Finding
from monlvs.director.machine.roles import gateway_of
from monlvs.director.machine.settings import Route
from monlvs.model.lvs import Forwarding
from monlvs.model.values import Address

_EVERYWHERE: Final = {4: ip_network("0.0.0.0/0"), 6: ip_network("::/0")}


def server_questions(
    duties: Iterable[Duty], clients: tuple[Client, ...]
) -> Iterator[Question]:
    """List the ways that are to be asked for on a real server."""
    for duty in duties:
        vip = _client_side(duty)
        yield ANYWHERE[vip.version], duty.address if duty.translated else None
        for client in clients:
            if client.address.version == vip.version:
                yield client.address, _source(duty)
                yield client.address, None


def answers(lvs: Lvs, server: Server) -> Iterator[Finding]:
    """Find answers that are lost, and requests that are dropped for their sake."""
    for duty in server.duties:
        vip = _client_side(duty)
        source = _source(duty)
        if not server.sight.has(source):
            continue  # found elsewhere
        for client in lvs.clients:
            if client.address.version == vip.version:
                yield from _answer(lvs, server, duty, client)
        yield from _speaks(lvs, server, vip)


def _client_side(duty: Duty) -> Address:
    """Name an address of the family that clients speak."""
    return duty.address if duty.vip is None else duty.vip


def _source(duty: Duty) -> Address:
    return duty.address if duty.translated else _client_side(duty)


def _answer(lvs: Lvs, server: Server, duty: Duty, client: Client) -> Iterator[Finding]:
    source = _source(duty)
    way = server.sight.ways.get((client.address, source))
    if way is None:
        yield _no_route(lvs, server, duty, client)
        return
    if way.local:
        return
    if duty.translated and not hides_clients(lvs, duty):
        past = list(_past_director(lvs, server, duty, client, way))
        yield from past
        if past:
            return
    if client.address.version == 4:
        yield from _filtered(server, duty, client, way)


def _no_route(lvs: Lvs, server: Server, duty: Duty, client: Client) -> Finding:
    source = _source(duty)
    fix = []
    gateway = gateway_of(duty.address, lvs.config, lvs.director.around)
    if duty.translated and gateway is not None:
        everywhere = _EVERYWHERE[source.version]
        fix = [making(Route(to=everywhere, via=gateway))]
    what = f"it has no route from {source} to {client}"
    return found("no-route-to-clients", server.name, what, fix=fix)


def _past_director(
    lvs: Lvs, server: Server, duty: Duty, client: Client, way: Way
) -> Iterator[Finding]:
    near = lvs.director.ways.get((duty.address, None))
    if near is None or near.gateway is not None:
        return  # routers in between, which are not looked at
    if not lvs.machine.gateway and not any(map(lvs.director.has, lvs.vips)):
        return  # a director in waiting: the other one has the gateway's address
    gateways = {*lvs.director.addresses(), *lvs.machine.gateway}
    if way.gateway in gateways:
        return
    wanted = gateway_of(duty.address, lvs.config, lvs.director.around)
    usual = server.sight.ways.get((ANYWHERE[client.address.version], duty.address))
    if way.gateway is None or (usual is not None and usual.gateway in gateways):
        past = (
            f"directly by {way.device}" if way.gateway is None else f"by {way.gateway}"
        )
        what = f"it answers {client} {past}, not by the director"
        fix = list(_without(server.sight, client))
        yield found("answers-bypass-director", server.name, what, fix=fix)
        return
    what = f"its gateway to {client} is {way.gateway}, not the director"
    fix = []
    if wanted is not None:
        what += f" ({wanted})"
        fix = [making(Route(to=_EVERYWHERE[wanted.version], via=wanted))]
    yield found("gateway-not-director", server.name, what, fix=fix)


def _without(sight: Sight, client: Client) -> Iterator[str]:
    """Spell how the second way goes; a network of its own is for people to leave."""
    route = sight.around.route(client.address)
    if route is not None and route.via is not None and route.to.prefixlen:
        six = " -6" if route.to.version == 6 else ""
        yield f"ip{six} route del {route.to} via {route.via}"


def _filtered(
    server: Server, duty: Duty, client: Client, way: Way
) -> Iterator[Finding]:
    """Find a reverse path filter that drops the client's packets."""
    sight = server.sight
    tunnelled = duty.method is Forwarding.TUNNEL
    for link in sight.links:
        if tunnelled:
            arrives = link.kind in ("ipip", "gre") and link.up
        else:
            arrives = any(held.interface.ip == duty.address for held in link.held)
        if not arrives or link.name == way.device:
            continue
        if sight.greater("rp_filter", link.name) == STRICT:
            what = (
                f"rp_filter is 1 on {link.name}, and answers to {client} go by "
                f"{way.device}"
            )
            yield found(
                "rp-filter", server.name, what, fix=unfiltering(sight, link.name)
            )


def _speaks(lvs: Lvs, server: Server, vip: Address) -> Iterator[Finding]:
    for client in lvs.clients:
        way = server.sight.ways.get((client.address, None))
        if way is not None and not way.local and way.source in lvs.vips:
            what = f"what it sends to {client} comes from {way.source}"
            if way.source == vip:
                yield found("server-speaks-as-vip", server.name, what)
                return
