"""The schedulers that the timetable is measured against, and itself, behind one face."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from heapq import heapify, heapreplace
from typing import Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monlvs.runtime.timetable import SLACK, Timetable

Fire = Callable[[int], None]


class Scheduler(Protocol):
    """Fires service `n` at `dues[n]` and every `interval` seconds from then on."""

    def enter(self, dues: list[float], interval: float, fire: Fire) -> None:
        """Enter all services; times are of the monotonic clock."""

    def run(self, until: float) -> None:
        """Fire what is due until then."""

    def longest_block(self, until: float) -> float:
        """Run until then; return the longest time in which nothing else could run."""


class BareHeap:
    """The least that Python can do: a heap, a clock, a sleep; it shares our slack."""

    def enter(self, dues: list[float], interval: float, fire: Fire) -> None:
        self._heap = [(due, key) for key, due in enumerate(dues)]
        heapify(self._heap)
        self._interval = interval
        self._fire = fire

    def run(self, until: float) -> None:
        while time.monotonic() < until:
            self._turn()
            due = min(self._heap[0][0], until)
            time.sleep(max(0.0, due - time.monotonic()))

    def longest_block(self, until: float) -> float:
        longest = 0.0
        while (start := time.monotonic()) < until:
            self._turn()
            longest = max(longest, time.monotonic() - start)
        return longest

    def _turn(self) -> None:
        heap, interval, fire = self._heap, self._interval, self._fire
        limit = time.monotonic() + SLACK
        while heap[0][0] <= limit:
            due, key = heap[0]
            heapreplace(heap, (due + interval, key))
            fire(key)


class _InLoop:
    """What has an event loop of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()

    def run(self, until: float) -> None:
        left = until - self._loop.time()
        self._loop.run_until_complete(asyncio.sleep(max(0.0, left)))

    def longest_block(self, until: float) -> float:
        return self._loop.run_until_complete(self._longest_turn(until))

    async def _longest_turn(self, until: float) -> float:
        longest, before = 0.0, time.monotonic()
        while before < until:
            await asyncio.sleep(0)
            now = time.monotonic()
            longest, before = max(longest, now - before), now
        return longest


class Ours(_InLoop):
    """monlvs's timetable."""

    def enter(self, dues: list[float], interval: float, fire: Fire) -> None:
        self._loop.run_until_complete(self._enter(dues, interval, fire))

    async def _enter(self, dues: list[float], interval: float, fire: Fire) -> None:
        timetable: Timetable[int] = Timetable(fire)
        for key, due in enumerate(dues):
            timetable.add(key, due=due, interval=interval)


class JobPerService(_InLoop):
    """APScheduler with one job per service; it reads the wall clock."""

    def enter(self, dues: list[float], interval: float, fire: Fire) -> None:
        async def job(key: int) -> None:
            fire(key)

        defaults = {"misfire_grace_time": None, "coalesce": True}
        scheduler = AsyncIOScheduler(job_defaults=defaults, event_loop=self._loop)
        offset = time.time() - time.monotonic()
        for key, due in enumerate(dues):
            first = datetime.fromtimestamp(due + offset).astimezone()
            scheduler.add_job(
                job, "interval", seconds=interval, start_date=first, args=(key,)
            )
        scheduler.start()


KINDS: dict[str, Callable[[], Scheduler]] = {
    "timetable": Ours,
    "heap": BareHeap,
    "apscheduler": JobPerService,
}
