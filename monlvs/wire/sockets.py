"""The engine that runs exchanges: one epoll of its own inside asyncio's loop.

asyncio sees a single readable descriptor; each check registers its socket once,
edge-triggered, and costs no task, no handle and no timer of its own.

Rule 1: a check ends in one place, `_tell`, exactly once.
Rule 2: no socket is opened while a batch of events is handled, or an event of a
descriptor that was closed in this batch could reach the next one of that number.
Rule 3: what has arrived is looked at before anything is called overdue.
Rule 4: checks go through a turn of the loop side by side: all are launched, then all
speak; all are read, then all are released, then all are told. What the kernel does and
what we do for a check take turns in the processor's caches as seldom as can be.
"""

import asyncio
import select
from collections import OrderedDict, deque
from math import inf
from types import TracebackType
from typing import Self

from monlvs.model.result import Outcome, Reason
from monlvs.wire.conversation import Conversation, Done
from monlvs.wire.exchange import Exchange
from monlvs.wire.finding import Finding, outcome_of
from monlvs.wire.lag import LagMeter, is_late
from monlvs.wire.looptime import clock_of
from monlvs.wire.spares import MOST, Spares

_INTEREST = select.EPOLLIN | select.EPOLLOUT | select.EPOLLET
_ANSWER = select.EPOLLIN | select.EPOLLET
_BATCH = 512
_SIDE_BY_SIDE = 64
"""Launched together at most: whoever starts thousands has to feel what that takes, or they
wait here, where they grow late, and not in the timetable."""
_CLOCK_GRAIN = 0.001
_SLACK = 0.005  # seconds by which deadlines may be handled together
_STOPPED = Finding(Reason.STOPPED, "the check was cut short")


class Sockets:
    """Runs exchanges in the running loop, at most `limit` at a time, in order.

    `handshakes` is how many steps of TLS handshakes one turn of the loop may take.
    Close it, or leave its `with` block, to end what still runs.
    """

    def __init__(self, *, limit: int = 1024, handshakes: int = 8) -> None:
        self._loop = asyncio.get_running_loop()
        self._time = clock_of(self._loop)
        self._limit = limit
        self._handshakes = handshakes
        self._epoll = select.epoll()
        self._poll = self._epoll.poll
        self._register = self._epoll.register
        self._spares = Spares(min(limit // 4, MOST))
        self._open: dict[int, Conversation] = {}
        self._lines: dict[float, OrderedDict[Conversation, None]] = {}
        """By time limit, so that each line is in the order of its deadlines."""
        self._fresh: list[Conversation] = []
        """Started in this turn, to be launched at its end."""
        self._silent: list[Conversation] = []
        """Launched, with something to say; not in the epoll, or there as a spare was."""
        self._waiting: deque[Conversation] = deque()
        self._waiting_due = inf
        self._postponed: dict[Conversation, int] = {}
        """Events whose handshake had to wait for the next turn."""
        self._busy = False
        self._closed = False
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due = inf
        self._lag = LagMeter(needed=lambda: bool(self._open))
        self._loop.add_reader(self._epoll.fileno(), self._pump)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def running(self) -> int:
        """How many exchanges have a socket, or have one at the end of this turn."""
        return len(self._open) + len(self._fresh)

    @property
    def waiting(self) -> int:
        """How many exchanges wait for their turn."""
        return len(self._waiting)

    def start(self, exchange: Exchange, done: Done) -> Conversation:
        """Run `exchange` and call `done` with what was found and the seconds that it
        took, later and exactly once."""
        conversation = Conversation(exchange, done)
        if self._closed:
            conversation.started = self._time()
            self._loop.call_soon(self._finish, conversation, _STOPPED)
        elif self._busy or len(self._open) + len(self._fresh) >= self._limit:
            self._queue(conversation)
        else:
            if not self._fresh:
                self._loop.call_soon(self._begin)
            self._fresh.append(conversation)
            if len(self._fresh) >= _SIDE_BY_SIDE:
                self._launch_fresh()
        return conversation

    def abandon(self, conversation: Conversation) -> None:
        """Forget a conversation; nobody is told its outcome any more."""
        if conversation.done is not None:
            conversation.done = _unheard
            self._finish(conversation, _STOPPED)
            self._admit()

    async def run(self, exchange: Exchange) -> Outcome:
        """Run `exchange` and return its outcome; cancelling ends it at once."""
        answer: asyncio.Future[tuple[Finding, float]] = self._loop.create_future()
        conversation = self.start(exchange, lambda *told: answer.set_result(told))
        try:
            return outcome_of(*await answer)
        finally:
            self.abandon(conversation)

    def close(self) -> None:
        """End everything as inconclusive and give all descriptors back."""
        if self._closed:
            return
        self._closed = True
        self._loop.remove_reader(self._epoll.fileno())
        if self._timer is not None:
            self._timer.cancel()
        self._lag.stop()
        for conversation in self._fresh:
            conversation.started = self._time()
        unfinished = [*self._open.values(), *self._fresh, *self._waiting]
        self._fresh.clear()
        self._waiting.clear()
        for conversation in unfinished:
            self._finish(conversation, _STOPPED)
        self._spares.close()
        self._epoll.close()

    # Starting.

    def _queue(self, conversation: Conversation) -> None:
        conversation.started = now = self._time()
        conversation.deadline = due = now + conversation.exchange.timeout
        self._waiting.append(conversation)
        if due < self._waiting_due:
            self._waiting_due = due
            if due < self._timer_due:
                self._arm(due)

    def _admit(self) -> None:
        """Start what waits, as far as there is room."""
        if self._busy or self._closed:
            return
        waiting, limit, running = self._waiting, self._limit, self._open
        while waiting and len(running) < limit:
            conversation = waiting.popleft()
            if conversation.done is not None:
                self._launch(conversation)
        if self._silent:
            self._loop.call_soon(self._speak)
        if not waiting:
            self._waiting_due = inf

    def _begin(self) -> None:
        self._launch_fresh()
        self._speak()

    def _launch_fresh(self) -> None:
        fresh, self._fresh = self._fresh, []
        for conversation in fresh:
            if conversation.done is not None:
                self._launch(conversation)

    def _launch(self, conversation: Conversation) -> None:
        conversation.started = started = self._time()
        fault = conversation.open(self._spares)
        if fault is not None:
            # Never from inside the caller's `start`, and never in an endless loop.
            self._loop.call_soon(self._finish, conversation, fault)
            return
        fd = conversation.fd
        self._open[fd] = conversation
        if not conversation.exchange.speaks_first:
            self._watch(conversation, _INTEREST)
        else:
            self._silent.append(conversation)
        if not self._lag.is_running:
            self._lag.start()
        timeout = conversation.exchange.timeout
        line = self._lines.get(timeout)
        if line is None:
            line = self._lines[timeout] = OrderedDict()
        line[conversation] = None
        conversation.line = line
        conversation.deadline = due = started + timeout
        if due < self._timer_due:
            self._arm(due)

    def _speak(self) -> None:
        """Let all say their first words who were launched side by side.

        By then most are connected, which saves an event for each: 4 of 63 µs.
        """
        silent, self._silent = self._silent, []
        for conversation in silent:
            if conversation.done is None:
                continue
            finding = conversation.speak()
            if finding is not None:
                self._finish(conversation, finding)
                continue
            interest = _INTEREST if conversation.connecting else _ANSWER
            if conversation.interest & interest != interest:  # a spare has it already
                self._watch(conversation, interest)

    def _watch(self, conversation: Conversation, interest: int) -> None:
        """Let epoll report these events of a conversation, at least."""
        if not conversation.interest:
            self._register(conversation.fd, interest)
        elif conversation.interest & interest != interest:
            self._epoll.modify(conversation.fd, interest)
        else:
            return
        conversation.interest = interest

    # Events.

    def _pump(self) -> None:
        """Handle a batch of events, then use the room that it made."""
        self._pump_batch()
        if self._waiting:
            self._admit()

    def _pump_batch(self) -> int:
        running = self._open
        self._busy = True
        try:
            if self._silent:
                self._speak()  # what is reported of them now is not reported again
            events = self._poll(0, _BATCH)
            now = self._time()
            found: list[tuple[Conversation, Finding]] = []
            for fd, mask in events:
                conversation = running.get(fd)
                if conversation is None:
                    continue
                tls = conversation.tls
                if tls is not None and not tls.established:
                    self._postpone(conversation, mask)
                    continue
                finding = conversation.advance(mask)
                if finding is not None:
                    found.append((conversation, finding))
            for conversation, finding in found:
                self._release(conversation, finding)
            for conversation, finding in found:
                self._tell(conversation, finding, now)
            if self._postponed:
                self._shake_hands()
        finally:
            self._busy = False
        return len(events)

    def _postpone(self, conversation: Conversation, mask: int) -> None:
        earlier = self._postponed.get(conversation, 0)
        self._postponed[conversation] = earlier | mask

    def _shake_hands(self) -> None:
        """Take as many handshakes a step on as this turn of the loop can bear."""
        postponed = self._postponed
        for conversation in list(postponed)[: self._handshakes]:
            mask = postponed.pop(conversation)
            if conversation.done is None:
                continue
            finding = conversation.advance(mask)
            if finding is not None:
                self._finish(conversation, finding)
        if postponed:
            self._loop.call_soon(self._pump)

    def _finish(self, conversation: Conversation, finding: Finding) -> None:
        self._release(conversation, finding)
        self._tell(conversation, finding, self._time())

    def _release(self, conversation: Conversation, finding: Finding) -> None:
        """Give the socket of a conversation back, where it has one."""
        fd = conversation.fd
        if fd >= 0:
            del self._open[fd]
            del conversation.line[conversation]
            conversation.close(self._spares, finding)

    def _tell(self, conversation: Conversation, finding: Finding, now: float) -> None:
        done = conversation.done
        if done is None:
            return
        conversation.done = None
        try:
            done(finding, now - conversation.started)
        except Exception as error:  # noqa: BLE001  one caller's fault must not stop all checks
            self._loop.call_exception_handler(
                {
                    "message": "the receiver of a check's outcome failed",
                    "exception": error,
                }
            )

    # Deadlines.

    def _arm(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_due = due
        self._timer = self._loop.call_at(due, self._expire)

    def _expire(self) -> None:
        """End what is overdue, after looking at everything that has arrived."""
        self._timer, self._timer_due = None, inf
        while self._pump_batch() == _BATCH:
            pass
        now = self._time()
        self._busy = True
        due = min(self._expire_waiting(now), self._expire_running(now))
        self._busy = False
        if due < inf:
            self._arm(max(due, now + _SLACK))
        self._admit()

    def _expire_running(self, now: float) -> float:
        """End what has not answered in time; return when to look again."""
        next_due = inf
        for timeout, line in self._lines.items():
            while line:
                conversation = next(iter(line))
                overdue = now - conversation.deadline
                if overdue < -_CLOCK_GRAIN:
                    next_due = min(next_due, conversation.deadline)
                    break
                lost = max(overdue, self._lag.worst_since(conversation.started))
                self._finish(conversation, _overdue(conversation, lost, timeout))
        self._lines = {limit: line for limit, line in self._lines.items() if line}
        return next_due

    def _expire_waiting(self, now: float) -> float:
        """End what has waited for its turn too long; return when to look again."""
        if self._waiting_due > now + _CLOCK_GRAIN:
            return self._waiting_due
        finding = Finding(Reason.LATE, f"{len(self._open)} checks were before it")
        still = deque[Conversation]()
        due = inf
        for conversation in self._waiting:
            if conversation.deadline <= now + _CLOCK_GRAIN:
                self._finish(conversation, finding)
            elif conversation.done is not None:
                still.append(conversation)
                due = min(due, conversation.deadline)
        self._waiting = still
        self._waiting_due = due
        return due


def _unheard(_finding: Finding, _seconds: float) -> None:
    """Receive what a conversation found that nobody waits for."""


def _overdue(conversation: Conversation, lost: float, timeout: float) -> Finding:
    progress = conversation.progress()
    if is_late(lost, timeout):
        return Finding(
            Reason.LATE, f"{progress}, but we were kept away for {lost:.1f} s"
        )
    return Finding(Reason.TIMED_OUT, f"{progress} within {timeout:g} s")
