"""A configuration parted by the kinds of LVS: pure.

Each entry is of its own kind; LocalNode goes with the other servers of its virtual
service, as in the HOWTO's section 10.
"""

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import assert_never

from monlvs.director.intents import as_it_works, intents
from monlvs.director.machine.roles import local_entries
from monlvs.model.config import Config
from monlvs.model.lvs import (
    DeclaredService,
    EntrySpec,
    Forwarding,
    RealServer,
    ServiceSpec,
    VirtualKey,
)


class Kind(StrEnum):
    """The kinds that have scripts of their own, as the scripts' names have them."""

    NAT = "nat"
    TUN = "tun"
    DR = "dr"

    @property
    def told(self) -> str:
        """As people say it."""
        return f"VS-{self.name}"


Kinds = dict[tuple[VirtualKey, RealServer], Kind]


def kinds_of(config: Config) -> Kinds:
    """Say of each entry which kind it is."""
    local = local_entries(config)
    found: Kinds = {}
    for intent in intents(config.virtual_services, config.guards).values():
        specs = [seat.spec for seat in intent.seats.values()]
        if intent.fallback is not None:
            specs.append(intent.fallback)
        key = intent.key
        served = {
            spec.server: _kind(spec.forwarding or Forwarding.MASQ)
            for spec in specs
            if not spec.server.address.is_loopback
            and (key, spec.server.address) not in local
        }
        others = next(iter(served.values()), Kind.DR)
        for spec in specs:
            found[key, spec.server] = served.get(spec.server, others)
    return found


def with_guarded(config: Config) -> tuple[Config, tuple[VirtualKey, ...]]:
    """Declare what `config` only guards, and return which virtual services these are.

    A mon.cf knows real servers, but not how their virtual service is made: the HOWTO's
    scripts did that.
    """
    found = intents(config.virtual_services, config.guards)
    added = tuple(
        DeclaredService(
            service=ServiceSpec(key=key),
            servers=tuple(seat.spec for seat in intent.seats.values()),
        )
        for key, intent in found.items()
        if intent.service is None and intent.builds is None and intent.seats
    )
    keys = tuple(each.service.key for each in added)
    services = (*config.virtual_services, *added)
    return replace(config, virtual_services=services), keys


def part_of(config: Config, kind: Kind, kinds: Kinds) -> Config:
    """Return what is of one kind in `config`; the rest of it as it is."""

    def keeps(key: VirtualKey, spec: EntrySpec) -> bool:
        return kinds.get((key, as_it_works(key, spec).server)) is kind

    services = (_part(each, keeps) for each in config.virtual_services)
    return replace(
        config,
        virtual_services=tuple(each for each in services if each is not None),
        guards=tuple(
            guard
            for guard in config.guards
            if guard.entry is not None and keeps(guard.key, guard.entry)
        ),
    )


def _part(
    service: DeclaredService, keeps: Callable[[VirtualKey, EntrySpec], bool]
) -> DeclaredService | None:
    key = service.service.key
    kept = tuple(spec for spec in service.servers if keeps(key, spec))
    fallback = service.fallback
    if fallback is not None and not keeps(key, fallback):
        fallback = None
    if not kept and fallback is None:
        return None
    return replace(service, servers=kept, fallback=fallback)


def _kind(forwarding: Forwarding) -> Kind:
    match forwarding:
        case Forwarding.MASQ:
            return Kind.NAT
        case Forwarding.TUNNEL:
            return Kind.TUN
        case Forwarding.ROUTE | Forwarding.LOCAL:
            return Kind.DR
        case _:
            assert_never(forwarding)
