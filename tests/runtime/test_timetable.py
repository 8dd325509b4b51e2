"""Due times: exact, skipped when missed, moved and taken out at any moment."""

import asyncio
import gc
import time
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise

import pytest

from monlvs.runtime.timetable import PATIENCE, SLACK, Timetable
from tests.runtime.swiftloop import swiftly, the_loop


class Watcher:
    """A timetable of strings that notes when each key was fired."""

    def __init__(self, then: Callable[["Watcher", str], None] | None = None) -> None:
        self.loop = asyncio.get_running_loop()
        self.fired: dict[str, list[float]] = defaultdict(list)
        self.order: list[str] = []
        self.table: Timetable[str] = Timetable(self._fire)
        self._then = then

    def _fire(self, key: str) -> None:
        self.fired[key].append(self.loop.time())
        self.order.append(key)
        if self._then is not None:
            self._then(self, key)


def test_a_service_is_due_at_exact_multiples_of_its_interval() -> None:
    async def story() -> None:
        watcher = Watcher()
        watcher.table.add("a", due=1.0, interval=10.0)
        await asyncio.sleep(101)

        expected = [1.0 + 10 * turn for turn in range(11)]
        assert watcher.fired["a"] == pytest.approx(expected, abs=SLACK)

    swiftly(story())


def test_the_second_time_may_be_set_apart_and_counts_from_then_on() -> None:
    async def story() -> None:
        watcher = Watcher()
        watcher.table.add("a", due=1.0, interval=10.0, second=7.0)
        assert watcher.table.due("a") == 1.0
        await asyncio.sleep(3)
        assert watcher.table.due("a") == 7.0
        watcher.table.pause()
        await asyncio.sleep(2)
        watcher.table.resume()
        await asyncio.sleep(25)

        assert watcher.fired["a"] == pytest.approx([1, 9, 19, 29], abs=SLACK)

    swiftly(story())


def test_intervals_do_not_drift_however_late_each_turn_of_the_loop_comes() -> None:
    async def story() -> None:
        watcher = Watcher(then=lambda *_: the_loop().block(0.3))
        watcher.table.add("a", due=0.0, interval=1.0)
        await asyncio.sleep(1000.5)

        assert len(watcher.fired["a"]) == 1001
        assert watcher.fired["a"][-1] == pytest.approx(1000, abs=SLACK)

    swiftly(story())


def test_turns_missed_while_the_loop_was_blocked_are_skipped() -> None:
    async def story() -> None:
        watcher = Watcher()
        watcher.table.add("a", due=1.0, interval=1.0)
        await asyncio.sleep(1.5)
        the_loop().block(3.2)  # 4.7: the turns of 2, 3 and 4 are one
        await asyncio.sleep(1.5)

        assert watcher.fired["a"] == pytest.approx([1.0, 4.7, 5.0, 6.0], abs=SLACK)

    swiftly(story())


def test_neighbours_share_one_wake_up() -> None:
    async def story() -> None:
        watcher = Watcher()
        for number in range(1000):
            watcher.table.add(str(number), due=1 + number * SLACK / 1000, interval=9.0)
        await asyncio.sleep(2)

        assert len(watcher.order) == 1000
        assert len({when for (when,) in watcher.fired.values()}) <= 2

    swiftly(story())


def test_a_check_is_early_by_the_slack_at_most() -> None:
    async def story() -> None:
        watcher = Watcher()
        for number in range(500):
            watcher.table.add(str(number), due=number * 0.0007, interval=0.5)
        await asyncio.sleep(5)

        for key, times in watcher.fired.items():
            for turn, when in enumerate(times):
                due = int(key) * 0.0007 + turn * 0.5
                assert -SLACK - 1e-9 <= when - due <= 1e-9

    swiftly(story())


def test_a_thousand_services_keep_their_intervals_for_a_minute() -> None:
    async def story() -> None:
        watcher = Watcher(lambda *_: the_loop().block(50e-6))
        for number in range(1000):
            interval = (1.0, 2.5, 5.0)[number % 3]
            watcher.table.add(str(number), due=number * 0.00137, interval=interval)
        await asyncio.sleep(61)

        for key, times in watcher.fired.items():
            interval = (1.0, 2.5, 5.0)[int(key) % 3]
            assert len(times) >= int(60 / interval)
            for turn, when in enumerate(times):
                assert abs(when - times[0] - turn * interval) < 0.02
        assert len(watcher.fired) == 1000

    swiftly(story())


def test_skew_moves_each_check_within_its_bounds_and_does_not_add_up() -> None:
    async def story() -> None:
        watcher = Watcher()
        watcher.table.add("a", due=10.0, interval=10.0, skew=2.0)
        await asyncio.sleep(10_003)

        times = watcher.fired["a"]
        moved = [when - 10 * (turn + 1) for turn, when in enumerate(times)]
        assert len(times) == 1000
        assert all(-2 - SLACK <= by <= 2 for by in moved)
        assert min(moved) < -1
        assert max(moved) > 1

    swiftly(story())


def test_a_skew_as_large_as_the_interval_never_fires_twice_at_a_time() -> None:
    async def story() -> None:
        watcher = Watcher()
        watcher.table.add("a", due=1.0, interval=1.0, skew=1.0)
        await asyncio.sleep(1000)

        times = watcher.fired["a"]
        assert all(b - a >= SLACK for a, b in pairwise(times))

    swiftly(story())


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        pytest.param(4.0, [10, 14, 18, 22], id="shorter"),
        pytest.param(25.0, [10, 35], id="longer"),
    ],
)
def test_a_new_interval_counts_from_when_the_service_was_last_due(
    interval: float, expected: list[float]
) -> None:
    async def story() -> None:
        watcher = Watcher()
        watcher.table.add("a", due=10.0, interval=10.0)
        await asyncio.sleep(11)
        watcher.table.reschedule("a", interval=interval)
        await asyncio.sleep(expected[-1] - 10)

        assert watcher.fired["a"] == pytest.approx(expected, abs=SLACK)

    swiftly(story())


def test_a_new_interval_that_is_over_already_is_not_made_up_for() -> None:
    async def story() -> None:
        watcher = Watcher()
        watcher.table.add("a", due=10.0, interval=10.0)
        await asyncio.sleep(17)
        watcher.table.reschedule("a", interval=3.0)
        await asyncio.sleep(6)

        assert watcher.fired["a"] == pytest.approx([10, 19, 22], abs=SLACK)

    swiftly(story())


def test_a_new_skew_alone_keeps_the_due_time() -> None:
    async def story() -> None:
        watcher = Watcher()
        watcher.table.add("a", due=10.0, interval=10.0)
        watcher.table.reschedule("a", interval=10.0, skew=1.0)

        assert watcher.table.due("a") == pytest.approx(10.0)

    swiftly(story())


def test_rescheduling_a_service_that_is_gone_does_nothing() -> None:
    async def story() -> None:
        watcher = Watcher()
        watcher.table.reschedule("a", interval=10.0)

        assert "a" not in watcher.table
        assert watcher.table.due("a") is None

    swiftly(story())


def test_fire_may_move_its_own_service() -> None:
    async def story() -> None:
        watcher = Watcher(lambda w, key: w.table.reschedule(key, interval=2.0))
        watcher.table.add("a", due=10.0, interval=10.0)
        await asyncio.sleep(15)

        assert watcher.fired["a"] == pytest.approx([10, 12, 14], abs=SLACK)

    swiftly(story())


def test_fire_may_take_out_its_own_service_and_others_due_at_once() -> None:
    def then(watcher: Watcher, key: str) -> None:
        for other in "abc":
            watcher.table.remove(other)

    async def story() -> None:
        watcher = Watcher(then)
        for key in "abc":
            watcher.table.add(key, due=1.0, interval=1.0)
        await asyncio.sleep(5)

        assert watcher.order == ["a"]
        assert len(watcher.table) == 0

    swiftly(story())


def test_fire_may_add_services_sooner_than_all_others() -> None:
    def then(watcher: Watcher, key: str) -> None:
        if key == "a":
            watcher.table.add("b", due=watcher.loop.time() + 0.5, interval=100.0)

    async def story() -> None:
        watcher = Watcher(then)
        watcher.table.add("a", due=1.0, interval=50.0)
        await asyncio.sleep(2)

        assert watcher.fired["b"] == pytest.approx([1.5], abs=SLACK)

    swiftly(story())


def test_a_service_entered_again_starts_afresh() -> None:
    async def story() -> None:
        watcher = Watcher()
        watcher.table.add("a", due=1.0, interval=1.0)
        watcher.table.add("a", due=5.0, interval=3.0)
        await asyncio.sleep(9)

        assert len(watcher.table) == 1
        assert watcher.fired["a"] == pytest.approx([5, 8], abs=SLACK)

    swiftly(story())


def test_one_service_that_cannot_be_fired_stops_no_other_one() -> None:
    def then(watcher: Watcher, key: str) -> None:
        if key == "a":
            raise ValueError("broken")

    async def story() -> None:
        told: list[str] = []
        the_loop().set_exception_handler(lambda _, about: told.append(about["message"]))
        watcher = Watcher(then)
        watcher.table.add("a", due=1.0, interval=1.0)
        watcher.table.add("b", due=1.0, interval=1.0)
        await asyncio.sleep(3.5)

        assert watcher.order == ["a", "b"] * 3
        assert told == ["the check of a could not be started"] * 3

    swiftly(story())


def test_nothing_is_fired_after_stop_not_even_what_was_due_at_once() -> None:
    async def story() -> None:
        watcher = Watcher(lambda w, _: w.table.stop())
        for key in "abc":
            watcher.table.add(key, due=1.0, interval=1.0)
        await asyncio.sleep(5)
        watcher.table.add("d", due=6.0, interval=1.0)
        await asyncio.sleep(5)

        assert watcher.order == ["a"]

    swiftly(story())


def test_slow_starts_give_way_to_others_and_still_happen_once_each() -> None:
    async def story() -> None:
        watcher = Watcher(lambda *_: the_loop().block(PATIENCE / 2))
        for number in range(100):
            watcher.table.add(str(number), due=1.0, interval=60.0)
        turns = 0
        await asyncio.sleep(1.0)
        while len(watcher.order) < 100:
            await asyncio.sleep(0)
            turns += 1

        assert turns >= 49
        assert watcher.order == [str(number) for number in range(100)]

    swiftly(story())


async def test_a_thousand_services_keep_their_times_on_a_real_clock() -> None:
    watcher = Watcher()
    start = watcher.loop.time() + 0.05
    for number in range(1000):
        watcher.table.add(str(number), due=start + number / 2000, interval=0.5)
    await asyncio.sleep(3.05)
    watcher.table.stop()

    late = sorted(
        (when - start - int(key) / 2000 + SLACK) % 0.5 - SLACK
        for key, times in watcher.fired.items()
        for when in times
    )
    # A busy machine holds up a few turns; a timetable that drifts holds up all.
    assert len(late) > 4000
    assert late[0] > -SLACK - 0.001
    assert late[len(late) // 2] < 0.02
    for number in range(1000):
        due = watcher.table.due(str(number))
        assert due is not None
        turns = (due - start - number / 2000) / 0.5
        assert turns == pytest.approx(round(turns), abs=1e-6)


async def test_ten_thousand_due_at_once_hold_up_nobody_for_20_ms() -> None:
    def start_a_check(*_: object) -> None:
        until = time.thread_time() + 20e-6
        while time.thread_time() < until:
            pass

    watcher = Watcher(start_a_check)
    due = watcher.loop.time() + 0.01
    for number in range(10_000):
        watcher.table.add(str(number), due=due, interval=60.0)
    gc.collect()
    gc.disable()  # other tests' garbage is not ours to count
    turns, seen = [], time.thread_time()  # CPU time: nor are other processes
    while len(watcher.order) < 10_000:
        await asyncio.sleep(0)
        now = time.thread_time()
        turns.append(now - seen)
        seen = now
    gc.enable()
    watcher.table.stop()

    assert len(turns) > 20
    assert max(turns) < 0.02
