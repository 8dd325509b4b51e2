"""A configured service with everything that its steps need."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from types import MappingProxyType

from monlvs.model.depend import INDEPENDENT
from monlvs.model.guard import Guard
from monlvs.model.result import Outcome, Result
from monlvs.model.values import Host
from monlvs.model.watch import AfterCountWithin, HostGroup, Period, Service


@dataclass(frozen=True, slots=True)
class Watched:
    """A configured service, prepared; made anew by a reload or when a host is disabled."""

    service: Service
    group: HostGroup
    guards: tuple[Guard, ...]
    periods: Mapping[str, Period]
    members: tuple[Host, ...]
    """Members of the group that are not disabled: whom alerts are told of."""
    checked: tuple[Host, ...]
    """Members that the monitor is run for, in the group's order."""
    keep: int
    """How many failure times its alertafter windows need."""
    zone: tzinfo | None = None
    free: bool = True
    """Neither an exclude_period nor a dependency ever holds anything back."""
    variables: tuple[tuple[str, str], ...] = ()
    """What programs are told besides MON_* of the service itself."""

    def answers(self, result: Result) -> dict[Host, Outcome]:
        """Return what `result` says of each host that is checked.

        Without outcomes the verdict is everybody's; with some, hosts that they do not
        name were not checked.
        """
        if result.outcomes:
            told = dict(result.outcomes)
            return {host: told[host] for host in self.checked if host in told}
        whole = Outcome(verdict=result.verdict, reason=result.reason)
        return dict.fromkeys(self.checked, whole)


def watched(
    service: Service,
    group: HostGroup,
    guards: tuple[Guard, ...],
    *,
    disabled: Collection[Host] = (),
    zone: tzinfo | None = None,
    told: tuple[tuple[str, str], ...] = (),
) -> Watched:
    """Prepare a configured service for the engine.

    `disabled` is operators' doing; `told` are variables for all programs.
    """
    depends = replace(service.dependencies, behavior=INDEPENDENT.behavior, memory=None)
    windows = (p.alertafter for p in service.periods)
    off = group.disabled.union(disabled)
    return Watched(
        service=service,
        group=group,
        guards=guards,
        periods=MappingProxyType({p.label: p for p in service.periods}),
        members=tuple(host for host in group.hosts if host not in off),
        checked=tuple(h for h in group.hosts if h not in off | service.exclude_hosts),
        keep=max(
            (w.count for w in windows if isinstance(w, AfterCountWithin)), default=0
        ),
        zone=zone,
        free=service.exclude_period is None and depends == INDEPENDENT,
        variables=(*told, *service.variables),
    )
