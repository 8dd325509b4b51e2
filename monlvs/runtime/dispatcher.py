"""Carries effects out and feeds events in: the loop around the engine.

Rule 1: nothing is decided here. Rule 2: `submit` never awaits, so an event and its
effects are one step that nothing else can come between. Rule 3: an effect that cannot be
carried out takes none of the others with it.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from math import ceil
from typing import Protocol, assert_never

from monlvs.core.effects import (
    Abandon,
    Advise,
    AlertDecided,
    AlertNoted,
    CheckUnsure,
    DowntimeEnded,
    Effect,
    FailureNoted,
    GuardMoved,
    History,
    HostChanged,
    OperatorActed,
    PeerChanged,
    Postpone,
    Record,
    Report,
    Reschedule,
    SendAlert,
    StatusChanged,
    Timer,
    WakeAt,
    WasReset,
)
from monlvs.core.engine import Engine, Withheld
from monlvs.core.events import (
    CheckFinished,
    Event,
    OperatorAct,
    Reconfigured,
    Reset,
)
from monlvs.core.timing import first_checks, skew
from monlvs.model.config import Config
from monlvs.model.guard import Guard
from monlvs.model.result import Advice, Result
from monlvs.model.status import Health
from monlvs.model.values import Now
from monlvs.model.watch import ServiceKey
from monlvs.runtime.alarms import Alarms
from monlvs.runtime.checks import Checks
from monlvs.runtime.journal import Journal
from monlvs.runtime.logbook import together
from monlvs.runtime.outbox import Outbox
from monlvs.runtime.posts import Posts
from monlvs.runtime.state import StateFile
from monlvs.runtime.timetable import Timetable
from monlvs.runtime.unsaved import Unsaved
from monlvs.runtime.words import sentence
from monlvs.wire.looptime import clock_of

log = logging.getLogger("monlvs")

LATEST = 50
"""Sentences kept for live views."""
_MOMENT = 0.001


class Converger(Protocol):
    """The part of the director that the dispatcher talks to."""

    def report(self, guard: Guard, health: Health) -> None:
        """Take a guard's new health and bring the table to it soon."""

    def advise(self, guard: Guard, advice: Advice) -> None:
        """Take what a check reports of how much a guard's entry can take."""


class Dispatcher:
    """Owns the engine; everything that happens goes through `submit`."""

    def __init__(  # noqa: PLR0913  one argument per adapter; there is no smaller truth
        self,
        engine: Engine,
        *,
        checks: Callable[["Dispatcher"], Checks],
        outbox: Outbox,
        director: Converger,
        journal: Journal,
        state: StateFile,
        clock: Callable[[], Now],
        note: Callable[[History], None] = lambda _: None,
        vet: Callable[[ServiceKey, Result], Result] = lambda _, result: result,
    ) -> None:
        """`note` takes what histories keep; `vet` says what of a result is believed."""
        self.engine = engine
        self.journal = journal
        self.overruns: dict[ServiceKey, int] = {}
        """Checks not started because the one before still ran."""
        self.revision = 0
        """How many things are on record: while it stays, nothing of note has changed."""
        self.latest: deque[str] = deque(maxlen=LATEST)
        """What happened last, in words, for live views."""
        self._checks = checks(self)
        self._outbox = outbox
        self._director = director
        self._state = state
        self._clock = clock
        self._note = note
        self._vet = vet
        self.acted: list[Callable[[OperatorAct], None]] = []
        """Called after each act of an operator."""
        self._stopped = False
        self._time = clock_of(asyncio.get_running_loop())
        """Kept ready: to ask for the loop costs a getpid(2) in Python 3.11."""
        self._last_moment, self._moment_ends = clock(), 0.0
        self._alarms = Alarms(self.submit, clock)
        self._posts = Posts(engine, self._checks.job)
        self._timetable: Timetable[ServiceKey] = Timetable(self._fire)

    def submit(self, event: Event) -> None:
        """Take one event in and carry out what follows.

        Raises UnknownTargetError or RefusedError for an operator's act.
        """
        now = self._clock()
        effects = self.engine.handle(event, now=now)
        with together(self.journal) if len(effects) > 1 else nullcontext():
            for effect in effects:
                try:
                    self._carry_out(effect, now)
                except Exception:  # the effects after it must happen all the same
                    log.exception("could not carry out %s", effect)

    def schedule(self, *, begun: float | None = None) -> None:
        """Enter every service into the timetable.

        mon's first interval counts from `begun`, a monotonic time: what a start takes
        leaves nobody unwatched for longer.
        """
        for key in self.engine.watched:
            self._enter(key, crowd=len(self.engine.watched), begun=begun)
        self._keep_time()

    def reconfigure(self, config: Config) -> None:
        """Replace the configuration; unchanged services keep state and timing.

        A check under way that asks what is no longer configured counts for nothing.
        """
        before = dict(self.engine.watched)
        self.submit(Reconfigured(config))
        after = self.engine.watched
        self._posts.forget()
        self._checks.forget()
        for key in before.keys() - after.keys():
            self._timetable.remove(key)
            self.overruns.pop(key, None)
        crowd = len(after.keys() - before.keys())
        for key, watch in after.items():
            interval = self._interval(key)
            if key not in self._timetable:
                self._enter(key, crowd=crowd)
            elif interval is None:
                self._timetable.remove(key)
            else:
                self._timetable.reschedule(
                    key,
                    interval=interval.total_seconds(),
                    skew=skew(watch.service),
                )

    def _enter(
        self, key: ServiceKey, *, crowd: int, begun: float | None = None
    ) -> None:
        interval = self._interval(key)
        if interval is None:
            return
        start = self._time()
        config = self.engine.config
        dues = first_checks(
            key, interval, config, start=start, crowd=crowd, begun=begun
        )
        self._timetable.add(
            key,
            due=dues.first,
            second=dues.second,
            interval=interval.total_seconds(),
            skew=skew(self.engine.watched[key].service),
        )

    def _interval(self, key: ServiceKey) -> timedelta | None:
        """Return how often `key` is checked now; None: never by itself."""
        if self.engine.watched[key].service.monitor is None:
            return None  # it hears of traps alone
        return self.engine.interval(key)

    def reset(self, event: Reset) -> None:
        """Start everything anew; checks under way are ended and count for nothing."""
        before = tuple(self.engine.watched)
        self.submit(event)
        for key in before:
            self._timetable.remove(key)
        self.overruns.clear()
        self.schedule()

    def check_soon(self, key: ServiceKey) -> None:
        """Check a configured service now, and an interval from now again."""
        interval = self.engine.interval(key)
        if interval is None:
            asyncio.get_running_loop().call_soon(self._fire, key)
            return
        self._timetable.add(
            key,
            due=self._time(),
            interval=interval.total_seconds(),
            skew=skew(self.engine.watched[key].service),
        )

    def next_check(self, key: ServiceKey) -> float | None:
        """Return when `key` is checked next, on the loop's clock."""
        return self._timetable.due(key)

    def is_running(self, key: ServiceKey) -> bool:
        """Whether a check of `key` is under way."""
        return self._posts.begun(key) is not None

    def running_for(self, key: ServiceKey) -> float | None:
        """Return for how many seconds a check of `key` has been under way, or None."""
        begun = self._posts.begun(key)
        return None if begun is None else self._time() - begun

    def pids(self) -> dict[ServiceKey, tuple[int, ...]]:
        """Return the processes that run for checks."""
        return self._checks.pids()

    def overdue_in(self, key: ServiceKey) -> float | None:
        """Return the seconds until a trap of `key` is overdue, or None."""
        return self._alarms.remaining(key, Timer.TRAP_OVERDUE)

    def stop(self) -> None:
        """Start no more checks, and let none that is cut short now count."""
        self._stopped = True
        self._timetable.stop()
        self._alarms.clear()

    def finish(self, key: ServiceKey, result: Result) -> None:
        """Take the result of a check that `_fire` began; never raises."""
        if not self._posts.end(key) or self._stopped:
            return
        try:
            took = result.duration
            if not self.engine.repeats(key, result, now=self._moment(), took=took):
                self.submit(CheckFinished(key, self._vet(key, result)))
        except Exception:  # one service's fault must not stop all checks
            log.exception("could not take in the result of %s: %s", key, result)

    def again(self, key: ServiceKey, result: Result, seconds: float) -> bool:
        """Take a result that is like the last one but for the seconds it took, where
        that changes nothing; False: it is to be finished. Never raises."""
        post = self._posts.of(key)
        if post is None or post.outdated or self._stopped:
            return False
        took = timedelta(0, seconds)
        try:
            taken = self.engine.repeats(key, result, now=self._moment(), took=took)
        except Exception:  # a check that is never over would be the service's last
            log.exception("could not take in the result of %s: %s", key, result)
            return False
        if taken:
            post.begun = None
        return taken

    def _moment(self) -> Now:
        """This moment, shared by all checks that end within a millisecond: it is told in
        whole seconds, and to read both clocks takes as long as to decide."""
        at = self._time()
        if at >= self._moment_ends:
            self._last_moment, self._moment_ends = self._clock(), at + _MOMENT
        return self._last_moment

    def record(self, record: object, now: Now | None = None) -> None:
        """Put something on record, of `now` where it is known already."""
        self.revision += 1
        level, words = sentence(record)
        now = now or self._clock()
        self.journal.write(record, now=now, words=words)
        log.log(level, "%s", words)
        if level > logging.DEBUG:
            self.latest.append(f"{now.utc:%H:%M:%S} {words}")
        self._state.touch()

    def unsaved(self) -> tuple[Unsaved, ...]:
        """Return what cannot be saved as it should be."""
        found = (self._state.unsaved, self.journal.unsaved(now=self._clock()))
        return tuple(each for each in found if each is not None)

    def _fire(self, key: ServiceKey) -> None:
        post = self._posts.of(key)
        if post is None or post.edition != self.engine.edition:
            post = self._posts.at(key)
            if post is None:
                return
        if post.free and self.engine.is_open:
            job = post.job or self._posts.job(post, post.watch.checked)
        else:
            hosts = self.engine.due(key, now=self._clock())
            if isinstance(hosts, Withheld):
                return
            job = self._posts.job(post, hosts)
        if post.begun is not None:
            self.overruns[key] = self.overruns.get(key, 0) + 1
            return
        post.begun = self._time()
        job.start()

    def _reschedule(self, change: Reschedule) -> None:
        key, interval = change.service, change.interval
        if interval is None:
            self._timetable.remove(key)
        elif key in self._timetable:
            self._timetable.reschedule(key, interval=interval.total_seconds())
        elif key in self.engine.watched:
            self._enter(key, crowd=1)  # until now it was checked when somebody asked

    def _keep_time(self) -> None:
        """Let the time of checks stand still while the scheduler is stopped."""
        if self.engine.stopped is None:
            self._timetable.resume()
        else:
            self._timetable.pause()

    def _postpone(self, key: ServiceKey) -> None:
        """Leave a service a whole interval; its place in the interval stays its own."""
        interval, due = self._interval(key), self._timetable.due(key)
        if interval is None or due is None:
            return
        seconds = interval.total_seconds()
        earliest = self._time() + seconds
        self._timetable.add(
            key,
            due=due + max(ceil((earliest - due) / seconds), 0) * seconds,
            interval=seconds,
            skew=skew(self.engine.watched[key].service),
        )

    def _abandon(self) -> None:
        self._alarms.clear()
        for key in self._checks.abandon():
            self._posts.end(key)
        self._posts.outdate()
        self._checks.forget()

    def _carry_out(self, effect: Effect, now: Now) -> None:
        match effect:
            case SendAlert():
                self._outbox.put(effect)
            case Report(guard=guard, health=health):
                self._director.report(guard, health)
            case Advise(guard=guard, advice=advice):
                self._director.advise(guard, advice)
            case Reschedule():
                self._reschedule(effect)
            case Postpone(service=key):
                self._postpone(key)
            case WakeAt():
                self._alarms.set(effect)
            case Abandon():
                self._abandon()
            case FailureNoted() | AlertNoted() | DowntimeEnded():
                self._note(effect)
            case _:
                self._keep(effect, now)

    def _keep(self, record: Record, now: Now) -> None:
        match record:
            case (
                StatusChanged()
                | HostChanged()
                | AlertDecided()
                | GuardMoved()
                | CheckUnsure()
                | WasReset()
                | PeerChanged()
            ):
                self.record(record, now)
            case OperatorActed(act=act):
                self._keep_time()
                self.record(record, now)
                for tell in self.acted:
                    tell(act)
            case _:
                assert_never(record)
