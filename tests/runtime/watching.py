"""A dispatcher with all of its adapters, and monitors that do as a test says."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from monlvs.core.engine import Engine
from monlvs.model.config import Config, Settings
from monlvs.model.guard import Guard
from monlvs.model.result import Advice, Outcome, Reason, Verdict
from monlvs.model.status import Health
from monlvs.model.values import Now
from monlvs.model.watch import HostGroup, Service, ServiceKey, Watch
from monlvs.runtime.checks import Checks
from monlvs.runtime.dispatcher import Dispatcher
from monlvs.runtime.environment import environment
from monlvs.runtime.journal import Journal
from monlvs.runtime.outbox import AlertDelivery, Outbox
from monlvs.runtime.state import StateFile
from monlvs.wire.monitor import Target
from tests.runtime.alerts import KEY, NOON
from tests.runtime.checking import wires
from tests.runtime.tasks import passing_tasks

HOST = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class Puppet:
    """A monitor that finds what `finds` says; it notes when it was asked."""

    name: str = ""
    finds: list[Verdict] = field(
        default_factory=lambda: [Verdict.UP], compare=False, hash=False
    )
    """What is found, one after the other; the last one for ever."""
    takes: Callable[[], Awaitable[object]] = field(
        default=lambda: asyncio.sleep(0), compare=False
    )
    asked: list[float] = field(default_factory=list, compare=False, hash=False)

    async def probe(self, target: Target, *, timeout: float) -> Outcome:
        self.asked.append(asyncio.get_running_loop().time())
        verdict = self.finds.pop(0) if len(self.finds) > 1 else self.finds[0]
        await self.takes()
        reason = Reason.OK if verdict is Verdict.UP else Reason.REFUSED
        return Outcome(verdict=verdict, reason=reason)


@dataclass
class Reports:
    """Takes the place of the director: it keeps what it is told."""

    told: list[tuple[str | None, Health]] = field(default_factory=list)
    advised: list[tuple[str | None, Advice]] = field(default_factory=list)

    def report(self, guard: Guard, health: Health) -> None:
        self.told.append((guard.host, health))

    def advise(self, guard: Guard, advice: Advice) -> None:
        self.advised.append((guard.host, advice))


def service(monitor: Any, *, name: str = KEY.service, **fields: Any) -> Service:
    """A service of the group `web` that is checked every ten seconds."""
    told = {"interval": timedelta(seconds=10), "timeout": timedelta(seconds=60)}
    return Service(key=ServiceKey(KEY.group, name), monitor=monitor, **told | fields)


def config(
    *services: Service,
    hosts: tuple[str, ...] = (HOST,),
    guards: tuple[Guard, ...] = (),
    spread: bool = False,
) -> Config:
    """One group `web` with these services, all due at the start."""
    group = HostGroup(name=KEY.group, hosts=hosts)
    return Config(
        settings=Settings(spread=spread),
        watches=(Watch(group=group, services=services),),
        guards=guards,
    )


@dataclass
class Watching:
    """The running dispatcher and what stands around it."""

    dispatcher: Dispatcher
    outbox: Outbox
    reports: Reports

    @property
    def engine(self) -> Engine:
        return self.dispatcher.engine

    def events(self) -> list[str]:
        """Return the kinds of records that were written."""
        return [entry["event"] for entry in self.dispatcher.journal.recent]


def loop_clock() -> Now:
    """Tell the time of the running loop, on both clocks."""
    mono = asyncio.get_running_loop().time()
    return Now(NOON + timedelta(seconds=mono), mono)


@asynccontextmanager
async def watching(
    what: Config, clock: Callable[[], Now] = loop_clock
) -> AsyncIterator[Watching]:
    """Run a dispatcher; nothing is due before `schedule`."""
    engine, reports = Engine(what), Reports()
    async with wires() as engines, passing_tasks() as tasks:

        def checks(dispatcher: Dispatcher) -> Checks:
            return Checks(
                engines,
                tasks,
                finish=dispatcher.finish,
                environ=lambda key: environment(engine, key),
            )

        def tell(record: AlertDelivery) -> None:
            dispatcher.record(record)

        outbox = Outbox(tasks, tell)
        dispatcher = Dispatcher(
            engine,
            checks=checks,
            outbox=outbox,
            director=reports,
            journal=Journal(None),
            state=StateFile(None, dict),
            clock=clock,
        )
        yield Watching(dispatcher, outbox, reports)
        dispatcher.stop()
