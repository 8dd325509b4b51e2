"""Rise and fall, and what alertafter makes of a streak of failures."""

from datetime import timedelta

import pytest

from monlvs.core.streak import JITTER, NEW, Streak, fail, reached, succeed
from monlvs.model.result import Reason
from monlvs.model.status import Health
from monlvs.model.watch import AfterCount, AfterCountWithin, AfterDuration, AlertAfter
from tests.core.playbook import at


def failing(
    *seconds: float, fall: int = 1, keep: int = 5, since: Streak = NEW
) -> Streak:
    """A streak with a failure at each of the given seconds."""
    streak = since
    for second in seconds:
        streak = fail(
            streak,
            at(second),
            fall=fall,
            keep=keep,
            reason=Reason.RESET,
            detail=f"at {second}",
        )
    return streak


def test_a_new_streak_is_of_unknown_health() -> None:
    assert NEW.health is Health.UNKNOWN
    assert not reached(None, NEW, at(0))


@pytest.mark.parametrize("rise", [1, 2, 3])
def test_health_rises_with_the_last_success_that_it_takes(rise: int) -> None:
    streak = failing(0)
    for _ in range(rise):
        assert streak.health is Health.DOWN
        streak = succeed(streak, rise=rise)

    assert streak == Streak(health=Health.UP, successes=rise)
    assert succeed(streak, rise=rise) is streak


@pytest.mark.parametrize("fall", [1, 2, 3])
def test_health_falls_with_the_last_failure_that_it_takes(fall: int) -> None:
    streak = succeed(NEW, rise=1)
    for second in range(fall):
        assert streak.health is Health.UP
        streak = failing(second, fall=fall, since=streak)

    assert streak.health is Health.DOWN
    assert (streak.failures, streak.successes) == (fall, 0)


def test_a_streak_remembers_its_first_failure_and_the_latest_words() -> None:
    streak = failing(1, 2, 3, keep=2)

    assert (streak.since, streak.recent) == (at(1), (at(2), at(3)))
    assert (streak.reason, streak.detail) == (Reason.RESET, "at 3")


def test_no_times_are_kept_where_no_window_needs_them() -> None:
    assert failing(1, 2, keep=0).recent == ()


@pytest.mark.parametrize(
    ("after", "seconds", "now", "expected"),
    [
        (None, (0,), 0, True),
        (AfterCount(2), (0,), 0, False),
        (AfterCount(2), (0, 1), 1, True),
        (AfterDuration(timedelta(seconds=5)), (0, 5), 5, False),
        (AfterDuration(timedelta(seconds=5)), (0, 5), 5 + JITTER, False),
        (AfterDuration(timedelta(seconds=5)), (0, 6), 6, True),
        (AfterCountWithin(2, timedelta(seconds=5)), (0,), 0, False),
        (AfterCountWithin(2, timedelta(seconds=5)), (0, 8), 8, False),
        (AfterCountWithin(2, timedelta(seconds=5)), (0, 8, 13.2), 13.2, True),
        (AfterCountWithin(3, timedelta(seconds=5)), (0, 3, 6, 8), 8, True),
    ],
)
def test_alertafter_is_reached(
    after: AlertAfter | None, seconds: tuple[float, ...], now: float, expected: bool
) -> None:
    assert reached(after, failing(*seconds), at(now)) is expected
