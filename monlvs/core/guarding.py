"""What a result means for the guards of a service.

    guard's host   gates*   effect         guard becomes
    UP             -        LATCHES_OUT    stays DOWN if it was, else UP
    UP             -        any other      UP
    DOWN           open     any            DOWN
    DOWN           shut     any            as it was
    UNKNOWN        -        any            as it was

* gates: the period is in force, its alertafter is reached, the exit code is in range,
  and the service is not disabled. Acknowledgement, alertevery and numalerts never
  gate a guard: they are about telling people, not about the table.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo

from monlvs.core.alerting import in_force, in_range
from monlvs.core.states import Standing
from monlvs.core.streak import NEW, Streak, reached
from monlvs.model.guard import Effect, Guard
from monlvs.model.status import Health
from monlvs.model.values import Now
from monlvs.model.watch import Period


def streak_of(guard: Guard, standing: Standing) -> Streak:
    """Return the streak that speaks for `guard`: its host's, or the whole group's."""
    if guard.host is None:
        return standing.group
    return standing.hosts.get(guard.host, NEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What besides health decides whether a guard may trip."""

    periods: Mapping[str, Period]
    exit: int
    now: Now
    zone: tzinfo | None = None


def judge(guard: Guard, before: Health, standing: Standing, gate: Gate) -> Health:
    """Return the guard's health after a result; the table above, row by row."""
    streak = streak_of(guard, standing)
    match streak.health:
        case Health.UNKNOWN:
            return before
        case Health.UP:
            latched = guard.effect is Effect.LATCHES_OUT and before is Health.DOWN
            return before if latched or streak.failures else Health.UP
        case Health.DOWN:
            if before is Health.DOWN or streak.failures == 0:
                return before
            return Health.DOWN if _is_open(gate, guard, streak) else before


def _is_open(gate: Gate, guard: Guard, streak: Streak) -> bool:
    if not in_range(guard.exits, gate.exit):
        return False
    if guard.period is None or (period := gate.periods.get(guard.period)) is None:
        return True
    return in_force(period.when, gate.now, gate.zone) and reached(
        period.alertafter, streak, gate.now
    )


def judge_all(
    guards: Iterable[Guard], standing: Standing, gate: Gate
) -> dict[Guard, Health]:
    """Return the health of all guards of a service after a result."""
    known = standing.guards
    if standing.disabled is not None:
        return {guard: known.get(guard, Health.UNKNOWN) for guard in guards}
    return {
        guard: judge(guard, known.get(guard, Health.UNKNOWN), standing, gate)
        for guard in guards
    }
