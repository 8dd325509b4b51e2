"""Runs one service's check, whatever kind of monitor it has.

Rule 1: every check ends in exactly one `finish(key, result)`, or in one `again` that takes
it, and never inside `start`.
Rule 2: a check that could not be made properly is inconclusive; a monitor that raises is
one of those. Rule 3: checks of hosts that are spelled as addresses make no task (`jobs`).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from monlvs.core.watched import Watched
from monlvs.model.result import Outcome, Reason, Result, Verdict
from monlvs.model.values import Address, Host
from monlvs.model.watch import ServiceKey
from monlvs.mon.fold import fold
from monlvs.runtime.jobs import (
    ExchangeJob,
    ExchangesJob,
    Job,
    SweepJob,
    literal_targets,
)
from monlvs.wire.icmp import Icmp
from monlvs.wire.lag import is_late
from monlvs.wire.monitor import (
    Exchanger,
    Prober,
    Round,
    Runner,
    Surveyor,
    Sweeper,
    Target,
)
from monlvs.wire.names import Names, NameUnresolvedError
from monlvs.wire.process import Program, ProgramOutcome, Programs
from monlvs.wire.sockets import Sockets

log = logging.getLogger("monlvs.checks")

Finish = Callable[[ServiceKey, Result], None]
Again = Callable[[ServiceKey, Result, float], bool]
Environ = Callable[[ServiceKey], tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wires:
    """The engines that all checks share."""

    sockets: Sockets
    icmp: Icmp
    programs: Programs
    names: Names


class Checks:
    """Makes jobs of checks, and hands their results to `finish`."""

    def __init__(
        self,
        wires: Wires,
        tasks: asyncio.TaskGroup,
        *,
        finish: Finish,
        environ: Environ,
        again: Again = lambda _key, _result, _seconds: False,
    ) -> None:
        """`again` is asked first where a result is like the one before (jobs.Again)."""
        self._wires = wires
        self._tasks = tasks
        self._finish = finish
        self._again = again
        self._environ = environ
        self._loop = asyncio.get_running_loop()
        self._under_way: dict[ServiceKey, asyncio.Task[None]] = {}
        """Checks that have a task of their own."""
        self._programs: dict[ServiceKey, Program] = {}
        self._faults: dict[ServiceKey, str] = {}
        """What broke a monitor last: a trace of it is logged once."""

    def job(self, watch: Watched, hosts: tuple[Host, ...]) -> Job:
        """Return what checks `hosts`, as often as it is begun; it serves until a reload."""
        try:
            return self._prepare(watch, hosts)
        except Exception:  # noqa: BLE001  told when it is begun, which may go better
            return _Task(self._attempt, watch, hosts)

    def forget(self) -> None:
        """Forget what was told of broken monitors; after a reload."""
        self._faults.clear()

    def abandon(self) -> tuple[ServiceKey, ...]:
        """End what can be ended, programs above all; return whose checks these were.

        They never reach `finish`; all others still do.
        """
        ended = tuple(self._under_way)
        for task in self._under_way.values():
            task.cancel()
        self._under_way.clear()
        return ended

    def pids(self) -> dict[ServiceKey, tuple[int, ...]]:
        """Return the processes that run for checks."""
        found = (
            (key, self._wires.programs.pid(program))
            for key, program in self._programs.items()
        )
        return {key: (pid,) for key, pid in found if pid is not None}

    def _attempt(self, watch: Watched, hosts: tuple[Host, ...]) -> None:
        try:
            job = self._prepare(watch, hosts)
        except Exception as error:  # noqa: BLE001  a broken monitor must not end the daemon
            key = watch.service.key
            self._loop.call_soon(self._finish, key, self._broken(key, error))
        else:
            job.start()

    def _prepare(self, watch: Watched, hosts: tuple[Host, ...]) -> Job:
        monitor = watch.service.monitor
        limit = watch.service.timeout.total_seconds()
        targets = literal_targets(hosts)
        if not targets:
            return _Task(self._spawn, watch, hosts)
        finish = partial(self._finish, watch.service.key)
        match monitor:
            case Exchanger():
                exchanges = tuple(
                    (target.host, monitor.exchange(target, timeout=limit))
                    for target in targets
                )
                if len(exchanges) == 1:
                    again = partial(self._again, watch.service.key)
                    return ExchangeJob(
                        self._wires.sockets, *exchanges[0], finish=finish, again=again
                    )
                return ExchangesJob(self._wires.sockets, exchanges, finish)
            case Sweeper():
                echo = monitor.echo(timeout=limit)
                return SweepJob(self._wires.icmp, targets, echo, finish)
            case _:
                return _Task(self._spawn, watch, hosts)

    def _spawn(self, watch: Watched, hosts: tuple[Host, ...]) -> None:
        key = watch.service.key
        task = self._tasks.create_task(self._run(watch, hosts))
        self._under_way[key] = task
        task.add_done_callback(partial(self._over, key))

    def _over(self, key: ServiceKey, task: asyncio.Task[None]) -> None:
        if self._under_way.get(key) is task:
            del self._under_way[key]

    async def _run(self, watch: Watched, hosts: tuple[Host, ...]) -> None:
        key, started = watch.service.key, self._loop.time()
        try:
            result = await self._ask(watch, hosts, started)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise  # the daemon ends
            result = self._broken(key, error)  # a monitor's own doing
        except Exception as error:  # noqa: BLE001  a broken monitor must not end the daemon
            result = self._broken(key, error)
        self._finish(key, result)

    async def _ask(
        self, watch: Watched, hosts: tuple[Host, ...], started: float
    ) -> Result:
        monitor = watch.service.monitor
        limit = watch.service.timeout.total_seconds()
        match monitor:
            case Runner():
                variables = self._environ(watch.service.key)
                check = Round(hosts=hosts, environ=variables, timeout=limit)
                return monitor.judge(
                    check, await self._program(watch, monitor.program(check))
                )
            case Surveyor():
                result = await self._survey(monitor, hosts, limit)
                duration = timedelta(seconds=self._loop.time() - started)
                return replace(result, duration=duration)
            case Sweeper():
                outcomes = await self._sweep(monitor, hosts, limit)
            case Exchanger():
                outcomes = await self._each(
                    watch,
                    hosts,
                    lambda target: self._wires.sockets.run(
                        monitor.exchange(target, timeout=limit)
                    ),
                )
            case Prober():
                outcomes = await self._each(
                    watch, hosts, lambda target: self._probe(monitor, target, limit)
                )
            case _:
                raise TypeError(f"{type(monitor).__name__} offers no kind of check")
        duration = timedelta(seconds=self._loop.time() - started)
        return fold(outcomes, duration=duration)

    async def _program(self, watch: Watched, program: Program) -> ProgramOutcome:
        key = watch.service.key
        self._programs[key] = program
        try:
            return await self._wires.programs.run(program)
        finally:
            if self._programs.get(key) is program:
                del self._programs[key]

    async def _survey(
        self, monitor: Surveyor, hosts: tuple[Host, ...], limit: float
    ) -> Result:
        found = await asyncio.gather(*(self._address(host) for host in hosts))
        by_host = dict(zip(hosts, found, strict=True))
        outcomes = {h: at for h, at in by_host.items() if isinstance(at, Outcome)}
        targets = [
            Target(h, at) for h, at in by_host.items() if not isinstance(at, Outcome)
        ]
        if not targets:
            return fold(list(outcomes.items()))
        result = await monitor.survey(targets, timeout=limit)
        if not result.outcomes:
            return result
        outcomes |= dict(result.outcomes)
        return replace(result, outcomes=tuple((h, outcomes[h]) for h in by_host))

    async def _sweep(
        self, monitor: Sweeper, hosts: tuple[Host, ...], limit: float
    ) -> list[tuple[Host, Outcome]]:
        found = await asyncio.gather(*(self._address(host) for host in hosts))
        addresses = [at for at in found if not isinstance(at, Outcome)]
        answers = await self._wires.icmp.sweep(addresses, monitor.echo(timeout=limit))
        return [
            (host, at if isinstance(at, Outcome) else answers[at])
            for host, at in zip(hosts, found, strict=True)
        ]

    async def _each(
        self,
        watch: Watched,
        hosts: tuple[Host, ...],
        ask: Callable[[Target], Awaitable[Outcome]],
    ) -> list[tuple[Host, Outcome]]:
        async def one(host: Host) -> tuple[Host, Outcome]:
            at = await self._address(host)
            if isinstance(at, Outcome):
                return host, at
            try:
                return host, await ask(Target(host, at))
            except Exception as error:  # noqa: BLE001  the other hosts' answers stand
                result = self._broken(watch.service.key, error)
                return host, Outcome(
                    verdict=result.verdict, reason=result.reason, detail=result.summary
                )

        return await asyncio.gather(*(one(host) for host in hosts))

    async def _address(self, host: Host) -> Address | Outcome:
        try:
            return await self._wires.names.resolve(host)
        except NameUnresolvedError as error:
            return Outcome(
                verdict=Verdict.INCONCLUSIVE, reason=Reason.NAME, detail=str(error)
            )

    async def _probe(self, monitor: Prober, target: Target, limit: float) -> Outcome:
        started = self._loop.time()
        try:
            async with asyncio.timeout(limit):
                return await monitor.probe(target, timeout=limit)
        except TimeoutError:
            took = self._loop.time() - started
        if is_late(took - limit, limit):
            verdict, reason = Verdict.INCONCLUSIVE, Reason.LATE
        else:
            verdict, reason = Verdict.DOWN, Reason.TIMED_OUT
        return Outcome(verdict=verdict, reason=reason, seconds=took)

    def _broken(self, key: ServiceKey, error: BaseException) -> Result:
        words = " ".join(f"{type(error).__name__}: {error}".split())
        if self._faults.get(key) != words:
            self._faults[key] = words
            log.error("the monitor of %s is broken: %s", key, words, exc_info=error)
        return Result(
            verdict=Verdict.INCONCLUSIVE, reason=Reason.BROKEN, exit=1, output=words
        )


class _Task:
    """A check that needs a task."""

    __slots__ = ("_hosts", "_spawn", "_watch")

    def __init__(
        self,
        spawn: Callable[[Watched, tuple[Host, ...]], None],
        watch: Watched,
        hosts: tuple[Host, ...],
    ) -> None:
        self._spawn = spawn
        self._watch = watch
        self._hosts = hosts

    def start(self) -> None:
        self._spawn(self._watch, self._hosts)
