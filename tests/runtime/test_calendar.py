"""Jobs by the wall clock, with real but short waits."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from monlvs.runtime import clock
from monlvs.runtime.calendar import Calendar

LIMIT = 20.0


def soon(milliseconds: float = 50) -> datetime:
    return clock.now().utc + timedelta(milliseconds=milliseconds)


class Done:
    """Notes the jobs that ran."""

    def __init__(self) -> None:
        self.jobs: list[str] = []
        self._more = asyncio.Event()

    async def note(self, name: str) -> None:
        self.jobs.append(name)
        self._more.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(LIMIT):
            while len(self.jobs) < count:
                self._more.clear()
                await self._more.wait()


async def test_a_job_runs_once_at_its_time() -> None:
    done, loop = Done(), asyncio.get_running_loop()
    async with Calendar() as calendar:
        started = loop.time()
        calendar.at(soon(50), "wake", lambda: done.note("wake"))
        await done.until(1)

        assert loop.time() - started >= 0.045
        assert done.jobs == ["wake"]


async def test_a_time_in_another_zone_is_the_same_moment() -> None:
    done = Done()
    async with Calendar() as calendar:
        calendar.at(soon().astimezone(), "local", lambda: done.note("local"))
        await done.until(1)


async def test_a_time_that_is_past_is_now() -> None:
    done = Done()
    async with Calendar() as calendar:
        long_ago = datetime(2001, 1, 1, tzinfo=UTC)
        calendar.at(long_ago, "expired", lambda: done.note("expired"))
        await done.until(1)


async def test_a_job_of_the_same_name_replaces_the_one_before() -> None:
    done = Done()
    async with Calendar() as calendar:
        calendar.at(soon(20), "job", lambda: done.note("first"))
        calendar.at(soon(40), "job", lambda: done.note("second"))
        calendar.at(soon(60), "end", lambda: done.note("end"))
        await done.until(2)

    assert done.jobs == ["second", "end"]


async def test_a_job_that_was_cancelled_does_not_run() -> None:
    done = Done()
    async with Calendar() as calendar:
        calendar.at(soon(20), "job", lambda: done.note("job"))
        calendar.at(soon(60), "end", lambda: done.note("end"))
        calendar.cancel("job")
        calendar.cancel("never heard of")
        await done.until(1)

    assert done.jobs == ["end"]


async def test_a_job_may_enter_itself_again() -> None:
    done = Done()

    async with Calendar() as calendar:

        async def again() -> None:
            if len(done.jobs) < 2:
                calendar.at(soon(10), "again", again)
            await done.note("again")

        calendar.at(soon(10), "again", again)
        await done.until(3)


async def test_a_job_that_raises_is_told_in_one_line_and_stops_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail() -> None:
        raise PermissionError("not ours")

    done = Done()
    async with Calendar() as calendar:
        calendar.at(soon(20), "retention", fail)
        calendar.at(soon(40), "end", lambda: done.note("end"))
        await done.until(1)

    assert caplog.messages == ["retention failed: PermissionError: not ours"]
    assert caplog.records[0].exc_info is None


async def test_a_daily_job_waits_for_its_time_and_can_be_replaced() -> None:
    done = Done()
    then = clock.now().utc.astimezone() + timedelta(hours=12)
    async with Calendar() as calendar:
        for _ in range(2):
            calendar.daily(then.hour, then.minute, "report", lambda: done.note("no"))
        calendar.at(soon(20), "end", lambda: done.note("end"))
        await done.until(1)
        calendar.cancel("report")

    assert done.jobs == ["end"]


async def test_a_job_that_still_runs_ends_with_the_calendar() -> None:
    ended, begun = asyncio.Event(), asyncio.Event()

    async def long() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with asyncio.timeout(LIMIT), Calendar() as calendar:
        calendar.at(soon(0), "long", long)
        await begun.wait()

    assert ended.is_set()
