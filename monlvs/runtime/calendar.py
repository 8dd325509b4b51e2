"""What happens by the wall clock: expiries, retention, reports.

APScheduler lives here and nowhere else. It reads the wall clock and costs tens of
microseconds a job, so checks and the table's resync are the timetable's, not its.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from types import TracebackType
from typing import Self

from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger

Job = Callable[[], Awaitable[None]]


class Calendar:
    """Runs coroutine functions at wall-clock times; an async context manager."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(
            executors={"default": AsyncIOExecutor()},
            # By default a job that is a second late is dropped without a word.
            job_defaults={"misfire_grace_time": None, "coalesce": True},
        )

    async def __aenter__(self) -> Self:
        self._scheduler.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._scheduler.shutdown(wait=False)

    def at(self, when: datetime, name: str, job: Job) -> None:
        """Run `job` once at `when`; a job of the same name is replaced."""
        self._scheduler.add_job(job, DateTrigger(when), id=name, replace_existing=True)

    def daily(self, hour: int, minute: int, name: str, job: Job) -> None:
        """Run `job` every day at that local time."""
        trigger = CronTrigger(hour=hour, minute=minute)
        self._scheduler.add_job(job, trigger, id=name, replace_existing=True)

    def cancel(self, name: str) -> None:
        """Forget a job; a name that is not there is no error."""
        if self._scheduler.get_job(name) is not None:
            self._scheduler.remove_job(name)
