"""Fires services on time and nothing else, and tells what that costs.

First how late firings are; then how long the loop stands still when everything is due at
once; then, from the start again, the cost of a firing, with a body that only appends.
"""

import argparse
import time
from collections.abc import Callable
from statistics import quantiles

from bench.drivers.bill import meter
from bench.drivers.schedulers import KINDS, Scheduler

LEAD = 0.3
"""Seconds from entering everything until the first is due."""
ENTERING = {"apscheduler": 400e-6}
"""Seconds that entering one service may take where it is slow."""


class Lateness:
    """Notes how late each firing is, given when each was first due and how often."""

    def __init__(
        self, dues: list[float], interval: float, clock: Callable[[], float]
    ) -> None:
        self._dues = list(dues)
        self._interval = interval
        self._clock = clock
        self.late: list[float] = []

    def fire(self, key: int) -> None:
        """Take one firing in."""
        self.late.append(self._clock() - self._dues[key])
        self._dues[key] += self._interval

    def percentiles(self) -> list[float]:
        """Return the 99 percentiles in milliseconds."""
        return [late * 1000 for late in quantiles(self.late, n=100)]


class Course:
    """One kind of scheduler, so many services, each every `interval` seconds."""

    def __init__(self, kind: str, services: int, interval: float) -> None:
        self._make: Callable[[], Scheduler] = KINDS[kind]
        self._entering = LEAD + services * ENTERING.get(kind, 15e-6)
        self._services = services
        self._interval = interval

    def cost(self, seconds: float) -> str:
        """Return the bill for what is fired in so many seconds."""
        late = self._lateness(seconds)
        more = {"lag_p50_ms": late[49], "lag_p99_ms": late[98]}
        more["block_ms"] = self._block()
        fired: list[int] = []
        scheduler, dues = self._make(), self._dues(self._interval)
        scheduler.enter(dues, self._interval, fired.append)
        scheduler.run(dues[0] + 0.5)
        bill, before = meter(), len(fired)
        scheduler.run(dues[0] + 0.5 + seconds)
        return bill(len(fired) - before, **more)

    def _dues(self, interval: float) -> list[float]:
        start = time.monotonic() + self._entering
        return [start + interval * n / self._services for n in range(self._services)]

    def _lateness(self, seconds: float) -> list[float]:
        scheduler, dues = self._make(), self._dues(self._interval)
        lateness = Lateness(dues, self._interval, time.monotonic)
        scheduler.enter(dues, self._interval, lateness.fire)
        scheduler.run(dues[0] + seconds)
        return lateness.percentiles()

    def _block(self) -> float:
        """Return how many milliseconds a burst of all services blocks at the longest."""
        scheduler, dues = self._make(), self._dues(0.0)
        scheduler.enter(dues, 3600.0, lambda _key: None)
        scheduler.run(dues[0] - 0.05)
        return scheduler.longest_block(dues[0] + 1.0) * 1000


def main() -> None:
    """Read the command line, run, print the bill."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=tuple(KINDS))
    parser.add_argument("--services", type=int, default=10_000)
    parser.add_argument("--rate", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=4.0)
    given = parser.parse_args()
    course = Course(given.kind, given.services, given.services / given.rate)
    print(course.cost(given.seconds))


if __name__ == "__main__":
    main()
