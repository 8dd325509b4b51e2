"""Due times: exact, spread, and never in the past."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.core.timing import PACE, Dues, first_checks, next_due, phase, place
from monlvs.model.config import Config, Settings
from monlvs.model.mon import MonSettings
from monlvs.model.watch import ServiceKey

SECONDS = st.floats(min_value=0.01, max_value=1e5)


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
    config, key = Config(mon=MonSettings()), ServiceKey("web", "http")

    dues = first_checks(key, timedelta(seconds=10), config, start=5, crowd=3)

    assert dues == Dues(15, 25)


def test_the_time_that_a_start_took_counts_for_mons_first_interval() -> None:
    config, key = Config(mon=MonSettings()), ServiceKey("web", "http")
    ten = timedelta(seconds=10)

    soon = first_checks(key, ten, config, start=5, crowd=3, begun=2)

    assert soon == Dues(12, 22)


@pytest.mark.parametrize("begun", [-0.1, -6, -300])
def test_after_a_long_start_mons_first_check_is_half_an_interval_away(
    begun: float,
) -> None:
    config, key = Config(mon=MonSettings()), ServiceKey("web", "http")
    ten = timedelta(seconds=10)

    dues = first_checks(key, ten, config, start=5, crowd=3, begun=begun)

    assert dues == Dues(10, 20)


def test_a_beginning_that_lies_ahead_holds_up_no_check() -> None:
    config, key = Config(mon=MonSettings()), ServiceKey("web", "http")
    ten = timedelta(seconds=10)

    dues = first_checks(key, ten, config, start=5, crowd=3, begun=1e6)

    assert dues == Dues(15, 25)


def test_randstart_spreads_mons_first_checks_over_that_time() -> None:
    config = Config(mon=MonSettings(randstart=timedelta(seconds=2)))
    keys = [ServiceKey(f"g{n}", "http") for n in range(200)]

    hour = timedelta(hours=1)
    dues = [first_checks(k, hour, config, start=5, crowd=200).first for k in keys]

    assert 5 <= min(dues) < 5.2
    assert 6.8 < max(dues) < 7


def test_without_spread_all_checks_begin_at_once() -> None:
    key, interval = ServiceKey("web", "http"), timedelta(seconds=10)
    config = Config(settings=Settings(spread=False))

    assert first_checks(key, interval, config, start=5, crowd=3) == Dues(5, 15)


@given(
    name=st.text(max_size=5),
    seconds=st.floats(min_value=0.1, max_value=1e4),
    crowd=st.integers(min_value=1, max_value=100_000),
)
def test_all_are_checked_soon_and_then_take_their_places(
    name: str, seconds: float, crowd: int
) -> None:
    key, interval = ServiceKey("web", name), timedelta(seconds=seconds)
    every = interval.total_seconds()

    dues = first_checks(key, interval, Config(), start=100, crowd=crowd)

    assert 100 <= dues.first <= 100 + min(every, crowd * PACE)
    assert every * 0.499 <= dues.second - dues.first <= every * 1.501
    places = (dues.second - 100) / every - place(key, crowd)
    assert abs(places - round(places)) < 1e-6


@pytest.mark.parametrize("crowd", [1, 100, 1_000, 10_000])
def test_a_place_is_shared_by_few_and_near_the_services_own(crowd: int) -> None:
    keys = [ServiceKey(f"g{n}", "http") for n in range(crowd)]

    places = Counter(place(key, crowd) for key in keys)

    assert max(places.values()) <= 40
    finest = 1 / max(16, crowd / 16)
    assert all(0 <= phase(key) - place(key, crowd) < finest for key in keys)
