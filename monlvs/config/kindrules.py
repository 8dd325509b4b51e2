"""What the kinds of LVS ask of the networks, where the configuration tells enough.

LVS-HOWTO, section 5: VS-NAT's real servers have the director as their gateway, those of
VS-TUN and VS-DR a router of their own.
"""

from collections.abc import Callable, Iterator

from monlvs.config.draft import Draft
from monlvs.config.findings import Findings
from monlvs.config.positions import Path
from monlvs.model.lvs import EntrySpec, Forwarding, Listener, VirtualKey
from monlvs.model.machine import Network
from monlvs.model.values import Address

_OWN_ROUTER = {Forwarding.ROUTE: "VS-DR", Forwarding.TUNNEL: "VS-TUN"}


def servers_have_one_gateway(draft: Draft, findings: Findings) -> None:
    """What VS-DR's server answers comes from the VIP, and the director has that itself."""
    translated = {
        spec.server.address: key
        for key, spec, _ in _entries(draft)
        # net/ipv4/fib_frontend.c, fib_validate_source; IPv6 has nothing like it.
        if spec.forwarding is Forwarding.MASQ and _is_outside(spec.server.address)
    }
    told: set[Address] = set()
    for _, spec, path in _entries(draft):
        address, method = spec.server.address, spec.forwarding
        kind = None if method is None else _OWN_ROUTER.get(method)
        if kind is None or address not in translated or address in told:
            continue
        told.add(address)
        findings.warning(
            path,
            f"{address} is behind VS-NAT in {translated[address]}, so its gateway is the "
            f"director, and a director drops what {kind}'s servers answer, for it comes "
            "from its own VIP: expected one kind, or a second address of that server",
        )


def gateways_are_neighbours(draft: Draft, findings: Findings) -> None:
    """A default gateway is in the real server's own network."""
    machine = draft.machine
    if machine is None:
        return
    networks = [own.interface.network for own in machine.addresses]
    for at, gateway in enumerate(machine.gateway):
        where: Path = ("machine", "gateway", at)
        for address in _translated(draft, gateway.version):
            near = _network(address, networks)
            if address == gateway:
                findings.error(
                    where,
                    f"{gateway} is a real server: expected an address of the director, "
                    "through which VS-NAT's answers go",
                )
                break
            if near is not None and gateway not in near:
                findings.warning(
                    where,
                    f"expected an address in {near} as the gateway of {address}, whose "
                    f"network that is, not {gateway}",
                )
                break


def clients_are_no_neighbours(draft: Draft, findings: Findings) -> None:
    """VS-NAT's real servers answer their neighbours past the director."""
    networks = [] if draft.machine is None else draft.machine.addresses
    told: set[Network] = set()
    for key, spec, path in _entries(draft):
        if spec.forwarding is not Forwarding.MASQ or not isinstance(key, Listener):
            continue
        near = _network(
            spec.server.address, [own.interface.network for own in networks]
        )
        if near is None or key.address not in near or near in told:
            continue
        told.add(near)
        findings.warning(
            path,
            f"{spec.server.address} and the VIP {key.address} are both in {near}: "
            "VS-NAT's servers answer clients of their own network directly, and such "
            "clients do not know who answers; others are served",
        )


KIND_RULES: tuple[Callable[[Draft, Findings], None], ...] = (
    servers_have_one_gateway,
    gateways_are_neighbours,
    clients_are_no_neighbours,
)


def _entries(draft: Draft) -> Iterator[tuple[VirtualKey, EntrySpec, Path]]:
    for virtual in draft.virtuals:
        key = virtual.declared.service.key
        for spec, path in zip(virtual.declared.servers, virtual.servers, strict=True):
            yield key, spec, path
    for each in draft.guards:
        if each.guard.entry is not None:
            yield each.guard.key, each.guard.entry, each.path


def _is_outside(address: Address) -> bool:
    return address.version == 4 and not address.is_loopback


def _translated(draft: Draft, version: int) -> Iterator[Address]:
    for _, spec, _ in _entries(draft):
        address = spec.server.address
        if spec.forwarding is Forwarding.MASQ and address.version == version:
            yield address


def _network(address: Address, networks: list[Network]) -> Network | None:
    """Return the network that `address` is in, the smallest of several."""
    found = [each for each in networks if address in each and each.num_addresses > 1]
    return max(found, key=lambda each: each.prefixlen, default=None)
