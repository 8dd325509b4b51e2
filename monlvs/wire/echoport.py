"""One family's echo socket at work: rounds leave in slots, replies find their round."""

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from secrets import randbits
from time import time_ns
from typing import TypeAlias

from monlvs.model.result import Reason
from monlvs.wire.echosocket import BATCH, EchoSocket, Reply
from monlvs.wire.finding import Finding, local_fault
from monlvs.wire.lag import is_late
from monlvs.wire.sweep import Round, Sweep

_SLOT = 64  # requests between two looks at what has come back
_MOST_A_TURN = 4 * _SLOT  # so that other things in the loop get theirs within 3 ms
_PAUSE = 0.004
_SEQUENCES = 65_536
_HOUR = 3_600_000_000  # microseconds
_ALL_HEARD = Finding(Reason.OK, "")

Finished: TypeAlias = Callable[[Sweep, Finding], None]
"""Called with a sweep that is over, and with what silence in it means."""


class EchoPort:
    """The socket of one family, shared by all sweeps of the running loop."""

    def __init__(self, family: int, *, rate: float) -> None:
        """Open it; raise OSError if it cannot be. `rate`: requests a second."""
        self._loop = asyncio.get_running_loop()
        self._socket = EchoSocket(family)
        self._rate = rate
        # As seldom as slots can be filled, and at once when the rate asks for more.
        self._pause = 0.0 if rate * _PAUSE > _MOST_A_TURN else max(_PAUSE, _SLOT / rate)
        self._last_turn = 0.0
        self._credit = 0.0
        """Requests that may leave by now."""
        self._queue: deque[tuple[Course, Round]] = deque()
        self._rounds: dict[int, tuple[Course, Round]] = {}
        """By sequence, while its sweep goes on."""
        self._sequence = randbits(16)
        self._turn: asyncio.TimerHandle | None = None
        self._courses: set[Course] = set()
        self._loop.add_reader(self._socket.fileno(), self.drain)

    def begin(self, sweep: Sweep, finished: Finished) -> "Course":
        """Start to ping; `finished` is called later and once."""
        course = Course(self, sweep, finished)
        self._courses.add(course)
        course.ask()
        return course

    def close(self, silence: Finding) -> None:
        """End all sweeps and close the socket."""
        for course in list(self._courses):
            course.end(silence)
        if self._turn is not None:
            self._turn.cancel()
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()

    def enqueue(self, course: "Course") -> int:
        """Queue one more round; return its sequence."""
        while self._sequence in self._rounds:
            self._sequence = (self._sequence + 1) % _SEQUENCES
        sequence = self._sequence
        self._sequence = (sequence + 1) % _SEQUENCES
        sweep = course.sweep
        turn = course, Round(sweep, self._socket.request(sequence, sweep.echo.size))
        self._rounds[sequence] = turn
        self._queue.append(turn)
        if self._turn is None:
            # After a rest there is credit for one slot: a few hosts need not wait.
            self._credit, self._last_turn = _SLOT, self._loop.time()
            self._turn = self._loop.call_later(0, self._on_turn)
        return sequence

    def forget(self, course: "Course", sequences: list[int]) -> None:
        """Let no reply reach a sweep that is over."""
        self._courses.discard(course)
        for sequence in sequences:
            del self._rounds[sequence]

    def drain(self) -> None:
        """Take in what has arrived."""
        while True:
            replies, refusals = self._socket.receive()
            self._hear(replies)
            for host, sequence, words in refusals:
                if turn := self._rounds.get(sequence):
                    turn[1].refused(host, words)
            if len(replies) < BATCH:
                return

    def _hear(self, replies: list[Reply]) -> None:
        rounds = self._rounds
        for host, sequence, when in replies:
            turn = rounds.get(sequence)
            if turn is None:
                continue
            course, asked = turn
            sweep = course.sweep
            place = sweep.family.places.get(host, -1)
            if place < 0 or sweep.micros[place] is not None or not asked.sent[place]:
                continue
            took = ((when or time_ns()) - asked.sent[place]) // 1000
            # A step of the wall clock between the two would make nonsense of it.
            sweep.micros[place] = took if 0 <= took < _HOUR else 0
            sweep.left -= 1
            if not sweep.left:
                course.end(_ALL_HEARD)

    def _on_turn(self) -> None:
        """Send what the rate has allowed since the last turn, slot by slot."""
        now, self._turn = self._loop.time(), None
        earned = (now - self._last_turn) * self._rate
        self._credit = min(self._credit + earned, _MOST_A_TURN)
        self._last_turn = now
        while self._queue and self._credit > 0:
            course, asked = self._queue[0]
            before = asked.at
            if course.over or self._send(asked):
                self._queue.popleft()
                if not course.over:
                    course.sent()
            elif asked.at == before:
                break  # the kernel takes no more now
            self._credit -= asked.at - before
            self.drain()
        if self._queue and self._turn is None:
            self._turn = self._loop.call_later(self._pause, self._on_turn)

    def _send(self, turn: Round) -> bool:
        """Send the next slot of a round; return whether that was its last."""
        sweep, at, sent, todo = turn.sweep, turn.at, turn.sent, turn.todo
        packet, faults, source = turn.packet, sweep.faults, sweep.echo.source
        endpoints, micros = sweep.family.endpoints, sweep.micros
        now = time_ns
        send: Callable[[bytes, tuple[str, int]], object] = self._socket.send
        if source is not None:
            send = partial(self._socket.send_from, source)
        for place in todo[at : at + _SLOT]:
            if micros[place] is None:
                sent[place] = now()
                try:
                    send(packet, endpoints[place])
                except BlockingIOError:
                    break  # the send buffer is full; go on in the next slot
                except OSError as error:
                    faults[place] = local_fault(error)
                else:
                    if faults:
                        faults.pop(place, None)
            at += 1
        turn.at = at
        return at == len(todo)


class Course:
    """One sweep's way through time: a round, a pause, the next round, the end."""

    def __init__(self, port: EchoPort, sweep: Sweep, finished: Finished) -> None:
        self.sweep = sweep
        self.over = False
        self._port = port
        self._finished = finished
        self._loop = asyncio.get_running_loop()
        self._sequences: list[int] = []
        """Those of the rounds so far."""
        self._began = 0.0
        """When the last request of the first round had left."""
        self._timer: asyncio.TimerHandle | None = None

    def ask(self) -> None:
        """Queue a round for those that are silent."""
        self._sequences.append(self._port.enqueue(self))

    def sent(self) -> None:
        """Plan what comes after the round that has just left."""
        now, echo, rounds = self._loop.time(), self.sweep.echo, len(self._sequences)
        if rounds == 1:
            self._began = now
        interval = echo.interval or echo.timeout / (echo.retries + 1)
        again = self._began + rounds * interval
        last = self._began + echo.timeout
        if rounds <= echo.retries and again < last:
            self._timer = self._loop.call_at(again, self._on_silence)
        else:
            self._timer = self._loop.call_at(last, self._on_time_limit, last)

    def end(self, silence: Finding) -> None:
        """Report, once; those that have not answered get `silence`."""
        if self.over:
            return
        self.over = True
        if self._timer is not None:
            self._timer.cancel()
        self._port.forget(self, self._sequences)
        self._finished(self.sweep, silence)

    def _on_silence(self) -> None:
        self._port.drain()
        if not self.over:
            self.ask()

    def _on_time_limit(self, due: float) -> None:
        self._port.drain()
        overdue, limit = self._loop.time() - due, self.sweep.echo.timeout
        if is_late(overdue, limit):
            self.end(Finding(Reason.LATE, f"no reply, but looked {overdue:.1f} s late"))
        else:
            self.end(Finding(Reason.TIMED_OUT, f"no reply within {limit:g} s"))
