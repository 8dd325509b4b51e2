"""What happens by the wall clock: expiries, retention, reports.

APScheduler lives here and nowhere else. It reads the wall clock and costs tens of
microseconds a job, so checks and the table's resync are the timetable's, not its. To
load it takes a tenth of a daemon's start: it is there once something is entered.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler
    from apscheduler.triggers.cron import CronTrigger
    from apscheduler.triggers.date import DateTrigger

log = logging.getLogger("monlvs.calendar")

LOOK = 30.0
"""Seconds between looks at the clock: how late a step of it may be noticed."""

Job = Callable[[], Awaitable[None]]


class Calendar:
    """Runs coroutine functions at wall-clock times; an async context manager.

    A job that raises is logged in one line and disturbs no other one.
    """

    def __init__(self) -> None:
        self._opened: AsyncIOScheduler | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._opened is None:
            return
        self._opened.shutdown(wait=False)
        # It shuts down in the next turn of the loop, and its jobs end in the one after.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def at(self, when: datetime, name: str, job: Job) -> None:
        """Run `job` once at `when`, at once if that is past; one of that name is replaced."""
        from apscheduler.triggers.date import DateTrigger

        self._add(name, job, DateTrigger(when))

    def daily(self, hour: int, minute: int, name: str, job: Job) -> None:
        """Run `job` every day at that local time; one of that name is replaced."""
        from apscheduler.triggers.cron import CronTrigger

        self._add(name, job, CronTrigger(hour=hour, minute=minute))

    def cancel(self, name: str) -> None:
        """Forget a job; a name that is not there is no error."""
        if self._opened is not None and self._opened.get_job(name) is not None:
            self._opened.remove_job(name)

    def _add(self, name: str, job: Job, trigger: "DateTrigger | CronTrigger") -> None:
        if self._opened is None:
            self._opened = _open()
            self._look(self._opened)
        self._opened.add_job(_run, trigger, (name, job), id=name, replace_existing=True)

    def _look(self, scheduler: "AsyncIOScheduler") -> None:
        """Compare jobs and wall clock anew: timers run on the monotonic clock."""
        scheduler.wakeup()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(LOOK, self._look, scheduler)


def _open() -> "AsyncIOScheduler":
    from apscheduler.executors.asyncio import AsyncIOExecutor
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

    scheduler = AsyncIOScheduler(
        executors={"default": AsyncIOExecutor()},
        # By default a job that is a second late, or whose last run has not ended, is
        # dropped without a word.
        job_defaults={
            "misfire_grace_time": None,
            "coalesce": True,
            "max_instances": 100,
        },
        logger=_library_log,
    )
    scheduler.start()
    return scheduler


_library_log = logging.getLogger("apscheduler")
_library_log.setLevel(logging.WARNING)  # it tells of every job that it adds and runs


async def _run(name: str, job: Job) -> None:
    try:
        await job()
    except Exception as error:  # noqa: BLE001  told in one line
        log.error("%s failed: %s: %s", name, type(error).__name__, error)  # noqa: TRY400  the same
