"""What services wait for besides their checks: traps that are late, or have had their day."""

import asyncio
from collections.abc import Callable

from monlvs.core.effects import Timer, WakeAt
from monlvs.core.events import Event, TrapExpired, TrapOverdue
from monlvs.model.values import Now
from monlvs.model.watch import ServiceKey
from monlvs.mon.ctime import ctime_line


class Alarms:
    """One timer per service and kind, each on the loop's clock."""

    def __init__(
        self, submit: Callable[[Event], None], clock: Callable[[], Now]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._submit = submit
        self._clock = clock
        self._set: dict[tuple[ServiceKey, Timer], asyncio.TimerHandle] = {}

    def set(self, wake: WakeAt) -> None:
        """Set an alarm, or put it off, or (`seconds` is None) take it back."""
        name = (wake.service, wake.timer)
        former = self._set.pop(name, None)
        if former is not None:
            former.cancel()
        if wake.seconds is not None:
            self._set[name] = self._loop.call_later(wake.seconds, self._ring, *name)

    def remaining(self, service: ServiceKey, timer: Timer) -> float | None:
        """Return the seconds until an alarm rings, or None where none is set."""
        handle = self._set.get((service, timer))
        return None if handle is None else max(handle.when() - self._loop.time(), 0.0)

    def clear(self) -> None:
        """Take all alarms back."""
        for handle in self._set.values():
            handle.cancel()
        self._set.clear()

    def _ring(self, service: ServiceKey, timer: Timer) -> None:
        self._set.pop((service, timer), None)
        match timer:
            case Timer.TRAP_OVERDUE:
                self._submit(TrapOverdue(service, ctime_line(self._clock().utc)))
            case Timer.TRAP_EXPIRED:
                self._submit(TrapExpired(service))
