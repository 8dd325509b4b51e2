"""The director's way to real servers and back to clients; pure."""

from collections.abc import Iterable, Iterator
from typing import Final

from monlvs.director.audit import rules
from monlvs.director.audit.catalogue import DIRECTOR, found
from monlvs.director.audit.clients import ANYWHERE
from monlvs.director.audit.duties import Duty
from monlvs.director.audit.lvs import Lvs
from monlvs.director.audit.sight import Question, Sight
from monlvs.director.machine.commands import making
from monlvs.director.machine.director_side import device_of_vip
from monlvs.director.machine.findings import Finding, Severity
from monlvs.director.machine.settings import Sysctl, sysctl_device
from monlvs.model.lvs import Forwarding
from monlvs.model.values import Address

_MOST_TOLD: Final = 8
STRICT: Final = 1
"""Of rp_filter; 2 is loose."""


def director_questions(lvs: Lvs) -> Iterator[Question]:
    """List the ways that are to be asked for on the director."""
    for duty in lvs.duties:
        yield duty.address, None
    for client in lvs.clients:
        yield client.address, None
    for anywhere in ANYWHERE.values():
        yield anywhere, None


def passages(lvs: Lvs) -> Iterator[Finding]:
    """Find what does not come through."""
    yield from _routes(lvs)
    yield from _answers(lvs)
    yield from _forwarding(lvs)
    yield from _redirects(lvs)
    yield from _filters(lvs)
    yield from _neighbours(lvs)


def hides_clients(lvs: Lvs, duty: Duty) -> bool:
    """Whether a rule gives clients' packets the director's own address on their way to
    a real server, which then answers the director wherever it is."""
    director = lvs.director
    if director.sysctls.get("net.ipv4.vs.conntrack", "0") == "0":
        return False
    return any(
        _meant(lvs, duty, rule) for rule in rules.translations(director.rules or "")
    )


def _meant(lvs: Lvs, duty: Duty, rule: rules.Translation) -> bool:
    way = lvs.director.ways.get((duty.address, None))
    if way is None or rule.device not in (None, way.device):
        return False
    return rule.source is None or any(
        client.address in rule.source for client in lvs.clients
    )


def _routes(lvs: Lvs) -> Iterator[Finding]:
    """Tell servers together that have the same wrong with them."""
    unreached: list[Address] = []
    behind: dict[Address, list[Address]] = {}
    posing: dict[Address, list[Address]] = {}
    for duty in lvs.remote():
        way = lvs.director.ways.get((duty.address, None))
        if way is None:
            unreached.append(duty.address)
        elif duty.method is Forwarding.ROUTE and way.gateway is not None:
            behind.setdefault(way.gateway, []).append(duty.address)
        elif not duty.translated and way.source is not None and way.source in lvs.vips:
            posing.setdefault(way.source, []).append(duty.address)
    if unreached:
        what = f"there is no route to {listed(unreached)}"
        yield found("no-route-to-server", DIRECTOR, what)
    for gateway, servers in behind.items():
        what = f"{listed(servers)} (VS-DR) is behind {gateway}"
        yield found("server-behind-gateway", DIRECTOR, what)
    for vip, servers in posing.items():
        what = f"what is sent to {listed(servers)} comes from {vip}"
        yield found("vip-as-source", DIRECTOR, what)


def _answers(lvs: Lvs) -> Iterator[Finding]:
    """Only VS-NAT's answers come by the director."""
    if not any(duty.translated for duty in lvs.remote()):
        return
    for client in lvs.clients:
        if (client.address, None) not in lvs.director.ways:
            what = f"there is no route to {client}"
            yield found("no-route-to-clients", DIRECTOR, what)


def listed(addresses: Iterable[Address]) -> str:
    """Name them, each once, and not all of many."""
    told = list(dict.fromkeys(map(str, addresses)))
    more = f" and {len(told) - _MOST_TOLD} more" if len(told) > _MOST_TOLD else ""
    return f"{', '.join(told[:_MOST_TOLD])}{more}"


def _forwarding(lvs: Lvs) -> Iterator[Finding]:
    """Answers come by the real servers' device: there it must forward."""
    for duty in lvs.remote():
        way = lvs.director.ways.get((duty.address, None))
        if not duty.translated or way is None:
            continue
        names = ["net.ipv6.conf.all.forwarding"]
        if duty.address.version == 4:
            device = sysctl_device(way.device)
            names = ["net.ipv4.ip_forward", f"net.ipv4.conf.{device}.forwarding"]
        off = [name for name in names if lvs.director.sysctls.get(name) == "0"]
        if off:
            fix = [making(Sysctl(name=off[0], value="1"))]
            yield found("forwarding-off", DIRECTOR, f"{off[0]} is 0", fix=fix)


def _redirects(lvs: Lvs) -> Iterator[Finding]:
    for duty in lvs.remote():
        way = lvs.director.ways.get((duty.address, None))
        if not duty.translated or duty.vip is None or duty.vip.version != 4:
            continue
        device = _device(lvs, duty.vip)
        if way is None or way.device != device:
            continue
        for name in ("all", device):
            if lvs.director.number("send_redirects", name):
                variable = f"net.ipv4.conf.{sysctl_device(name)}.send_redirects"
                fix = [making(Sysctl(name=variable, value="0"))]
                what = f"{variable} is 1, and {device} has clients and real servers"
                yield found("redirects-sent", DIRECTOR, what, fix=fix)


def _device(lvs: Lvs, vip: Address) -> str | None:
    return device_of_vip(vip, lvs.machine, lvs.director.around)


def _filters(lvs: Lvs) -> Iterator[Finding]:
    """Clients come by the VIP's device; strictly filtered, they are answered by it."""
    for vip in lvs.vips:
        device = _device(lvs, vip)
        value = 0 if device is None else lvs.director.greater("rp_filter", device)
        if vip.version != 4 or device is None or value == 0:
            continue
        for client in lvs.clients:
            if client.address.version != vip.version:
                continue
            way = lvs.director.ways.get((client.address, None))
            if way is None or way.local:
                continue
            if value == STRICT and way.device != device:
                what = (
                    f"rp_filter is 1 on {device}, and {client} would be answered by "
                    f"{way.device}"
                )
                fix = unfiltering(lvs.director, device)
                yield found("rp-filter", DIRECTOR, what, fix=fix)
        if lvs.director.around.route(ANYWHERE[4]) is None:
            what = (
                f"rp_filter is {value} on {device}, and there is no default route: "
                "clients of other networks are dropped"
            )
            fix = unfiltering(lvs.director, device, routed=False)
            yield found("rp-filter", DIRECTOR, what, fix=fix, severity=Severity.RISK)


def unfiltering(sight: Sight, device: str, *, routed: bool = True) -> tuple[str, ...]:
    """Spell what keeps rp_filter from dropping at `device`.

    The greater of the device's and that of `all` counts. Where `all` filters, 2 (loose)
    gets past it, and takes whoever there is a route to.
    """
    name = f"net.ipv4.conf.{sysctl_device(device)}.rp_filter"
    filtered = sight.number("rp_filter", "all") != 0
    if filtered and routed:
        return (making(Sysctl(name=name, value="2")),)
    names = ["net.ipv4.conf.all.rp_filter", name] if filtered else [name]
    return tuple(making(Sysctl(name=each, value="0")) for each in names)


def _neighbours(lvs: Lvs) -> Iterator[Finding]:
    for client in lvs.clients:
        near = lvs.director.around.network(client.address)
        if not client.certain or near is None:
            continue
        device, interface = near
        for duty in lvs.remote():
            if duty.translated and duty.address in interface.network:
                what = (
                    f"{client} is in {interface.network} on {device.name}, as is the "
                    f"real server {duty.address}"
                )
                yield found("client-beside-servers", DIRECTOR, what)
                break
