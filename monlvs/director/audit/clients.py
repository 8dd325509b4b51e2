"""Clients to think of when ways back are looked at: addresses that stand for many."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from itertools import islice
from typing import Final

from monlvs.director.audit.sight import Sight
from monlvs.director.machine.director_side import device_of_vip
from monlvs.model.machine import Machine, Network
from monlvs.model.values import Address

ANYWHERE: Final = {4: ip_address("8.8.8.8"), 6: ip_address("2001:4860:4860::8888")}
"""Asked for as administrators do; nothing is sent there."""
_MOST_KNOWN: Final = 16
_APART: Final = {4: 24, 6: 64}
"""Prefix lengths of networks that one client stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An address, and whom it stands for."""

    address: Address
    words: str
    certain: bool = False
    """It was named, or has a connection: not only thought of."""

    def __str__(self) -> str:
        return self.words


def clients_of(
    sight: Sight,
    machine: Machine,
    vips: Iterable[Address],
    servers: Iterable[Address],
    named: Iterable[Address] = (),
    known: Iterable[Address] = (),
) -> tuple[Client, ...]:
    """Say who may be a client of the `vips`: those that are named and known, and where
    the director itself can be reached from.

    A director with a default route has clients anywhere. One without has them in the
    networks of the VIPs' devices.
    """
    vips = tuple(vips)
    taken = frozenset((*sight.addresses(), *vips, *servers))
    certain = (*named, *islice(_apart(known), _MOST_KNOWN))
    found = [
        Client(address=each, words=f"the client {each}", certain=True)
        for each in certain
    ]
    for version in sorted({vip.version for vip in vips}):
        if any(to.version == version and not to.prefixlen for to in _routed(sight)):
            found.append(Client(address=ANYWHERE[version], words="clients anywhere"))
        else:
            found += (
                each
                for network, each in _neighbours(sight, machine, vips, taken, version)
                if not any(client in network for client in certain)
            )
    return tuple({each.address: each for each in reversed(found)}.values())[::-1]


def _apart(addresses: Iterable[Address]) -> Iterator[Address]:
    """Leave out those of a network that one is taken of already."""
    seen: set[Network] = set()
    for each in addresses:
        network = ip_network((each, _APART[each.version]), strict=False)
        if network not in seen:
            seen.add(network)
            yield each


def _routed(sight: Sight) -> Iterator[Network]:
    return (route.to for route in sight.routes)


def _neighbours(
    sight: Sight,
    machine: Machine,
    vips: Iterable[Address],
    taken: Collection[Address],
    version: int,
) -> Iterator[tuple[Network, Client]]:
    devices = {
        device_of_vip(vip, machine, sight.around)
        for vip in vips
        if vip.version == version
    }
    for route in sight.routes:
        to = route.to
        if (
            route.via is None
            and route.device in devices
            and to.version == version
            and to.num_addresses > 1
            and not to.is_link_local
        ):
            free = next((each for each in to.hosts() if each not in taken), None)
            if free is not None:
                yield to, Client(address=free, words=f"clients in {to}")
