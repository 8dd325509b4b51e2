"""What a configuration wants of each virtual service: built once, asked every few seconds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, TypeAlias

from monlvs.director.canonical import canonical_service
from monlvs.model.guard import Effect, Guard
from monlvs.model.lvs import (
    DeclaredService,
    EntrySpec,
    Forwarding,
    Listener,
    OnDrift,
    OnFailure,
    RealServer,
    ServiceSpec,
    Undeclared,
    VirtualKey,
    VirtualService,
)
from monlvs.model.pool import PLAIN, PoolPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A real server's place in a virtual service: what is stated, and who decides."""

    spec: EntrySpec
    guards: tuple[Guard, ...] = ()
    """Without any, the declared server is simply in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What is wanted of one virtual service."""

    key: VirtualKey
    service: ServiceSpec | None = None
    """As declared; None: it is not declared, only guarded."""
    builds: VirtualService | None = None
    """What `-B` creates when a server is to go in and the service is missing."""
    on_failure: OnFailure = OnFailure.REMOVE
    undeclared: Undeclared = Undeclared.KEEP
    on_drift: OnDrift = OnDrift.REPAIR
    withheld_by: tuple[Guard, ...] = ()
    policy: PoolPolicy = PLAIN
    fallback: EntrySpec | None = None
    """Sorry server: in only while nobody of the pool is."""
    seats: Mapping[RealServer, Seat] = field(
        default_factory=lambda: MappingProxyType({})
    )

    @property
    def entries(self) -> tuple[EntrySpec, ...]:
        """Whoever may ever be in: the real servers, and the sorry server."""
        specs = tuple(seat.spec for seat in self.seats.values())
        return specs if self.fallback is None else (*specs, self.fallback)


Intents: TypeAlias = Mapping[VirtualKey, Intent]

_DIRECT: Final = (Forwarding.ROUTE, Forwarding.TUNNEL, Forwarding.LOCAL)


def intents(
    declared: Sequence[DeclaredService], guards: Sequence[Guard]
) -> dict[VirtualKey, Intent]:
    """Gather what `declared` and `guards` say of each virtual service.

    Where both state an attribute of one entry, the declared service's word counts, then
    the first guard's.
    """
    services = {each.service.key: each for each in declared}
    watched: dict[VirtualKey, list[Guard]] = {key: [] for key in services}
    for guard in guards:
        watched.setdefault(guard.key, []).append(guard)
    return {
        key: _intent(key, services.get(key), of_key) for key, of_key in watched.items()
    }


def _intent(
    key: VirtualKey, declared: DeclaredService | None, guards: list[Guard]
) -> Intent:
    built = (guard.builds for guard in guards if guard.builds is not None)
    intent = Intent(
        key=key,
        builds=next(map(canonical_service, built), None),
        withheld_by=tuple(g for g in guards if g.effect is Effect.WITHHOLDS),
        seats=_seats(key, () if declared is None else declared.servers, guards),
    )
    if declared is None:
        return intent
    return replace(
        intent,
        service=declared.service,
        on_failure=declared.on_failure,
        undeclared=declared.undeclared,
        on_drift=declared.on_drift,
        policy=declared.policy,
        fallback=declared.fallback and as_it_works(key, declared.fallback),
    )


def _seats(
    key: VirtualKey, servers: Iterable[EntrySpec], guards: Iterable[Guard]
) -> Mapping[RealServer, Seat]:
    seats: dict[RealServer, Seat] = {}
    for spec in servers:
        spoken = as_it_works(key, spec)
        seats[spoken.server] = Seat(spec=spoken)
    for guard in guards:
        if guard.entry is None or guard.effect is Effect.WITHHOLDS:
            continue
        spoken = as_it_works(key, guard.entry)
        seat = seats.get(spoken.server)
        if seat is None:
            seats[spoken.server] = Seat(spec=spoken, guards=(guard,))
        else:
            seats[spoken.server] = Seat(
                spec=_fill_in(seat.spec, spoken), guards=(*seat.guards, guard)
            )
    return MappingProxyType(seats)


def _fill_in(first: EntrySpec, second: EntrySpec) -> EntrySpec:
    """Take from `second` what `first` leaves open."""
    return EntrySpec(
        server=first.server,
        forwarding=second.forwarding if first.forwarding is None else first.forwarding,
        weight=second.weight if first.weight is None else first.weight,
        upper=second.upper if first.upper is None else first.upper,
        lower=second.lower if first.lower is None else first.lower,
        tunnel=second.tunnel if first.tunnel is None else first.tunnel,
    )


def as_it_works(key: VirtualKey, spec: EntrySpec) -> EntrySpec:
    """Restate `spec` so that it serves clients.

    VS-LocalNode: the kernel knows its own addresses whatever method is asked for, but
    refuses to translate a client's packet to the loopback; so 127.0.0.1 and `Local` are
    asked for as direct routing. Packets that are not translated arrive at the virtual
    service's port: like ipvsadm (8), the real server's port becomes that one, except
    behind a firewall mark.
    """
    method = spec.forwarding
    if method is Forwarding.LOCAL or (
        method is Forwarding.MASQ and spec.server.address.is_loopback
    ):
        method = Forwarding.ROUTE
    server = spec.server
    if method in _DIRECT and isinstance(key, Listener) and server.port != key.port:
        server = RealServer(server.address, key.port)
    if method is spec.forwarding and server is spec.server:
        return spec
    return replace(spec, forwarding=method, server=server)
