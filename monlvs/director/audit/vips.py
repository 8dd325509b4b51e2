"""The director's VIPs: whether it has them, and who else answers for them; pure."""

from collections.abc import Iterator, Sequence
from ipaddress import ip_interface
from typing import Final

from monlvs.director.audit.catalogue import DIRECTOR, found
from monlvs.director.audit.holding import unusable
from monlvs.director.audit.lvs import Lvs
from monlvs.director.audit.sight import Held, Link
from monlvs.director.machine.commands import making, unmaking
from monlvs.director.machine.director_side import device_of_vip
from monlvs.director.machine.findings import Finding, Severity
from monlvs.director.machine.settings import DeviceAddress, Sysctl
from monlvs.model.values import Address

_OWN_DEVICE, _NEVER = (1, 2), 8
"""Of arp_ignore (ip-sysctl): what it has elsewhere is not answered for; nothing is."""
_ANSWERED: Final = "net.ipv4.conf.all.arp_ignore"


def vips(lvs: Lvs) -> Iterator[Finding]:
    """Find VIPs that clients do not reach the director by."""
    for vip in lvs.vips:
        holders = list(lvs.director.holding(vip))
        refused = list(unusable(DIRECTOR, vip, holders))
        yield from refused
        yield from _others(lvs, vip)
        if refused:
            continue
        if holders or lvs.director.has(vip):
            yield from _prefixes(lvs, vip, holders)
            yield from _devices(lvs, vip, holders)
        elif not lvs.waits_for(vip):
            yield _missing(lvs, vip)


def _others(lvs: Lvs, vip: Address) -> Iterator[Finding]:
    if lvs.wire is None:
        return
    for server in lvs.wire.answering(vip):
        macs = ", ".join(sorted(lvs.wire.servers[server]))
        what = f"it answers for {vip}, by {macs}"
        yield found("answers-for-vip", str(server), what)
    claimants = lvs.wire.claimants(vip)
    if claimants and not lvs.waits_for(vip):
        macs = ", ".join(sorted(claimants))
        yield found("vip-claimed", DIRECTOR, f"{macs} answers for {vip}, too")


def _missing(lvs: Lvs, vip: Address) -> Finding:
    device = device_of_vip(vip, lvs.machine, lvs.director.around)
    wanted = DeviceAddress(interface=ip_interface(vip), device=device, virtual=True)
    what = f"{vip} is on no device"
    return found("vip-missing", DIRECTOR, what, fix=[making(wanted)])


def _prefixes(
    lvs: Lvs, vip: Address, holders: Sequence[tuple[Link, Held]]
) -> Iterator[Finding]:
    """A prefix is right when it is full, stated, or that of a neighbour on the device."""
    stated = {own.interface for own in lvs.machine.addresses}
    for link, held in holders:
        network = held.interface.network
        beside = {
            each.interface.network
            for each in link.held
            if each.interface.ip not in lvs.vips and vip in each.interface.network
        }
        if (
            network.num_addresses == 1
            or held.interface in stated
            or network in beside
            or not (link.loopback or beside)
        ):
            continue
        old = DeviceAddress(interface=held.interface, device=link.name, virtual=True)
        new = DeviceAddress(interface=ip_interface(vip), device=link.name, virtual=True)
        what = f"{held.interface} is on {link.name}: all of {network} seems to be there"
        fix = [unmaking(old) or "", making(new)]
        yield found("vip-prefix", DIRECTOR, what, fix=fix)


def _devices(
    lvs: Lvs, vip: Address, holders: Sequence[tuple[Link, Held]]
) -> Iterator[Finding]:
    """Where neighbours ask for the VIP it is answered for by whichever device asks, or
    by its own alone (arp_ignore)."""
    names = [link.name for link, _ in holders]
    wires = [link.name for link in lvs.director.wires(vip)]
    for wire in wires:
        ignore = lvs.director.greater("arp_ignore", wire)
        silent = ignore == _NEVER or (ignore in _OWN_DEVICE and wire not in names)
        if vip.version == 4 and silent:
            fix = [
                making(Sysctl(name=name, value="0"))
                for name in (_ANSWERED, _ANSWERED.replace("all", wire))
            ]
            what = f"arp_ignore is {ignore} on {wire}, and {vip} is on {_list(names)}"
            yield found("vip-silent", DIRECTOR, what, fix=fix)
            return
        if vip.version == 6 and wire not in names:
            what = f"{vip} is on {_list(names)}, and is asked for on {wire}"
            yield found("vip-silent", DIRECTOR, what)
            return
    stated = lvs.machine.vip_devices.get(vip) or lvs.machine.device
    right = [stated] if stated is not None else wires
    strays = [link.name for link, _ in holders if link.arp and not link.loopback]
    if strays and right and not set(names) & set(right):
        what = f"{vip} is on {_list(names)}, not on {_list(right)}"
        yield found("vip-device", DIRECTOR, what, severity=Severity.RISK)


def _list(names: Sequence[str]) -> str:
    return ", ".join(names) or "no device"
