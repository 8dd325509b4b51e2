"""Delivers alerts without ever holding up a check.

One bounded queue and one task per destination: alerts to one place go out in order, a
place that hangs delays nobody else. A delivery that fails is tried again after each of
DELAYS and then given up, which is logged and recorded: nothing vanishes in silence.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monlvs.core.effects import SendAlert
from monlvs.model.config import Config
from monlvs.model.plugin import Alert, AlertError, AlertKind
from monlvs.model.values import Now
from monlvs.model.watch import ServiceKey
from monlvs.plugins import name_of
from monlvs.runtime import backlog

log = logging.getLogger("monlvs.alerts")

DELAYS = (5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
"""Seconds before each further attempt; after the last one the alert is given up."""
LIMIT = 500
"""Alerts that may wait for one destination; beyond it the oldest is given up."""
ATTEMPT_LIMIT = 120.0
"""Seconds one attempt may take; one whose `timeout` option is longer has that long."""


class Fate(StrEnum):
    """How a delivery stands."""

    SENT = "sent"
    RETRYING = "will be tried again"
    GIVEN_UP = "given up"
    WITHHELD = "would be sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDelivery:
    """Record: an attempt to deliver an alert has ended."""

    service: ServiceKey
    period: str
    alert: str
    kind: AlertKind
    destination: str
    fate: Fate
    attempt: int
    """Which attempt it was; 0: it never came to one."""
    error: str = ""
    raised_at: datetime


class Outbox:
    """Queues per destination, worked off by tasks of their own."""

    def __init__(
        self,
        tasks: asyncio.TaskGroup,
        tell: Callable[[AlertDelivery], None],
        *,
        delays: tuple[float, ...] = DELAYS,
        withhold: bool = False,
    ) -> None:
        """Report to `tell`; where alerts are withheld, that is all that is done."""
        self._tasks = tasks
        self._tell = tell
        self._delays = delays
        self._withhold = withhold
        self._queues: dict[str, _Queue] = {}

    def put(self, order: SendAlert) -> None:
        """Queue one alert; returns at once."""
        if self._withhold:
            self._report(order, Fate.WITHHELD, 0)
            return
        destination = order.alert.destination
        queue = self._queues.get(destination)
        if queue is None:
            queue = self._queues[destination] = _Queue()
            self._tasks.create_task(self._work(queue))
        if len(queue.orders) >= LIMIT:
            self._report(queue.orders.popleft(), Fate.GIVEN_UP, 0, "queue is full")
        queue.orders.append(order)
        if queue.current is None:
            queue.at_rest.clear()
        queue.filled.set()

    @property
    def waiting(self) -> int:
        """How many alerts wait, all destinations together."""
        return sum(len(queue) for queue in self._queues.values())

    def pending(self) -> list[backlog.Plain]:
        """Return what waits as JSON-able values, in order per destination."""
        return [backlog.dump(o) for queue in self._queues.values() for o in queue]

    def restore(self, plain: object, config: Config, *, now: Now) -> tuple[str, ...]:
        """Queue again what `pending` returned before a restart.

        What is too old or not configured any more is left out; a sentence about each is
        returned. An alert that was just being delivered may go out twice.
        """
        complaints: list[str] = []
        for item in plain if isinstance(plain, list) else ():
            try:
                self.put(backlog.load(item, config, now=now))
            except backlog.LostError as error:
                complaints.append(f"not sent: {error}")
        return tuple(complaints)

    async def drain(self, seconds: float) -> None:
        """Give what waits `seconds` to be delivered; for the end of the daemon.

        What waits for another attempt is not waited for.
        """
        try:
            async with asyncio.timeout(seconds):
                for queue in self._queues.values():
                    await queue.at_rest.wait()
        except TimeoutError:
            pass  # told below
        if self.waiting:
            log.warning("%d alerts were not delivered before the end", self.waiting)

    async def _work(self, queue: "_Queue") -> None:
        while True:
            await queue.filled.wait()
            while queue.orders:
                queue.current = order = queue.orders.popleft()
                await self._deliver(order, queue)
                queue.current = None
            queue.filled.clear()
            queue.at_rest.set()

    async def _deliver(self, order: SendAlert, queue: "_Queue") -> None:
        for attempt, delay in enumerate((*self._delays, None), start=1):
            queue.at_rest.clear()
            error = await _attempt(order)
            if error is None:
                queue.current = None
                self._report(order, Fate.SENT, attempt)
                return
            if delay is None or error.lasting:
                queue.current = None
                self._report(order, Fate.GIVEN_UP, attempt, str(error))
                return
            self._report(order, Fate.RETRYING, attempt, str(error))
            queue.at_rest.set()
            await asyncio.sleep(delay)

    def _report(
        self, order: SendAlert, fate: Fate, attempt: int, error: str = ""
    ) -> None:
        try:
            self._tell(
                AlertDelivery(
                    service=order.service,
                    period=order.period,
                    alert=name_of(order.alert),
                    kind=order.occasion.kind,
                    destination=order.alert.destination,
                    fate=fate,
                    attempt=attempt,
                    error=error,
                    raised_at=order.occasion.time,
                )
            )
        except Exception:  # the alerts behind it must go out all the same
            log.exception("could not record that an alert was %s: %s", fate, order)


class _Queue:
    """What waits for one destination."""

    __slots__ = ("at_rest", "current", "filled", "orders")

    def __init__(self) -> None:
        self.orders: deque[SendAlert] = deque()
        self.current: SendAlert | None = None
        """What is being delivered, or waits for its next attempt."""
        self.filled = asyncio.Event()
        self.at_rest = asyncio.Event()
        """Nothing is to be sent now."""

    def __iter__(self) -> Iterator[SendAlert]:
        if self.current is not None:
            yield self.current
        yield from self.orders

    def __len__(self) -> int:
        return len(self.orders) + (self.current is not None)


async def _attempt(order: SendAlert) -> AlertError | None:
    limit = _limit(order.alert)
    timer = asyncio.timeout(limit)
    try:
        async with timer:
            await order.alert.send(order.occasion)
    except AlertError as error:
        return error
    except TimeoutError as error:
        words = f"no end after {limit:.0f} s" if timer.expired() else str(error)
        return AlertError(words or "timed out")
    except asyncio.CancelledError:
        if _is_cancelled():
            raise
        return AlertError("alert is broken: it cancelled itself", lasting=True)
    except Exception as error:  # noqa: BLE001  a broken plugin must not end the daemon
        return AlertError(f"alert is broken: {error!r}", lasting=True)
    return None


def _limit(alert: Alert) -> float:
    own = getattr(alert, "timeout", None)
    if not isinstance(own, timedelta):
        return ATTEMPT_LIMIT
    # A little more, so that the alert itself can say what took so long.
    return max(ATTEMPT_LIMIT, own.total_seconds() + 5.0)


def _is_cancelled() -> bool:
    """Whether somebody wants this task to end; a plugin may raise CancelledError too."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0
