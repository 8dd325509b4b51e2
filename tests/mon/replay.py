"""Plays a scenario that real mon was recorded with to the engine, in a time of its own.

A scenario says what monitors find and what operators and traps do meanwhile; what comes
of it is put down as it was put down of mon (see `recording`). Programs are not run:
their arguments, variables and input are looked at as they would be given.
"""

import heapq
import inspect
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from monlvs.alerts.external import External as AlertProgram
from monlvs.core.control import Kept
from monlvs.core.effects import (
    AlertNoted,
    Effect,
    FailureNoted,
    Postpone,
    Reschedule,
    SendAlert,
    Timer,
    WakeAt,
    WasReset,
)
from monlvs.core.engine import Engine, Withheld
from monlvs.core.events import (
    CheckFinished,
    Event,
    Reset,
    Started,
    StopScheduler,
    TrapExpired,
    TrapOverdue,
    TrapReceived,
)
from monlvs.core.histories import Histories
from monlvs.core.timing import first_checks, next_due
from monlvs.model.values import Now, Problem
from monlvs.model.watch import ServiceKey
from monlvs.mon.ctime import ctime_line
from monlvs.mon.environ import alert_variables
from monlvs.mon.trap import Trap, decode_trap
from monlvs.monitors.external import External as MonitorProgram
from monlvs.runtime.environment import environment
from monlvs.server.desk import Desk
from monlvs.server.guard import Guard
from monlvs.server.reply import encoded
from monlvs.server.session import Session
from monlvs.wire.monitor import Round
from monlvs.wire.process import ProgramOutcome
from tests.mon.stage import CORPUS, Stage

START = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
RUN = 0.05
"""Seconds that a program takes of itself."""
ASKING = 0.3
"""Seconds that a client took for one question when mon was recorded."""
Wait = Callable[[], bool] | float
"""What a script waits for: that something is so, or a time."""
Script = Generator[Wait, list[str] | None, None]


@dataclass
class Played:
    """What came of a scenario, with times as they are."""

    starts: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    """By service: when each run was begun, and its number."""
    runs: list[dict[str, Any]] = field(default_factory=list)
    alerts: list[dict[str, Any]] = field(default_factory=list)
    replies: list[dict[str, Any]] = field(default_factory=list)


class Replay:
    """One scenario being played; what servers see as the running daemon."""

    def __init__(self, name: str, directory: Path, *, corpus: Path = CORPUS) -> None:
        self._stage = Stage(name, directory, corpus=corpus)
        self.directory, self.spec = directory, self._stage.spec
        self.told = Played()
        self.histories = Histories()
        self._time = 0.0
        self._numbers = count()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._due: dict[ServiceKey, tuple[float, int]] = {}
        self._timers: dict[tuple[ServiceKey, Timer], int] = {}
        self._begun: dict[ServiceKey, float] = {}
        self._ended: dict[str, int] = {}
        self._paused_at: float | None = None
        self._actions = 0
        self.engine = Engine(self._stage.load(), zone=UTC)
        if (mon := self.engine.config.mon) is not None:
            self.histories.resize(mon.histlength)

    async def play(self) -> Played:
        """Play it to its end."""
        if "-S" in self.spec.get("daemon_args", ""):
            self.submit(StopScheduler(who=""))
        self.submit(Started())
        self._enter_all()
        guard = Guard(lambda: self.engine.config.mon or self._never())
        await guard.load()
        self._desk = Desk(self, guard)
        deadline = self.spec.get("duration", 20) + 30
        script = self._script()
        wait: Wait | None = 0.0
        while wait is not None:
            assert self._time < deadline, f"waiting for {wait}"
            if wait() if callable(wait) else wait <= self._time:
                wait = await self._answered(script)
            else:
                self._advance(None if callable(wait) else wait)
        return self.told

    # What a server needs of the daemon.

    def now(self) -> Now:
        return Now(START + timedelta(seconds=self._time), 1000 + self._time)

    def submit(self, event: Event) -> None:
        for effect in self.engine.handle(event, now=self.now()):
            self._carry_out(effect)
        self._keep_time()

    def check_soon(self, key: ServiceKey) -> None:
        self._enter(key, self._time)

    def due_in(self, key: ServiceKey) -> float | None:
        return self._due[key][0] - self._time if key in self._due else None

    def running_for(self, key: ServiceKey) -> float | None:
        return self._time - self._begun[key] if key in self._begun else None

    def pids(self) -> Mapping[ServiceKey, tuple[int, ...]]:
        return {}

    def downtimes(self) -> tuple[str, ...] | None:
        return None

    async def reset(self, *, keepstate: bool, stopped: bool) -> tuple[Problem, ...]:
        return self._reset(keepstate=keepstate, stopped=stopped, opstatus=False)

    async def examine(self) -> tuple[Problem, ...]:
        return tuple(p for p in self._stage.read()[1] if not p.warning)

    def save(self, kept: frozenset[Kept]) -> None:
        """The state files are the daemon's."""

    def load(self, kept: frozenset[Kept]) -> None:
        """The state files are the daemon's."""

    def end(self) -> None:
        raise AssertionError("no scenario ends the daemon by itself")

    # The scenario.

    def _script(self) -> Script:
        for action in self.spec.get("actions", ()):
            if "when" in action:
                condition = action["when"]
                yield lambda c=condition: self._runs(c) >= c["run"]  # type: ignore[misc]
            elif "at" in action:
                yield float(action["at"])
            yield self._time + action.get("delay", 0)
            self._actions += 1
            yield from self._do(action, final=False)
        untils = self.spec.get("until") or []
        for condition in untils if isinstance(untils, list) else [untils]:
            yield lambda c=condition: self._runs(c) >= c["run"]  # type: ignore[misc]
        yield max(float(self.spec.get("end", 0)), self._time)
        yield self._time + self.spec.get("settle", 1.5)
        for line in self.spec.get("final", ()):
            yield from self._do({"cmd": line}, final=True)

    def _do(self, action: dict[str, Any], *, final: bool) -> Script:
        lines = action.get("cmds") or ([action["cmd"]] if "cmd" in action else [])
        self._session = Session(address="127.0.0.1")
        for line in lines:
            self._asked = line
            told = (yield self._time + ASKING) or []
            entry = {"cmd": line, "told": told, "final": final}
            self.told.replies.append(entry)
            if told[-1:] == ["220 quitting"]:
                told.append("<EOF>")
        if "trap" in action:
            trap = decode_trap(action["trap"]["raw"].encode())
            assert isinstance(trap, Trap)
            key = ServiceKey(trap.group, trap.service)
            self.submit(TrapReceived(service=key, exit=trap.status, output=trap.output))
        if action.get("signal") == "HUP":
            self._reset(keepstate=True, stopped=False, opstatus=True)
        if "restart" in action:
            words = action.get("args", "")
            self._reset(keepstate="-l" in words, stopped=False, opstatus="all" in words)
            self.submit(Started())
        if "newcf" in action:
            self._stage.configure(action["newcf"])

    async def _answered(self, script: Script) -> Wait | None:
        """Let the script go on, with the answer to what it has asked."""
        said: list[str] | None = None
        if self._asked is not None:
            answer = self._desk.answer(self._session, self._stage.expand(self._asked))
            if inspect.isawaitable(answer):
                answer = await answer
            said = b"".join(encoded(answer)).decode().splitlines()
        self._asked = None
        try:
            return script.send(said)
        except StopIteration:
            return None

    _asked: str | None = None
    _desk: Desk
    _session: Session

    def _runs(self, condition: dict[str, Any]) -> int:
        if condition.get("started"):
            return len(self.told.starts.get(condition["mon"], ()))
        return self._ended.get(condition["mon"], 0)

    # Time.

    def _at(self, time: float, do: Callable[[], None]) -> int:
        number = next(self._numbers)
        heapq.heappush(self._events, (time, number, do))
        return number

    def _advance(self, limit: float | None) -> None:
        """Go to what happens next, or to `limit` where that is sooner."""
        if limit is not None and (not self._events or self._events[0][0] > limit):
            self._time = max(limit, self._time)
            return
        assert self._events, "nothing will ever happen again"
        time, _, do = heapq.heappop(self._events)
        self._time = max(time, self._time)
        do()

    def _enter_all(self) -> None:
        self._due.clear()
        for key, watch in self.engine.watched.items():
            interval = self.engine.interval(key)
            if watch.service.monitor is not None and interval is not None:
                config = self.engine.config
                dues = first_checks(key, interval, config, start=self._time, crowd=1)
                self._enter(key, dues.first)

    def _enter(self, key: ServiceKey, due: float) -> None:
        number = self._at(due, lambda: self._fire(key, number))
        self._due[key] = (due, number)

    def _keep_time(self) -> None:
        if self.engine.stopped is not None:
            self._paused_at = self._time if self._paused_at is None else self._paused_at
        elif self._paused_at is not None:
            waited, self._paused_at = self._time - self._paused_at, None
            for key, (due, _) in list(self._due.items()):
                self._enter(key, due + waited)

    def _fire(self, key: ServiceKey, number: int) -> None:
        if self._due.get(key, (0.0, -1))[1] != number or self._paused_at is not None:
            return
        interval = self.engine.interval(key)
        assert interval is not None
        due, seconds = self._due[key][0], interval.total_seconds()
        self._enter(key, next_due(due, seconds, now=self._time))
        hosts = self.engine.due(key, now=self.now())
        if not isinstance(hosts, Withheld) and key not in self._begun:
            self._run(key, hosts)

    def _run(self, key: ServiceKey, hosts: tuple[str, ...]) -> None:
        watch = self.engine.watched[key]
        monitor = watch.service.monitor
        assert isinstance(monitor, MonitorProgram)
        check = Round(hosts=hosts, environ=environment(self.engine, key), timeout=60)
        words = monitor.program(check).argv[1:]
        name = words[words.index("-n") + 1]
        starts = self.told.starts.setdefault(name, [])
        starts.append((int(self.now().utc.timestamp()), len(starts) + 1))
        run: dict[str, Any] = {
            "key": name,
            "run": len(starts),
            "argv": list(words),
            "env": dict(check.environ),
        }
        steps = self.spec.get("monitors", {}).get(name) or [{}]
        step = steps[min(len(starts), len(steps)) - 1]
        self._begun[key] = begun = self._time
        outcome = _outcome(step)

        def end() -> None:
            if self._begun.get(key) == begun:  # else it was ended before its end
                self._ended[name] = self._ended.get(name, 0) + 1
                del self._begun[key]
                self.told.runs.append(run)
                self.submit(CheckFinished(key, monitor.judge(check, outcome)))

        self._at(self._time + RUN + step.get("sleep", 0), end)

    # What follows.

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case SendAlert():
                self._alert(effect)
            case FailureNoted() | AlertNoted():
                self.histories.note(effect)
            case Reschedule(service=key, interval=timedelta() as interval):
                if key in self._due:
                    self._enter(key, self._time + interval.total_seconds() - RUN)
            case WakeAt(service=key, timer=timer, seconds=wait):
                self._timers.pop((key, timer), None)
                if wait is not None:
                    self._wake(key, timer, wait)
            case Postpone(service=key) if key in self._due:
                usual = self.engine.interval(key)
                assert usual is not None
                self._enter(key, self._time + usual.total_seconds())
            case WasReset():
                self._begun.clear()
                self._enter_all()
            case _:
                pass  # the table is none of mon's, and records go to a journal

    def _wake(self, key: ServiceKey, timer: Timer, wait: float) -> None:
        def ring() -> None:
            if self._timers.get((key, timer)) == number:
                date = ctime_line(self.now().utc)
                overdue = timer is Timer.TRAP_OVERDUE
                self.submit(TrapOverdue(key, date) if overdue else TrapExpired(key))

        number = self._timers[key, timer] = self._at(self._time + wait, ring)

    def _alert(self, order: SendAlert) -> None:
        alert = order.alert
        assert isinstance(alert, AlertProgram)
        program = alert.program(order.occasion)
        name = f"{order.service.group}.{order.service.service}"
        entry = {
            "key": name,
            "run": len(self.told.starts.get(name, ())),
            "action": self._actions,
            "prog": Path(program.argv[0]).name,
            "argv": list(program.argv[1:]),
            "env": dict(alert_variables(order.occasion)),
            "stdin": (program.stdin or b"").decode(),
        }
        self.told.alerts.append(entry)

    def _reset(
        self, *, keepstate: bool, stopped: bool, opstatus: bool
    ) -> tuple[Problem, ...]:
        config, problems = self._stage.read()
        if config is None:
            return tuple(p for p in problems if not p.warning)
        self.submit(
            Reset(config, keepstate=keepstate, stopped=stopped, opstatus=opstatus)
        )
        return ()

    def _never(self) -> Any:
        raise AssertionError("a mon.cf gives mon's variables")


def _outcome(step: dict[str, Any]) -> ProgramOutcome:
    if "signal" in step:
        return ProgramOutcome(signal=step["signal"], output=_printed(step))
    return ProgramOutcome(exit=step.get("exit", 0), output=_printed(step))


def _printed(step: dict[str, Any]) -> bytes:
    out = str(step.get("out", ""))
    if out and not out.endswith("\n") and not step.get("nonl"):
        out += "\n"
    errors = step.get("err", "")
    return (out + (f"{errors}\n" if errors else "")).encode()
