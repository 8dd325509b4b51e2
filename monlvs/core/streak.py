"""Rise and fall: how many results in a row it takes to change one's mind."""

from dataclasses import dataclass, replace
from typing import assert_never

from monlvs.model.result import Reason
from monlvs.model.status import Health
from monlvs.model.values import Now
from monlvs.model.watch import AfterCount, AfterCountWithin, AfterDuration, AlertAfter

JITTER = 0.25
"""Seconds by which checks may come early or late without changing an answer.

mon compares whole seconds (a check "exactly 5 s" into an outage is not later than
5 s); we measure exactly, so the same question needs this much tolerance.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Streak:
    """What the latest results in a row say of one host, or of a group."""

    health: Health = Health.UNKNOWN
    successes: int = 0
    """In a row, counted up to `rise`."""
    failures: int = 0
    """In a row."""
    since: Now | None = None
    """First of the failures in a row."""
    recent: tuple[Now, ...] = ()
    """The latest failures in a row, as many as AfterCountWithin needs."""
    reason: Reason = Reason.OK
    detail: str = ""


NEW = Streak()


def succeed(streak: Streak, *, rise: int) -> Streak:
    """Add a success; returns the same object when nothing changed."""
    if streak.failures == 0 and streak.successes >= rise:
        return streak
    successes = streak.successes + 1
    return Streak(
        health=Health.UP if successes >= rise else streak.health,
        successes=successes,
    )


def fail(
    streak: Streak, now: Now, *, fall: int, keep: int, reason: Reason, detail: str
) -> Streak:
    """Add a failure at `now`, remembering the times of the latest `keep`."""
    failures = streak.failures + 1
    recent = (*streak.recent, now)
    return replace(
        streak,
        health=Health.DOWN if failures >= fall else streak.health,
        successes=0,
        failures=failures,
        since=streak.since or now,
        recent=recent[-keep:] if keep else (),
        reason=reason,
        detail=detail,
    )


def reached(after: AlertAfter | None, streak: Streak, now: Now) -> bool:
    """Whether a streak of failures is long enough for `alertafter` (mon(8))."""
    if streak.since is None:
        return False
    match after:
        case None:
            return True
        case AfterCount(count):
            return streak.failures >= count
        case AfterDuration(duration):
            return now.mono - streak.since.mono > duration.total_seconds() + JITTER
        case AfterCountWithin(count, window):
            if len(streak.recent) < count:
                return False
            spread = streak.recent[-1].mono - streak.recent[-count].mono
            return spread <= window.total_seconds() + JITTER
        case _:
            assert_never(after)
