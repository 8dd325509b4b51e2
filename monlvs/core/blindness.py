"""When it is we who cannot see: people are told once, and once when it is over.

A checker without descriptors, ports, memory or network, or one that is late, cannot
check anything properly, and every service would say so by itself. Here the alerts of
all of them become one for each who is to be told.

Rule: this is about telling people. That inconclusive checks move nothing is decided
where every result is (`service`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from monlvs.core import occasions
from monlvs.core.alerting import in_force
from monlvs.core.effects import AlertDecided, AlertNoted, Effect, SendAlert
from monlvs.core.service import UNSURE_ALERT
from monlvs.core.states import ServiceState
from monlvs.core.watched import Watched
from monlvs.model.plugin import Alert, AlertKind
from monlvs.model.result import Reason
from monlvs.model.status import OpStatus
from monlvs.model.values import Now
from monlvs.model.watch import AlertLine, Period, ServiceKey

OWN: Final = frozenset(
    (
        Reason.LATE,
        Reason.NO_DESCRIPTORS,
        Reason.NO_PORTS,
        Reason.NO_NETWORK,
        Reason.NO_MEMORY,
    )
)
"""Troubles that are not one service's."""


@dataclass(slots=True)
class Blindness:
    """Who cannot be checked because of us, and who was told."""

    services: dict[ServiceKey, Reason] = field(default_factory=dict)
    since: Now | None = None
    told: list[tuple[ServiceKey, str]] = field(default_factory=list)
    """The services and periods that spoke, in their order."""

    def take(
        self,
        key: ServiceKey,
        state: ServiceState,
        effects: tuple[Effect, ...],
        now: Now,
        *,
        watched: Mapping[ServiceKey, Watched],
        may_tell: Callable[[ServiceKey], bool],
    ) -> tuple[Effect, ...]:
        """Look at what a result of `key` has led to; return what is to be done instead.

        The end is told by services that `may_tell`: one that fails by then has told so
        itself.
        """
        if state.unsure == UNSURE_ALERT and state.unsure_reason in OWN:
            return self._join(key, state.unsure_reason, effects, watched, now)
        if key in self.services and state.unsure == 0:
            del self.services[key]
            if not self.services:
                return (*effects, *self._end(watched, may_tell, now))
        return effects

    def keep(self, known: Iterable[ServiceKey]) -> None:
        """Forget services that are not configured any more."""
        kept = set(known)
        self.services = {k: why for k, why in self.services.items() if k in kept}
        if not self.services:
            self.since, self.told = None, []

    def _join(
        self,
        key: ServiceKey,
        why: Reason,
        effects: tuple[Effect, ...],
        watched: Mapping[ServiceKey, Watched],
        now: Now,
    ) -> tuple[Effect, ...]:
        self.since = self.since or now
        self.services[key] = why
        known = {line.alert for _, _, lines in self._spoken(watched) for line in lines}
        kept: list[Effect] = []
        skipped = False
        for effect in effects:
            match effect:
                case SendAlert(alert=alert, period=label):
                    skipped = alert in known
                    if not skipped:
                        known.add(alert)
                        kept.append(_reworded(effect))
                        if (key, label) not in self.told:
                            self.told.append((key, label))
                case AlertNoted() | AlertDecided() if skipped:
                    pass
                case _:
                    kept.append(effect)
        return tuple(kept)

    def _spoken(
        self, watched: Mapping[ServiceKey, Watched]
    ) -> Iterator[tuple[Watched, Period, list[AlertLine]]]:
        """Yield what each service and period that spoke spoke by."""
        seen: set[Alert] = set()
        for key, label in self.told:
            watch = watched.get(key)
            period = None if watch is None else watch.periods.get(label)
            if watch is not None and period is not None:
                lines = [line for line in period.alerts if line.alert not in seen]
                seen.update(line.alert for line in lines)
                yield watch, period, lines

    def _end(
        self,
        watched: Mapping[ServiceKey, Watched],
        may_tell: Callable[[ServiceKey], bool],
        now: Now,
    ) -> tuple[Effect, ...]:
        lasted = 0.0 if self.since is None else now.mono - self.since.mono
        text = (
            "monlvs can check again\n"
            f"It could not for {lasted:.0f} s. Nothing was moved meanwhile; from now on "
            "results count again.\n"
        )
        effects: list[Effect] = []
        for watch, period, lines in self._spoken(watched):
            may = may_tell(watch.service.key)
            if may and in_force(period.when, now, watch.zone):
                occasion = replace(
                    occasions.blank(watch, AlertKind.UP, now),
                    text=text,
                    exit=0,
                    opstatus=OpStatus.OK,
                )
                effects += occasions.send(watch, period.label, lines, occasion)
        self.told, self.since = [], None
        return tuple(effects)


def _reworded(order: SendAlert) -> SendAlert:
    occasion = order.occasion
    text = (
        f"{occasion.text.rstrip()}\n"
        "This is monlvs's own trouble: other services may share it and are not told one "
        "by one (`monlvs status` lists them).\n"
    )
    return replace(order, occasion=replace(occasion, text=text))
