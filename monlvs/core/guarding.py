"""What a result means for the guards of a service.

    guard's host   gates*   effect         guard becomes
    not heard**    -        any            as it was
    UP             -        LATCHES_OUT    stays DOWN if it was, else UP
    UP             -        any other      UP
    DOWN           open     any            DOWN
    DOWN           shut     any            as it was
    UNKNOWN        -        any            as it was

*  gates: the period is in force, its alertafter is reached, the exit code is in range.
   Acknowledgement, alertevery and numalerts never gate a guard: they are about telling
   people, not about the table.
** the result says neither up nor down of it, or its health has not followed yet (rise,
   fall). Nobody is heard while the service is disabled or the scheduler is stopped.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import tzinfo

from monlvs.core.alerting import in_force, in_range
from monlvs.core.effects import GuardMoved, Report
from monlvs.core.states import Standing
from monlvs.core.streak import NEW, Streak, reached
from monlvs.model.guard import Effect, Guard
from monlvs.model.status import Health
from monlvs.model.values import Host, Now
from monlvs.model.watch import Period


def identity(guard: Guard) -> str:
    """Name a guard so that a changed weight does not make it another one."""
    server = guard.entry.server if guard.entry else "*"
    exits = f"{guard.exits.first}-{guard.exits.last}" if guard.exits else "*"
    told = (guard.host or "*", guard.key, server, guard.effect.value, exits)
    return " ".join((*map(str, told), guard.period or "*"))


def streak_of(guard: Guard, standing: Standing) -> Streak:
    """Return the streak that speaks for `guard`: its host's, or the whole group's."""
    if guard.host is None:
        return standing.group
    return standing.hosts.get(guard.host, NEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What besides health decides whether a guard may move."""

    heard: Collection[Host | None]
    """Whom the result calls up or down; None: the whole group."""
    periods: Mapping[str, Period]
    exit: int
    now: Now
    zone: tzinfo | None = None


def judge(guard: Guard, before: Health, standing: Standing, gate: Gate) -> Health:
    """Return the guard's health after a result; the table above, row by row."""
    if guard.host not in gate.heard:
        return before
    streak = streak_of(guard, standing)
    match streak.health:
        case Health.UP if streak.failures == 0:
            latched = guard.effect is Effect.LATCHES_OUT and before is Health.DOWN
            return before if latched else Health.UP
        case Health.DOWN if streak.failures and _is_open(gate, guard, streak):
            return Health.DOWN
        case _:
            return before


def _is_open(gate: Gate, guard: Guard, streak: Streak) -> bool:
    if not in_range(guard.exits, gate.exit):
        return False
    if guard.period is None or (period := gate.periods.get(guard.period)) is None:
        return True
    return in_force(period.when, gate.now, gate.zone) and reached(
        period.alertafter, streak, gate.now
    )


def moved(
    guard: Guard, before: Health, after: Health, why: str
) -> tuple[GuardMoved, Report]:
    """Return what is to be recorded and reported of a guard that has moved."""
    entry = "" if guard.entry is None else f" → {guard.entry.server}"
    record = GuardMoved(
        service=guard.service,
        host=guard.host,
        entry=f"{guard.key}{entry}",
        before=before,
        after=after,
    )
    return record, Report(guard=guard, health=after, host_reason=why)
