"""What each real server is to do: the configuration's entries, one by one; pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from monlvs.director.intents import Intent, intents
from monlvs.model.config import Config
from monlvs.model.lvs import (
    EntrySpec,
    Forwarding,
    Listener,
    Protocol,
    RealServer,
    Table,
    Tunnel,
    VirtualKey,
)
from monlvs.model.values import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A real server's place in a virtual service, and how packets get there."""

    key: VirtualKey
    server: RealServer
    method: Forwarding
    tunnel: Tunnel

    @property
    def vip(self) -> Address | None:
        """The VIP; None behind a firewall mark, which names no address."""
        return self.key.address if isinstance(self.key, Listener) else None

    @property
    def address(self) -> Address:
        """The real server's own address."""
        return self.server.address

    @property
    def translated(self) -> bool:
        """VS-NAT: packets arrive for the real server's own address."""
        return self.method is Forwarding.MASQ

    @property
    def arrival(self) -> tuple[Protocol, Address, int] | None:
        """Where packets arrive on the real server; None: not at one known port."""
        if not isinstance(self.key, Listener):
            return None
        address, port = self.key.address, self.key.port
        if self.translated:
            address, port = self.address, self.server.port
        return (self.key.protocol, address, port) if port else None


def duties_of(config: Config, table: Table | None = None) -> tuple[Duty, ...]:
    """List the real servers' duties; what is unstated is as the `table` has it."""
    found = intents(config.virtual_services, config.guards)
    return tuple(
        duty for intent in found.values() for duty in _duties(intent, table or {})
    )


def _duties(intent: Intent, table: Table) -> Iterator[Duty]:
    specs = [seat.spec for seat in intent.seats.values()]
    if intent.fallback is not None:
        specs.append(intent.fallback)
    present = table[intent.key].entries if intent.key in table else {}
    for spec in specs:
        entry = present.get(spec.server)
        yield Duty(
            key=intent.key,
            server=spec.server,
            method=_method(spec, None if entry is None else entry.forwarding),
            tunnel=spec.tunnel or (entry and entry.tunnel) or Tunnel(),
        )


def _method(spec: EntrySpec, adopted: Forwarding | None) -> Forwarding:
    if spec.forwarding is not None:
        return spec.forwarding
    return Forwarding.MASQ if adopted is None else adopted
