"""How late the checker itself is: silence noticed late proves nothing about a host."""

import asyncio
from collections import deque
from collections.abc import Callable

_LEAST = 0.2  # seconds; below this a busy machine is just a busy machine
_TICK = 0.1
_REMEMBERED = 64  # stalls


def is_late(overdue: float, timeout: float) -> bool:
    """Say whether a check with `timeout` seconds lost too many of them to ourselves.

    A quarter of the time limit is tolerated, for a check that is a little late has still
    given its host all the time that it had to give.
    """
    return overdue > max(0.25 * timeout, _LEAST)


class LagMeter:
    """Notices when the running loop is kept from running, while `needed` says so."""

    def __init__(self, needed: Callable[[], bool]) -> None:
        self._loop = asyncio.get_running_loop()
        self._needed = needed
        self._timer: asyncio.TimerHandle | None = None
        self.is_running = False
        """Whether it measures at the moment; asked at every launch."""
        self._stalls: deque[tuple[float, float]] = deque(maxlen=_REMEMBERED)
        """When each was noticed, and how many seconds it had taken at least."""

    def start(self) -> None:
        """Measure from now on, until it is not needed any more."""
        due = self._loop.time() + _TICK
        self._timer = self._loop.call_at(due, self._tick, due)
        self.is_running = True

    def stop(self) -> None:
        """Measure no longer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.is_running = False

    def worst_since(self, moment: float) -> float:
        """Return the seconds of the longest stall that was noticed after `moment`."""
        return max((took for when, took in self._stalls if when > moment), default=0.0)

    def _tick(self, due: float) -> None:
        now = self._loop.time()
        if now - due > _TICK:
            self._stalls.append((now, now - due))
        self._timer = None
        self.is_running = False
        if self._needed():
            self.start()
