"""People are told when servers that fail are kept in because too few would be left.

Whoever is told of a service that guards the virtual service is told, once each: what
looks like the end of all servers is worth a call, whatever each one's alerts say.
"""

from collections.abc import Iterator
from dataclasses import replace

from monlvs.core import occasions
from monlvs.core.alerting import in_force
from monlvs.core.effects import Effect
from monlvs.core.events import PoolKept
from monlvs.core.memory import Memory
from monlvs.core.watched import Watched
from monlvs.model.plugin import Alert, AlertKind
from monlvs.model.status import OpStatus
from monlvs.model.values import Now


def tell(memory: Memory, event: PoolKept, now: Now) -> tuple[Effect, ...]:
    """Return the alerts that say that servers are kept, or are not any more."""
    if not event.holds:
        memory.kept.pop(event.key, None)
    if memory.standby:
        if event.holds:
            memory.kept[event.key] = event
        return ()
    kind = AlertKind.FAILURE if event.holds else AlertKind.UP
    seen: set[Alert] = set()
    effects: list[Effect] = []
    for watch in _speakers(memory, event):
        occasion = replace(
            occasions.blank(watch, kind, now),
            text=f"{event.key}: {_words(event)}",
            exit=1 if event.holds else 0,
            opstatus=OpStatus.FAIL if event.holds else OpStatus.OK,
        )
        for period in watch.service.periods:
            if in_force(period.when, now, watch.zone):
                lines = [line for line in period.alerts if line.alert not in seen]
                seen.update(line.alert for line in lines)
                effects += occasions.send(watch, period.label, lines, occasion)
    return tuple(effects)


def catch_up(memory: Memory, now: Now) -> tuple[Effect, ...]:
    """Tell what still holds and was left to the other director."""
    held, memory.kept = memory.kept, {}
    return tuple(
        effect for event in held.values() for effect in tell(memory, event, now)
    )


def _speakers(memory: Memory, event: PoolKept) -> Iterator[Watched]:
    """Yield the services that guard the pool and may speak."""
    if memory.stopped is not None:
        return
    for key, watch in memory.watched.items():
        silent = memory.states[key].standing.disabled is not None
        if silent or key.group in memory.disabled_watches:
            continue
        if any(guard.key == event.key for guard in watch.guards):
            yield watch


def _words(event: PoolKept) -> str:
    if event.holds:
        return (
            "too few real servers would be left\n"
            f"Some are kept in though their checks fail ({event.text}). Either they all "
            "fail at once, or it is the checks or the network that do.\n"
        )
    return "enough real servers work again\nNone is kept in against its checks.\n"
