"""Due times: exact, spread, and never in the past."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from monlvs.core.timing import first_check, first_due, next_due, phase
from monlvs.model.config import Config, Settings
from monlvs.model.mon import MonSettings
from monlvs.model.watch import ServiceKey

SECONDS = st.floats(min_value=0.01, max_value=1e5)


def test_the_first_check_is_due_within_one_interval_of_the_start() -> None:
    key, interval = ServiceKey("web", "http"), timedelta(seconds=10)

    assert first_due(key, interval, start=100.0, spread=False) == 100.0
    due = first_due(key, interval, start=100.0, spread=True)
    assert due == 100.0 + 10 * phase(key)


def test_phases_are_spread_evenly() -> None:
    phases = sorted(phase(ServiceKey(f"g{n}", "http")) for n in range(1000))

    assert 0 <= phases[0] <= phases[-1] < 1
    gaps = (after - before for before, after in pairwise(phases))
    assert max(gaps) < 0.02


def test_a_name_s_parts_are_told_apart() -> None:
    assert phase(ServiceKey("a", "bc")) != phase(ServiceKey("ab", "c"))


def test_intervals_do_not_drift_with_late_checks() -> None:
    assert next_due(100.0, 10.0, now=100.3) == 110.0
    assert next_due(100.0, 10.0, now=109.9) == 110.0


def test_what_was_missed_is_skipped() -> None:
    assert next_due(100.0, 10.0, now=110.0) == 120.0
    assert next_due(100.0, 10.0, now=137.0) == 140.0


def test_skew_moves_this_check_alone() -> None:
    assert next_due(100.0, 10.0, now=100.0, skew=-1.5) == 108.5


def test_a_due_time_that_rounding_brings_back_is_skipped() -> None:
    assert next_due(2.0, 1 / 3, now=3.0) > 3.0


@given(due=SECONDS, interval=SECONDS, late=SECONDS)
def test_the_next_check_is_ahead_and_at_most_an_interval_away(
    due: float, interval: float, late: float
) -> None:
    now = due + late
    following = next_due(due, interval, now=now)

    assert now < following <= now + interval * (1 + 1e-6) + 1e-6
    steps = (following - due) / interval
    assert abs(steps - round(steps)) < 1e-3


def test_mon_checks_first_after_one_interval() -> None:
    config = Config(mon=MonSettings())

    due = first_check(ServiceKey("web", "http"), timedelta(seconds=10), config, start=5)

    assert due == 15


def test_randstart_spreads_mons_first_checks_over_that_time() -> None:
    config = Config(mon=MonSettings(randstart=timedelta(seconds=2)))
    keys = [ServiceKey(f"g{n}", "http") for n in range(200)]

    dues = [first_check(k, timedelta(hours=1), config, start=5) for k in keys]

    assert 5 <= min(dues) < 5.2
    assert 6.8 < max(dues) < 7


def test_without_mons_variables_the_settings_say_when_checks_begin() -> None:
    key, interval = ServiceKey("web", "http"), timedelta(seconds=10)
    at_once = Config(settings=Settings(spread=False))

    assert first_check(key, interval, at_once, start=5) == 5
    assert first_check(key, interval, Config(), start=5) == 5 + 10 * phase(key)
