"""A configured service with everything that its steps need."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from types import MappingProxyType

from monlvs.model.guard import Guard
from monlvs.model.watch import AfterCountWithin, HostGroup, Period, Service


@dataclass(frozen=True, slots=True)
class Watched:
    """A configured service with all that its steps need, computed once per reload."""

    service: Service
    group: HostGroup
    guards: tuple[Guard, ...]
    periods: Mapping[str, Period]
    keep: int
    """How many failure times its alertafter windows need."""
    zone: tzinfo | None = None

    @property
    def interval(self) -> timedelta:
        """Time between checks while the service is up."""
        return self.service.interval


def watched(
    service: Service,
    group: HostGroup,
    guards: tuple[Guard, ...],
    zone: tzinfo | None = None,
) -> Watched:
    """Prepare a configured service for the engine."""
    windows = (p.alertafter for p in service.periods)
    keep = max((w.count for w in windows if isinstance(w, AfterCountWithin)), default=0)
    periods = MappingProxyType({p.label: p for p in service.periods})
    return Watched(service, group, guards, periods, keep, zone)
