"""The gateway of VS-NAT's real servers, where the configuration states it: whether the
director that has the VIP has it, too; pure.

Who it belongs to is not stated. It is a router's where another machine answers for it
that is not known to be the other director, and then nothing is said of it.
"""

from collections.abc import Iterator, Sequence
from ipaddress import ip_interface

from monlvs.director.audit.catalogue import DIRECTOR, found
from monlvs.director.audit.duties import Duty
from monlvs.director.audit.lvs import Lvs
from monlvs.director.audit.passage import hides_clients, listed
from monlvs.director.audit.sight import Held, Link
from monlvs.director.machine.commands import making, unmaking
from monlvs.director.machine.findings import Finding
from monlvs.director.machine.settings import DeviceAddress, LinkUp
from monlvs.model.values import Address


def gateway_questions(lvs: Lvs) -> Iterator[tuple[str, Address]]:
    """Pair gateways that the director lacks with the devices that real servers ask on.

    The other director is asked for there, too. By Linux's default (arp_ignore 0) it
    answers for every address that it has, and so is known by its hardware address.
    """
    for gateway in _stated(lvs):
        for duty in () if lvs.director.has(gateway) else _behind(lvs, gateway):
            way = lvs.director.ways.get((duty.address, None))
            link = None if way is None else lvs.director.link(way.device)
            if link is None or not (link.up and link.carrier and link.arp):
                continue
            yield link.name, gateway
            if lvs.config.pair is not None:
                yield link.name, lvs.config.pair.peer.address


def gateways(lvs: Lvs) -> Iterator[Finding]:
    """Find a gateway without its VIP, and a VIP without its gateway."""
    for gateway in _stated(lvs):
        duties = list(_behind(lvs, gateway))
        served = [duty for duty in duties if _serves(lvs, duty)]
        if lvs.director.has(gateway):
            if not served:
                yield from _left(lvs, gateway, duties)
        elif served:
            yield from _missing(lvs, gateway, served)


def _stated(lvs: Lvs) -> Iterator[Address]:
    """List the gateways; one that is a VIP is looked at as such."""
    return (each for each in lvs.machine.gateway if each not in lvs.vips)


def _behind(lvs: Lvs, gateway: Address) -> Iterator[Duty]:
    """List what needs the gateway; what is behind routers may have another machine's."""
    for duty in lvs.remote():
        way = lvs.director.ways.get((duty.address, None))
        near = way is not None and way.gateway is None
        if (
            duty.translated
            and duty.address.version == gateway.version
            and (near or gateway in _own(lvs))
            and not hides_clients(lvs, duty)
        ):
            yield duty


def _own(lvs: Lvs) -> dict[Address, DeviceAddress]:
    """Return what the configuration gives to this director."""
    return {
        own.interface.ip: DeviceAddress(interface=own.interface, device=own.device)
        for own in lvs.machine.addresses
    }


def _serves(lvs: Lvs, duty: Duty) -> bool:
    """Whether clients reach the virtual service by this director."""
    return lvs.keeps_vips if duty.vip is None else lvs.director.has(duty.vip)


def _missing(lvs: Lvs, gateway: Address, served: Sequence[Duty]) -> Iterator[Finding]:
    holders = list(lvs.director.holding(gateway))
    macs = _answering(lvs, gateway)
    others = lvs.wire is not None and bool(macs and macs & lvs.wire.other)
    nobody = macs is not None and not macs
    if not (holders or others or nobody or gateway in _own(lvs)):
        return
    state, fix = _state(*holders[0]) if holders else ("is on no device", [])
    if not holders and not macs:
        fix = [making(_wanted(lvs, gateway, served[0]))]
    what = f"{gateway}, the gateway of {listed(d.address for d in served)}, {state}"
    if macs:
        told = "the other director" if others else "another machine"
        what += f", and {told} ({', '.join(sorted(macs))}) answers for it"
    yield found("gateway-missing", DIRECTOR, what, fix=fix)


def _answering(lvs: Lvs, gateway: Address) -> frozenset[str] | None:
    """Return who else has the gateway, but real servers; None: nobody was asked."""
    if lvs.wire is None or gateway not in lvs.wire.gateways:
        return None
    return lvs.wire.gateways[gateway].difference(*lvs.wire.servers.values())


def _state(link: Link, held: Held) -> tuple[str, list[str]]:
    """Say how it is there and yet not in use, and spell what mends it."""
    if held.dad_failed:
        return f"is on {link.name} and refused: dadfailed", []
    if not link.up:
        fix = [making(LinkUp(device=link.name))]
        return f"is on {link.name}, which is down", fix
    return f"is on {link.name} and not in use", []


def _wanted(lvs: Lvs, gateway: Address, duty: Duty) -> DeviceAddress:
    """Say how the director is to have it: as stated, else beside its own address."""
    own = _own(lvs).get(gateway)
    if own is not None:
        return own
    near = lvs.director.around.network(duty.address)
    if near is not None and gateway in near[1].network:
        interface = ip_interface(f"{gateway}/{near[1].network.prefixlen}")
        return DeviceAddress(interface=interface, device=near[0].name)
    device = lvs.director.around.towards(duty.address)
    return DeviceAddress(interface=ip_interface(gateway), device=device)


def _left(lvs: Lvs, gateway: Address, duties: Sequence[Duty]) -> Iterator[Finding]:
    """Find what a director in waiting has taken, or kept, from the one that serves."""
    vips = {duty.vip for duty in duties if duty.vip is not None}
    if not vips or not all(lvs.waits_for(vip) for vip in vips):
        return
    fix = [
        unmaking(DeviceAddress(interface=held.interface, device=link.name)) or ""
        for link, held in lvs.director.holding(gateway)
        if _goes_alone(link, held)
    ]
    what = f"it has {gateway}, and another machine has {listed(sorted(vips, key=str))}"
    yield found("gateway-without-vip", DIRECTOR, what, fix=fix)


def _goes_alone(link: Link, held: Held) -> bool:
    """Whether the kernel keeps the device's other addresses when this one goes: with the
    first of a network the rest of it go (ip-sysctl, promote_secondaries)."""
    network = held.interface.network
    first = next(each for each in link.held if each.interface.network == network)
    return network.num_addresses == 1 or first is not held
