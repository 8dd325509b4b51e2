"""When each service's next check is due: a calendar of a few milliseconds, one timer.

Intervals are measured on the monotonic clock and do not drift: the next due time is
the last one plus the interval, however late a turn of the loop came.
"""

import asyncio
import random
from collections.abc import Callable, Hashable
from heapq import heappop, heappush
from typing import Generic, TypeVar

from monlvs.core.timing import next_due
from monlvs.wire.looptime import clock_of

K = TypeVar("K", bound=Hashable)

SLACK = 0.008
"""Seconds by which checks may be early, so that neighbours share one wake-up: at
1,000 checks a second there are half as many as with 4 ms."""
GRAIN = 0.004
"""Seconds of one page of the calendar. A heap of all services would be walked down at each
firing, through memory that no cache holds: 3 of 63 µs of a check."""
PATIENCE = 0.005
"""Seconds that one turn may take; in a burst the loop serves others in between."""


class _Slot(Generic[K]):
    """One service's place; mutable because the timetable owns it alone."""

    __slots__ = ("alive", "at", "due", "first", "interval", "key", "skew")

    def __init__(self, key: K, due: float, interval: float, skew: float) -> None:
        self.key = key
        self.due = due
        self.first = due
        self.at = due
        self.interval = interval
        self.skew = skew
        self.alive = True


class Timetable(Generic[K]):
    """Calls `fire(key)` whenever a key is due.

    All times are seconds of the loop's clock. `fire` may add, move and remove keys. One
    that raises is reported to the loop's exception handler, and the timetable goes on.
    """

    def __init__(self, fire: Callable[[K], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._time = clock_of(self._loop)
        self._fire = fire
        self._pages: dict[int, list[_Slot[K]]] = {}
        """By number; what is fired GRAIN after GRAIN, in the order of its entering."""
        self._numbers: list[int] = []
        """A heap of the pages' numbers."""
        self._slots: dict[K, _Slot[K]] = {}
        self._intervals: dict[float, float] = {}
        """One float for all that have an interval: it stays in the processor's caches."""
        self._timer: asyncio.TimerHandle | None = None
        self._wakes_at = float("inf")
        self._stopped = False
        self._paused_at: float | None = None
        self._halted = False
        """Stopped or paused: asked at every firing, so kept ready."""

    def __len__(self) -> int:
        return len(self._slots)

    def __contains__(self, key: K) -> bool:
        return key in self._slots

    def add(
        self,
        key: K,
        *,
        due: float,
        interval: float,
        skew: float = 0.0,
        second: float | None = None,
    ) -> None:
        """Enter `key`, first due at `due`; a key already there starts afresh.

        `second`: when it is due after that, an interval later unless set. `skew`
        (seconds): each check is moved by a random time of up to this much, to either side
        (mon(8), "randskew").
        """
        self.remove(key)
        paused = self._paused_for()
        interval = self._intervals.setdefault(interval, interval)
        slot = _Slot(key, due - paused, interval, skew)
        if second is not None:
            slot.due = second - paused - interval  # as if it had been due then
        self._slots[key] = slot
        self._push(slot, slot.first)

    def remove(self, key: K) -> None:
        """Take `key` out; a key that is not there is no error."""
        slot = self._slots.pop(key, None)
        if slot is not None:
            slot.alive = False

    def reschedule(self, key: K, *, interval: float, skew: float | None = None) -> None:
        """Give `key` another interval, counted from when it was last due.

        `skew` replaces the former one; None keeps it. A key that is not there is no
        error: its service may have gone while its check ran.
        """
        old = self._slots.get(key)
        if old is None:
            return
        skew = old.skew if skew is None else skew
        if (interval, skew) == (old.interval, old.skew):
            return
        last = old.due + self._paused_for() - old.interval
        due = next_due(last, interval, now=self._time())
        self.add(key, due=due, interval=interval, skew=skew)

    def due(self, key: K) -> float | None:
        """Return when `key` is due next, or None when it is not scheduled."""
        slot = self._slots.get(key)
        if slot is None:
            return None
        paused = self._paused_for()
        first = slot.first + paused
        return first if first > self._time() else slot.due + paused

    def clear(self) -> None:
        """Take everything out."""
        for key in tuple(self._slots):
            self.remove(key)

    def pause(self) -> None:
        """Let the time stand still: nothing is due until `resume`."""
        if self._paused_at is None:
            self._paused_at = self._time()
            self._halted = True
            self._disarm()

    def resume(self) -> None:
        """Go on where `pause` has stopped; all is due as much later."""
        waited = self._paused_for()
        self._paused_at = None
        self._halted = self._stopped
        if not waited:
            return
        slots = [slot for page in self._pages.values() for slot in page if slot.alive]
        self._pages.clear()
        self._numbers.clear()
        for slot in slots:
            slot.due += waited
            slot.first += waited
            self._push(slot, slot.at + waited)

    def _paused_for(self) -> float:
        return 0.0 if self._paused_at is None else self._time() - self._paused_at

    def stop(self) -> None:
        """Fire nothing any more."""
        self._stopped = True
        self._halted = True
        self._disarm()

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._wakes_at = float("inf")

    def _push(self, slot: _Slot[K], at: float) -> None:
        slot.at = at
        self._open(int(at / GRAIN)).append(slot)
        if at < self._wakes_at and not self._halted:
            self._arm(at)

    def _open(self, number: int) -> list[_Slot[K]]:
        page = self._pages.get(number)
        if page is None:
            page = self._pages[number] = []
            heappush(self._numbers, number)
        return page

    def _arm_for_next(self) -> None:
        """Arm for the first that is due; pages of nobody go."""
        self._timer = None
        self._wakes_at = float("inf")
        numbers = self._numbers
        while numbers and not self._halted:
            dues = [slot.at for slot in self._pages[numbers[0]] if slot.alive]
            if dues:
                self._arm(min(dues))
                return
            del self._pages[heappop(numbers)]

    def _arm(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._wakes_at = at
        self._timer = self._loop.call_at(at, self._turn)

    def _turn(self) -> None:
        numbers, now = self._numbers, self._time()
        limit = now + SLACK
        self._wakes_at = float("-inf")  # nothing pushed below needs a timer of its own
        while numbers and not self._halted and numbers[0] * GRAIN <= limit:
            number = heappop(numbers)
            page = self._pages.pop(number)
            left = self._fire_page(page, now)
            if left:
                self._open(number).extend(left)
                break
        self._arm_for_next()

    def _fire_page(self, page: list[_Slot[K]], now: float) -> list[_Slot[K]]:
        """Fire who is due; return who is not yet, or for whom the time is too short."""
        clock, fire, pages = self._time, self._fire, self._pages
        limit, until, again = now + SLACK, now + PATIENCE, now + 2 * SLACK
        left: list[_Slot[K]] = []
        for place, slot in enumerate(page):
            if not slot.alive:
                continue
            if slot.at > limit:
                left.append(slot)
                continue
            due = slot.due + slot.interval
            if due <= now:  # turns were missed
                due = next_due(slot.due, slot.interval, now=now)
            slot.due = due
            if slot.skew:
                due += random.uniform(-slot.skew, slot.skew)  # noqa: S311  spreads load, no secret
            # Never again in this turn, however short the interval or large the skew.
            slot.at = at = due if due > again else again  # noqa: FURB136  max() takes twice as long
            later = pages.get(int(at / GRAIN))
            if later is None:
                later = self._open(int(at / GRAIN))
            later.append(slot)
            try:
                fire(slot.key)
            except Exception as error:  # noqa: BLE001  one service's fault must not stop all checks
                self._complain(slot.key, error)
            if self._halted or clock() >= until:
                return [*left, *page[place + 1 :]]
        return left

    def _complain(self, key: K, error: Exception) -> None:
        words = f"the check of {key} could not be started"
        self._loop.call_exception_handler({"message": words, "exception": error})
