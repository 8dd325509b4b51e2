"""One family's echo socket at work: rounds leave in slots, replies find their round.

Rule 1: those who want the same at the same moment share a sweep, and so its packets, its
timers and its system calls. Rule 2: a fault of the socket itself is nobody's silence.
"""

import asyncio
from collections import deque
from secrets import randbits
from socket import ntohs
from time import time_ns

from monlvs.model.result import Reason
from monlvs.wire.echosocket import BATCH, EchoSocket, Reply
from monlvs.wire.exchange import Echo
from monlvs.wire.finding import Finding, local_fault
from monlvs.wire.lag import is_late
from monlvs.wire.sockname import with_zone, zone_number
from monlvs.wire.sweep import Family, Finished, Part, Round, Sweep

_SLOT = BATCH  # requests between two looks at what has come back
_MOST_A_TURN = 2 * _SLOT  # so that other things in the loop get theirs within 3 ms
_PAUSE = 0.004  # seconds until the kernel may take more
_LEAST = 0.001  # seconds; no timer of the loop is finer
_SEQUENCES = 65_536
_CROWDED = Finding(Reason.NO_MEMORY, "no sequence left for one more sweep")


class EchoPort:
    """The socket of one family, shared by all sweeps of the running loop."""

    def __init__(self, family: int, *, rate: float) -> None:
        """Open it; raise OSError if it cannot be. `rate`: requests a second."""
        self._loop = asyncio.get_running_loop()
        self._family = family
        self._socket = EchoSocket(family)
        self._rate = rate
        self._last_turn = self._loop.time()
        self._credit = float(_SLOT)
        """Requests that may leave by now."""
        self._queue: deque[Course] = deque()
        """Those that have requests to send, in turns."""
        self._boarding: dict[Echo, Course] = {}
        """Those of them that have not begun to send, and have room."""
        self._rounds: dict[int, Round] = {}
        """By sequence, while its sweep goes on."""
        self._sequence = randbits(16)
        self._turn: asyncio.Handle | None = None
        self._courses: set[Course] = set()
        self._listening = False
        self._listen(listening=True)

    def begin(self, family: Family, echo: Echo, finished: Finished) -> Part:
        """Start to ping; `finished` is called later and once."""
        course = self._boarding.get(echo)
        if course is None or not _has_room(course.sweep, family):
            course = Course(self, self._family, echo)
            self._courses.add(course)
            if len(family.positions) < _SLOT:
                self._boarding[echo] = course
            self.enqueue(course)
        return course.sweep.add(family, finished)

    def close(self, silence: Finding) -> None:
        """End all sweeps and close the socket."""
        self._end_all(silence)
        if self._turn is not None:
            self._turn.cancel()
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()

    def enqueue(self, course: "Course") -> None:
        """Let a course send a round as soon as its turn comes."""
        self._queue.append(course)
        if self._turn is None:
            # Sweeps that are begun until then go with it. After a rest there is credit
            # for one slot.
            self._earn(_SLOT)
            self._turn = self._loop.call_soon(self._on_turn)

    def open(self, course: "Course") -> Round | None:
        """Make a round of those of a sweep that are silent now; None: there are as many
        rounds already as can be told apart."""
        sweep = course.sweep
        self._leave(course)
        if len(self._rounds) >= _SEQUENCES:
            return None
        while self._sequence in self._rounds:
            self._sequence = (self._sequence + 1) % _SEQUENCES
        sequence = self._sequence
        self._sequence = (sequence + 1) % _SEQUENCES
        packet = self._socket.request(sequence, sweep.echo.size)
        opened = Round(sweep, packet, *_names(sweep))
        self._rounds[sequence] = opened
        course.sequences.append(sequence)
        return opened

    def forget(self, course: "Course") -> None:
        """Let no reply reach a sweep that is over."""
        self._courses.discard(course)
        self._leave(course)
        for sequence in course.sequences:
            del self._rounds[sequence]

    def _leave(self, course: "Course") -> None:
        if self._boarding.get(course.sweep.echo) is course:
            del self._boarding[course.sweep.echo]

    def send(self, asked: Round) -> int:
        """Send the next slot of a round, or a part of it.

        Returns how many hosts have had their turn; 0: the kernel takes no more now.
        """
        places, names = asked.next(_SLOT)
        began = time_ns()
        try:
            taken = self._socket.send(asked.packet, names, asked.sweep.echo.source)
        except BlockingIOError:
            return 0
        except OSError as error:
            asked.failed(local_fault(error))
            return 1
        asked.left(places[:taken], began, time_ns())
        return taken

    def drain(self) -> None:
        """Take in what has arrived."""
        more = True
        while more:
            try:
                replies, refusals, more = self._socket.receive()
            except OSError as error:
                words = f"cannot receive: {error.strerror}"
                self._end_all(Finding(Reason.BROKEN, words))
                return
            self._hear(replies)
            for host, sequence, words in refusals:
                if asked := self._rounds.get(sequence):
                    asked.refused(host, words)

    def _hear(self, replies: list[Reply]) -> None:
        rounds, latest, asked = self._rounds, -1, None
        second, since = -1, 0
        for sender, seconds, nanos, sequence in replies:
            if sequence != latest:  # most replies are to the round of the one before
                latest, asked = sequence, rounds.get(ntohs(sequence))
            if seconds != second:
                second, since = seconds, seconds * 1_000_000_000
            if asked is None:
                continue
            sweep = asked.sweep
            place = sweep.places.get(sender, -1)
            # Only whoever was asked, and only once: anybody can send a reply.
            if place < 0 or sweep.micros[place] is not None or not asked.sent[place]:
                continue
            sweep.hear(place, since + nanos - asked.sent[place])

    def _end_all(self, silence: Finding) -> None:
        for course in list(self._courses):
            course.sweep.end(silence)

    def _earn(self, most: float) -> None:
        now = self._loop.time()
        earned = (now - self._last_turn) * self._rate
        self._credit = min(self._credit + earned, most)
        self._last_turn = now

    def _on_turn(self) -> None:
        """Send what the rate has allowed since the last turn, and plan the next one."""
        self._earn(_MOST_A_TURN)
        blocked = False
        try:
            blocked = self._send_slots()
            self.drain()
        finally:
            self._turn = None
            if self._queue:
                self._turn = self._loop.call_later(self._rest(blocked), self._on_turn)
            self._listen(listening=not self._queue)

    def _listen(self, *, listening: bool) -> None:
        """Let replies wake the loop, or not: while requests leave, each slot looks for
        them anyway, and the kernel has noted when they came."""
        if listening == self._listening or self._socket.fileno() < 0:
            return
        self._listening = listening
        if listening:
            self._loop.add_reader(self._socket.fileno(), self.drain)
        else:
            self._loop.remove_reader(self._socket.fileno())

    def _send_slots(self) -> bool:
        """Send slot by slot; return whether the kernel takes no more now."""
        unseen = 0
        while self._queue and self._credit >= 1:
            # One slot each, so that a small sweep need not wait for a large one.
            course = self._queue.popleft()
            if course.sweep.over:
                continue
            taken = course.go_on()
            if not taken:
                return True
            self._credit -= taken
            unseen += taken
            if unseen >= _SLOT:
                self.drain()
                unseen = 0
        return False

    def _rest(self, blocked: bool) -> float:  # noqa: FBT001
        if blocked:
            return _PAUSE
        # As seldom as slots can be filled, and at once when the rate asks for more.
        pause = 0.0 if self._credit >= 1 else (_SLOT - self._credit) / self._rate
        return pause if pause >= _LEAST else 0.0


def _has_room(sweep: Sweep, family: Family) -> bool:
    """Whether a family may join a sweep: a host answers each sweep but once."""
    small = len(sweep) + len(family.positions) <= _SLOT
    return small and sweep.places.keys().isdisjoint(family.places)


def _names(sweep: Sweep) -> tuple[bytes, set[int]]:
    """Return the socket addresses of a sweep as they are now, for the numbers of
    interfaces change, and the places of those whose interface there is not."""
    names, size, absent = sweep.names, sweep.name_size, set()
    for place, zone in sweep.zones:
        number = zone_number(zone)
        if not number:
            absent.add(place)
            sweep.faults[place] = Finding(Reason.NO_NETWORK, f"no interface {zone}")
        start = place * size
        named = with_zone(names[start : start + size], number)
        names = names[:start] + named + names[start + size :]
    return names, absent


class Course:
    """One sweep's way through time: a round, a pause, the next round, the end."""

    def __init__(self, port: EchoPort, family: int, echo: Echo) -> None:
        self.sweep = Sweep(family, echo, self._end)
        self.sequences: list[int] = []
        """Those of the rounds so far."""
        self._port = port
        self._round: Round | None = None
        """The one that is leaving."""
        self._loop = asyncio.get_running_loop()
        self._began = 0.0
        """When the last request of the first round had left."""
        self._timer: asyncio.TimerHandle | None = None

    def go_on(self) -> int:
        """Send a slot, and get in line for the next; return how many had their turn."""
        if self._round is None:
            self._round = self._port.open(self)
        if self._round is None:
            self.sweep.end(_CROWDED)
            return 1
        taken = 1 if self._round.is_done else self._port.send(self._round)
        if self._round.is_done:
            self._round = None
            self._plan()
        else:
            self._port.enqueue(self)
        return taken

    def _plan(self) -> None:
        """Plan what comes after the round that has just left."""
        now, echo, rounds = self._loop.time(), self.sweep.echo, len(self.sequences)
        if rounds == 1:
            self._began = now
        interval = echo.interval or echo.timeout / (echo.retries + 1)
        again = self._began + rounds * interval
        last = self._began + echo.timeout
        if rounds <= echo.retries and again < last:
            self._timer = self._loop.call_at(again, self._on_silence)
        else:
            self._timer = self._loop.call_at(last, self._on_time_limit, last)

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._port.forget(self)

    def _on_silence(self) -> None:
        self._port.drain()
        if not self.sweep.over:
            self._port.enqueue(self)

    def _on_time_limit(self, due: float) -> None:
        self._port.drain()
        overdue, limit = self._loop.time() - due, self.sweep.echo.timeout
        if is_late(overdue, limit):
            words = f"no reply, but looked {overdue:.1f} s late"
            self.sweep.end(Finding(Reason.LATE, words))
        else:
            self.sweep.end(Finding(Reason.TIMED_OUT, f"no reply within {limit:g} s"))
