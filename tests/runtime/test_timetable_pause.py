"""A timetable whose time stands still, as while the scheduler is stopped."""

import asyncio

import pytest

from monlvs.runtime.timetable import SLACK
from tests.runtime.swiftloop import swiftly
from tests.runtime.test_timetable import Watcher


def test_nothing_is_due_in_a_pause_and_all_is_due_as_much_later() -> None:
    async def story() -> None:
        watcher = Watcher()
        watcher.table.add("a", due=10.0, interval=10.0)
        watcher.table.add("b", due=4.0, interval=10.0, skew=0.5)
        await asyncio.sleep(7)
        watcher.table.pause()
        await asyncio.sleep(1)
        watcher.table.pause()
        await asyncio.sleep(99)

        assert watcher.table.due("a") == pytest.approx(110)
        watcher.table.resume()
        watcher.table.resume()
        assert watcher.table.due("a") == pytest.approx(110)
        await asyncio.sleep(14)

        assert watcher.fired["a"] == pytest.approx([110, 120], abs=SLACK)
        assert watcher.fired["b"] == pytest.approx([4, 114], abs=0.5 + SLACK)

    swiftly(story())


def test_what_is_entered_in_a_pause_waits_its_time_from_the_end_of_it() -> None:
    async def story() -> None:
        watcher = Watcher()
        watcher.table.pause()
        await asyncio.sleep(50)
        watcher.table.add("a", due=53.0, interval=10.0)
        watcher.table.add("b", due=55.0, interval=10.0)
        watcher.table.reschedule("b", interval=20.0)
        await asyncio.sleep(50)
        watcher.table.resume()
        await asyncio.sleep(40)

        assert watcher.fired["a"] == pytest.approx([103, 113, 123, 133], abs=SLACK)
        assert watcher.fired["b"] == pytest.approx([115, 135], abs=SLACK)

    swiftly(story())


def test_a_pause_in_the_middle_of_a_turn_holds_the_rest_back() -> None:
    async def story() -> None:
        watcher = Watcher(then=lambda told, _: told.table.pause())
        for key in "ab":
            watcher.table.add(key, due=1.0, interval=10.0)
        await asyncio.sleep(5)
        assert watcher.order == ["a"]
        watcher.table.resume()
        await asyncio.sleep(1)

        assert watcher.order == ["a", "b"]

    swiftly(story())


def test_a_timetable_that_was_stopped_in_a_pause_stays_stopped() -> None:
    async def story() -> None:
        watcher = Watcher()
        watcher.table.add("a", due=1.0, interval=1.0)
        watcher.table.pause()
        await asyncio.sleep(1)
        watcher.table.stop()
        watcher.table.resume()
        await asyncio.sleep(5)

        assert watcher.order == []

    swiftly(story())


def test_a_cleared_timetable_is_empty() -> None:
    async def story() -> None:
        watcher = Watcher()
        watcher.table.add("a", due=1.0, interval=1.0)
        watcher.table.clear()
        await asyncio.sleep(5)

        assert (len(watcher.table), watcher.order) == (0, [])

    swiftly(story())
