"""A real server's VIP: whether it has it, and whether it keeps silent about it; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_interface
from typing import Final

from monlvs.director.audit import rules
from monlvs.director.audit.catalogue import found
from monlvs.director.audit.duties import Duty
from monlvs.director.audit.sight import Held, Link, Sight
from monlvs.director.machine.commands import making, unmaking
from monlvs.director.machine.findings import Finding
from monlvs.director.machine.settings import (
    DeviceAddress,
    LinkUp,
    Setting,
    Sysctl,
    sysctl_device,
)
from monlvs.director.machine.state import State, holds
from monlvs.model.values import Address

_PORTABLE: Final = 2
"""Of arp_announce: always an address of the device itself."""
_SCOPED, _NEVER = 3, 8
_QUIET: Final = ("arp_ignore", "arp_announce")
TUNNELS: Final = ("ipip", "sit", "gre", "ip6tnl", "ip6gre")
"""Kinds of devices that packets come out of a tunnel by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A real server that is looked at."""

    name: str
    """As it was called."""
    addresses: tuple[Address, ...]
    """By which the configuration knows it."""
    sight: Sight
    duties: tuple[Duty, ...]
    """Its own."""
    wanted: tuple[Setting, ...] = ()
    """What the configuration wants of it."""


def needed_vips(server: Server) -> tuple[Address, ...]:
    """List the VIPs whose packets it is given as they are."""
    vips = (duty.vip for duty in server.duties if not duty.translated)
    return tuple(dict.fromkeys(vip for vip in vips if vip is not None))


def _wanted(server: Server, vip: Address) -> DeviceAddress | None:
    """Say how it is to have the VIP; None: it needs none."""
    if vip not in needed_vips(server):
        return None
    stated = (
        each
        for each in server.wanted
        if isinstance(each, DeviceAddress) and each.interface.ip == vip
    )
    plain = DeviceAddress(interface=ip_interface(vip), device="lo", virtual=True)
    return next(stated, plain)


def _quietening(server: Server, vip: Address) -> list[str]:
    """Spell what has to come before a VIP: with it alone the machine would answer."""
    state = State(sysctls=server.sight.sysctls)
    return [
        making(each)
        for each in server.wanted
        if isinstance(each, Sysctl)
        and each.name.endswith(_QUIET)
        and vip.version == 4
        and not holds(each, state)
    ]


def presence(server: Server) -> Iterator[Finding]:
    """Find VIPs that it needs and does not have, or not well."""
    for vip in needed_vips(server):
        holders = list(server.sight.holding(vip))
        if any(link.kind in TUNNELS and not link.up for link, _ in holders):
            continue  # the tunnel is what is wrong
        refused = list(unusable(server.name, vip, holders, _wanted(server, vip)))
        yield from refused
        if refused:
            continue
        if holders or server.sight.has(vip):
            yield from _spread(server, vip, holders)
        elif not rules.takes_over(server.sight.rules, vip):
            wanted = _wanted(server, vip)
            fix = [] if wanted is None else [*_quietening(server, vip), making(wanted)]
            yield found("vip-missing", server.name, f"{vip} is on no device", fix=fix)


def unusable(
    name: str,
    vip: Address,
    holders: Sequence[tuple[Link, Held]],
    wanted: DeviceAddress | None = None,
) -> Iterator[Finding]:
    """Find a VIP that is on a device and yet not in use, on whichever machine.

    `wanted`: how the machine ought to have it; None: as it has it.
    """
    if any(_works(link, held) for link, held in holders):
        return
    for link, held in holders:
        device = link.name
        again = DeviceAddress(interface=held.interface, device=device, virtual=True)
        if held.dad_failed:
            fix = [unmaking(again) or "", making(wanted or again)]
            what = f"{vip} on {device} is refused: dadfailed"
            yield found("vip-dad-failed", name, what, fix=fix)
        elif not link.up:
            fix = [making(LinkUp(device=device))]
            what = f"{vip} is on {device}, which is down"
            yield found("vip-device-down", name, what, fix=fix)
        elif not link.carrier:
            what = f"{vip} is on {device}, which has no carrier"
            yield found("vip-device-down", name, what)
        else:
            what = f"{vip} on {device} is tentative"
            yield found("vip-tentative", name, what)


def silence(
    server: Server, vips: Sequence[Address], quiet: frozenset[Address]
) -> Iterator[Finding]:
    """Find what lets it answer for VIPs, or ask in their name.

    What it was seen to be `quiet` about is believed, whatever keeps it so.
    """
    sight = server.sight
    for vip in vips:
        holders = list(sight.holding(vip))
        if any(held.dad_failed or held.tentative for _, held in holders):
            continue
        if not holders and not sight.has(vip):
            continue
        for wire in sight.wires(vip):
            there = next(
                (held for link, held in holders if link.name == wire.name), None
            )
            if there is not None:
                yield from _on_wire(server, vip, wire, there)
            elif vip.version == 4:
                yield from _arp(server, vip, wire, holders, silent=vip in quiet)


def _works(link: Link, held: Held) -> bool:
    return link.up and link.carrier and not held.dad_failed and not held.tentative


def _spread(
    server: Server, vip: Address, holders: Sequence[tuple[Link, Held]]
) -> Iterator[Finding]:
    """On lo the kernel takes a whole network for its own; on a tunnel's device, for
    neighbours there."""
    elsewhere = {link.name for link in server.sight.wires(vip)}
    for link, held in holders:
        full = held.interface.network.num_addresses == 1
        if full or link.name in elsewhere or not (link.loopback or elsewhere):
            continue
        old = DeviceAddress(interface=held.interface, device=link.name, virtual=True)
        new = DeviceAddress(interface=ip_interface(vip), device=link.name, virtual=True)
        yield found(
            "vip-prefix",
            server.name,
            f"{held.interface} is on {link.name}: all of {held.interface.network} "
            "seems to be there",
            fix=[unmaking(old) or "", making(new)],
        )


def _on_wire(
    server: Server, vip: Address, wire: Link, there: Held
) -> Iterator[Finding]:
    if vip.version == 4 and server.sight.greater("arp_ignore", wire.name) == _NEVER:
        return
    old = DeviceAddress(interface=there.interface, device=wire.name, virtual=True)
    fix = [unmaking(old) or ""]
    bare = replace(server, wanted=())
    new = _wanted(server, vip)
    if new is not None and new.device == wire.name:  # it is wanted as it is
        new = _wanted(bare, vip)
    if new is not None:
        fix += [*_quietening(server, vip), making(new)]
    what = f"{vip} is on {wire.name}, which answers for it"
    yield found("vip-on-wire", server.name, what, fix=fix)


def _arp(
    server: Server,
    vip: Address,
    wire: Link,
    holders: Sequence[tuple[Link, Held]],
    *,
    silent: bool,
) -> Iterator[Finding]:
    ignore = server.sight.greater("arp_ignore", wire.name)
    scopes = {held.scope for _, held in holders}
    answers = ignore not in (1, 2, _NEVER) and not (
        ignore == _SCOPED and scopes == {"host"}
    )
    if answers and not silent:
        yield found(
            "arp-ignore",
            server.name,
            f"arp_ignore is {ignore} on {wire.name}: it answers for {vip}",
            fix=_for_all(server.sight, wire, "arp_ignore", 1),
        )
    announce = server.sight.greater("arp_announce", wire.name)
    if announce < _PORTABLE:
        yield found(
            "arp-announce",
            server.name,
            f"arp_announce is {announce} on {wire.name}: it asks in the name of {vip}",
            fix=_for_all(server.sight, wire, "arp_announce", _PORTABLE),
        )


def _for_all(sight: Sight, wire: Link, variable: str, value: int) -> list[str]:
    """Spell what sets it; a greater value of the device's own would count."""
    names = ["all"]
    if sight.number(variable, wire.name) > value:
        names.append(sysctl_device(wire.name))
    settings = (
        Sysctl(name=f"net.ipv4.conf.{name}.{variable}", value=str(value))
        for name in names
    )
    return [making(each) for each in settings]
