"""Delivers alerts without ever holding up a check.

One bounded queue and one task per destination: alerts to one place go out in order, a
place that hangs delays nobody else. A delivery that fails is tried again after each of
DELAYS and then given up, which is logged and recorded: nothing vanishes in silence.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monlvs.core.effects import SendAlert
from monlvs.model.plugin import AlertError, AlertKind
from monlvs.model.watch import ServiceKey
from monlvs.plugins import name_of

log = logging.getLogger("monlvs.alerts")

DELAYS = (5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
"""Seconds before each further attempt; after the last one the alert is given up."""
LIMIT = 500
"""Alerts that may wait for one destination; beyond it the oldest is given up."""
ATTEMPT_LIMIT = 120.0
"""Seconds one attempt may take, whatever the alert's own limits are."""


class Fate(StrEnum):
    """How a delivery stands."""

    SENT = "sent"
    RETRYING = "will be tried again"
    GIVEN_UP = "given up"


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
    ) -> None:
        self._tasks = tasks
        self._tell = tell
        self._delays = delays
        self._queues: dict[str, _Queue] = {}

    def put(self, order: SendAlert) -> None:
        """Queue one alert; returns at once."""
        destination = order.alert.destination
        queue = self._queues.get(destination)
        if queue is None:
            queue = self._queues[destination] = _Queue()
            self._tasks.create_task(self._work(queue))
        if len(queue.orders) >= LIMIT:
            self._report(queue.orders.popleft(), Fate.GIVEN_UP, 0, "queue is full")
        queue.orders.append(order)
        queue.empty.clear()
        queue.filled.set()

    @property
    def waiting(self) -> int:
        """How many alerts wait, all destinations together."""
        return sum(len(queue.orders) + queue.busy for queue in self._queues.values())

    async def drain(self, seconds: float) -> None:
        """Give what waits `seconds` to be delivered; for the end of the daemon."""
        try:
            async with asyncio.timeout(seconds):
                for queue in self._queues.values():
                    await queue.empty.wait()
        except TimeoutError:
            log.warning("%d alerts were not delivered before the end", self.waiting)

    async def _work(self, queue: "_Queue") -> None:
        while True:
            await queue.filled.wait()
            while queue.orders:
                order = queue.orders.popleft()
                queue.busy = 1
                await self._deliver(order)
                queue.busy = 0
            queue.filled.clear()
            queue.empty.set()

    async def _deliver(self, order: SendAlert) -> None:
        for attempt, delay in enumerate((*self._delays, None), start=1):
            error = await _attempt(order)
            if error is None:
                self._report(order, Fate.SENT, attempt)
                return
            if delay is None or error.lasting:
                self._report(order, Fate.GIVEN_UP, attempt, str(error))
                return
            self._report(order, Fate.RETRYING, attempt, str(error))
            await asyncio.sleep(delay)

    def _report(
        self, order: SendAlert, fate: Fate, attempt: int, error: str = ""
    ) -> None:
        record = AlertDelivery(
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
        self._tell(record)


class _Queue:
    """What waits for one destination."""

    __slots__ = ("busy", "empty", "filled", "orders")

    def __init__(self) -> None:
        self.orders: deque[SendAlert] = deque()
        self.filled = asyncio.Event()
        self.empty = asyncio.Event()
        self.empty.set()
        self.busy = 0


async def _attempt(order: SendAlert) -> AlertError | None:
    try:
        async with asyncio.timeout(ATTEMPT_LIMIT):
            await order.alert.send(order.occasion)
    except AlertError as error:
        return error
    except TimeoutError:
        return AlertError(f"no end after {ATTEMPT_LIMIT:.0f} s")
    except Exception as error:  # noqa: BLE001  a broken plugin must not end the daemon
        return AlertError(f"alert is broken: {error!r}", lasting=True)
    return None
