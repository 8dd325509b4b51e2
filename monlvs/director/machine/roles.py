"""What each real server is to the virtual services of a configuration: pure.

LocalNode is left out: there the director serves itself, and needs nothing for it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from monlvs.director.intents import Intent, intents
from monlvs.director.machine.surroundings import Surroundings
from monlvs.model.config import Config
from monlvs.model.lvs import (
    EntrySpec,
    Forwarding,
    Listener,
    Tunnel,
    VirtualKey,
)
from monlvs.model.machine import Machine
from monlvs.model.values import Address

NOWHERE: Final = Surroundings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What one real server is to one virtual service."""

    key: VirtualKey
    server: Address
    forwarding: Forwarding
    tunnel: Tunnel | None = None
    """With Forwarding.TUNNEL alone."""

    @property
    def vip(self) -> Address | None:
        """The VIP; None behind a firewall mark, which names no address."""
        return self.key.address if isinstance(self.key, Listener) else None

    @property
    def direct(self) -> bool:
        """Whether packets arrive that are addressed to the VIP."""
        return self.forwarding is not Forwarding.MASQ


def roles_of(config: Config, director: Surroundings = NOWHERE) -> tuple[Role, ...]:
    """List what `config` makes of real servers, sorry servers among them.

    The addresses that the `director` has are LocalNode's.
    """
    local = local_entries(config)
    found = [
        role
        for intent in intents(config.virtual_services, config.guards).values()
        for role in _roles(intent)
        if (role.key, role.server) not in local
        and role.server != role.vip
        and director.holder(role.server) is None
    ]
    return tuple(dict.fromkeys(found))


def servers_of(roles: Iterable[Role]) -> tuple[Address, ...]:
    """List the real servers, in the order of the configuration."""
    return tuple(dict.fromkeys(role.server for role in roles))


def gateway_of(
    server: Address, config: Config, director: Surroundings
) -> Address | None:
    """Say what a real server of VS-NAT is to have as its default gateway.

    What [machine] states, else the director's address in the server's network: one of
    those that [machine] states, or one that the `director` has. None: not known.
    """
    machine = config.machine or Machine()
    for stated in machine.gateway:
        if stated.version == server.version:
            return stated
    for own in machine.addresses:
        if server in own.interface.network and own.interface.ip != server:
            return own.interface.ip
    near = director.network(server)
    return None if near is None else near[1].ip


def gateways_of(
    config: Config, director: Surroundings = NOWHERE
) -> tuple[dict[Address, Address], tuple[Address, ...]]:
    """Return the gateway of each real server of VS-NAT, and those whose is not known."""
    roles = roles_of(config, director)
    servers = servers_of(r for r in roles if r.forwarding is Forwarding.MASQ)
    found = {server: gateway_of(server, config, director) for server in servers}
    return (
        {server: gateway for server, gateway in found.items() if gateway is not None},
        tuple(server for server, gateway in found.items() if gateway is None),
    )


def is_director(around: Surroundings, config: Config) -> bool:
    """Whether a machine is the director: it has a VIP, and clients can ask for it."""
    return any(
        holder is not None and holder.arp
        for vip in vips_of(roles_of(config))
        for holder in [around.holder(vip)]
    )


def vips_of(roles: Iterable[Role]) -> tuple[Address, ...]:
    """List the VIPs."""
    return tuple(dict.fromkeys(role.vip for role in roles if role.vip is not None))


def _roles(intent: Intent) -> Iterator[Role]:
    for spec in intent.entries:
        if spec.server.address.is_loopback:
            continue
        forwarding = spec.forwarding or Forwarding.MASQ
        tunneled = forwarding is Forwarding.TUNNEL
        yield Role(
            key=intent.key,
            server=spec.server.address,
            forwarding=forwarding,
            tunnel=(spec.tunnel or Tunnel()) if tunneled else None,
        )


def local_entries(config: Config) -> frozenset[tuple[VirtualKey, Address]]:
    """List what is stated to be LocalNode; `intents` has it as direct routing."""
    stated: list[tuple[VirtualKey, Sequence[EntrySpec | None]]] = [
        (each.service.key, (*each.servers, each.fallback))
        for each in config.virtual_services
    ]
    stated += [(guard.key, (guard.entry,)) for guard in config.guards]
    return frozenset(
        (key, spec.server.address)
        for key, specs in stated
        for spec in specs
        if spec is not None and spec.forwarding is Forwarding.LOCAL
    )
