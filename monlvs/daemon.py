"""The composition root: builds the daemon, runs it, reloads it, ends it.

Rule: it only wires. What is decided is decided in `core` and `director`; what is done
is done in `runtime`.
"""

import asyncio
import gc
import logging
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import (
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
    nullcontext,
)
from dataclasses import dataclass, field
from pathlib import Path

from monlvs.config import Source
from monlvs.core import snapshot
from monlvs.core.control import Kept
from monlvs.core.engine import Engine
from monlvs.core.events import Started
from monlvs.director import ledger
from monlvs.director.choice import Choice, open_table
from monlvs.director.netlink import own_addresses
from monlvs.director.reconcile import Director
from monlvs.director.table import LiveTable
from monlvs.model.config import Config, Settings
from monlvs.model.values import Address
from monlvs.runtime import clock
from monlvs.runtime.annals import Annals
from monlvs.runtime.calendar import Calendar
from monlvs.runtime.checks import Checks, Wires
from monlvs.runtime.controls import Controls
from monlvs.runtime.dispatcher import Dispatcher
from monlvs.runtime.environment import environment
from monlvs.runtime.journal import Journal
from monlvs.runtime.lifetime import lifetime
from monlvs.runtime.lock import hold
from monlvs.runtime.notify import notify, watchdog_seconds
from monlvs.runtime.outbox import Outbox
from monlvs.runtime.places import pid_file, state_directory
from monlvs.runtime.remembering import remember, saved_ledger
from monlvs.runtime.state import STATE_FILE, Plain, StateFile
from monlvs.server.opening import console
from monlvs.server.server import serving
from monlvs.wire.icmp import Icmp
from monlvs.wire.names import Names
from monlvs.wire.process import Programs
from monlvs.wire.sockets import Sockets

log = logging.getLogger("monlvs")

LAST_ALERTS = 5.0
"""Seconds that waiting alerts get at the end."""


_AT_START = ("state_dir", "max_checks", "max_programs", "pid_file", "table")
"""Settings that a reload does not change."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What signals ask the daemon for."""

    end: asyncio.Event = field(default_factory=asyncio.Event)
    reload: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """How a start differs from the usual one."""

    load: frozenset[Kept] = frozenset()
    """Which of mon's state files are read (mon(8), `-l`)."""
    stopped: bool = False
    """The scheduler does not run until somebody starts it (mon(8), `-S`)."""


USUAL = Beginning()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the daemon reads and saves; None where there is nothing."""

    source: Source | None
    directory: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """The running parts, for views and for tests."""

    dispatcher: Dispatcher
    director: Director
    table: LiveTable
    shortfall: str | None
    """Why the table is not the kernel's."""
    outbox: Outbox
    state: StateFile
    controls: Controls
    tasks: asyncio.TaskGroup
    source: Source | None
    settings: Settings
    """Those that it was started with."""
    wishes: Wishes

    @property
    def engine(self) -> Engine:
        """The states of all services."""
        return self.dispatcher.engine

    async def reload(self) -> bool:
        """Read the configuration again; a broken one changes nothing.

        Returns whether the new configuration runs.
        """
        if self.source is None:
            return False
        notify(RELOADING="1")
        try:
            loaded = await self._reload(self.source)
        except Exception:  # a fault of ours must not end what works
            log.exception("%s could not be loaded", self.source)
            loaded = False
        notify(READY="1", STATUS=_status(self.engine))
        return loaded

    async def _reload(self, source: Source) -> bool:
        if self.engine.config.mon is not None:
            return not await self.controls.renew()
        config, problems = await asyncio.to_thread(source.load)
        for problem in problems:
            level = logging.WARNING if problem.warning else logging.ERROR
            log.log(level, "%s", problem)
        if config is None:
            log.error("%s was not loaded; the old configuration goes on", source)
            return False
        for name in _AT_START:
            if getattr(config.settings, name) != getattr(self.settings, name):
                log.warning("settings.%s: the change takes a restart", name)
        self.dispatcher.reconfigure(config)
        self.director.declare(config, self.engine.health())
        log.warning("%s loaded", source)
        return True


async def run(
    config: Config, *, source: Source | None = None, beginning: Beginning = USUAL
) -> None:
    """Run until SIGTERM or SIGINT; SIGHUP reads the configuration again.

    The process is to end then: from here on these signals do nothing any more.
    """
    wishes = Wishes()
    # The handlers outlive the daemon: a second SIGTERM must not cut its end short.
    with _signals(wishes):
        async with running(
            config, source=source, wishes=wishes, beginning=beginning
        ) as daemon:
            notify(READY="1", STATUS=_status(daemon.engine))
            await wishes.end.wait()
            notify(STOPPING="1")
            log.warning("ending; the table stays as it is")


@asynccontextmanager
async def running(
    config: Config,
    *,
    source: Source | None = None,
    wishes: Wishes | None = None,
    beginning: Beginning = USUAL,
) -> AsyncIterator[Daemon]:
    """Build and start everything; leaving the context ends it in order.

    Setting `wishes.reload` reads the configuration again. Raises OSError, LockedError or
    TableError where it cannot be started.
    """
    settings = config.settings
    directory = state_directory(settings.state_dir)
    choice = open_table(settings.table)
    if choice.shortfall and (config.guards or config.virtual_services):
        log.warning("THE TABLE IS IN MEMORY, NOTHING IS BALANCED: %s", choice.shortfall)
    programs = Programs(limit=settings.max_programs)
    with (
        hold(directory) if directory else nullcontext(),
        pid_file(settings.pid_file),
        Sockets(limit=settings.max_checks) as sockets,
        Icmp() as icmp,
    ):
        wires = Wires(sockets=sockets, icmp=icmp, programs=programs, names=Names())
        async with Calendar() as calendar, lifetime() as tasks:
            place = Place(source=source, directory=directory)
            wishes = wishes or Wishes()
            daemon = _wire(config, place, wires, choice, tasks, wishes)
            try:
                async with _served(daemon, calendar, directory):
                    await _start(daemon, calendar, tasks, beginning)
                    _relieve_garbage_collection()
                    yield daemon
            finally:
                daemon.dispatcher.stop()
                await daemon.outbox.drain(LAST_ALERTS)
                await programs.close()
                daemon.state.save_now()
                daemon.dispatcher.journal.close()


@asynccontextmanager
async def _served(
    daemon: Daemon, calendar: Calendar, directory: Path | None
) -> AsyncIterator[None]:
    """Open the operator's door and, where a mon.cf runs, mon's ports."""
    async with AsyncExitStack() as stack:
        door = console(
            daemon.dispatcher,
            daemon.director,
            calendar,
            directory=directory,
            waiting=lambda: daemon.outbox.waiting,
        )
        await stack.enter_async_context(door)
        if daemon.engine.config.mon is not None:
            tell = daemon.controls.annals.tell
            ports = serving(daemon.controls, daemon.tasks, tell=tell)
            await stack.enter_async_context(ports)
        yield


def _relieve_garbage_collection() -> None:
    """What was built stays, and a check leaves no cycles: look seldom, at little."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _wire(
    config: Config,
    place: Place,
    wires: Wires,
    choice: Choice,
    tasks: asyncio.TaskGroup,
    wishes: Wishes,
) -> Daemon:
    engine = Engine(config)
    path = place.directory / STATE_FILE if place.directory else None
    saved = remember(engine, path) if path else {}
    journal = Journal(place.directory)

    def record(what: object) -> None:
        dispatcher.record(what)

    table = choice.table
    director = Director(
        table,
        now=lambda: clock.now().mono,
        on_event=record,
        ledger=saved_ledger(saved),
        addresses=_own_addresses if table.name == "kernel" else None,
    )
    director.declare(config, engine.health())

    def take() -> Plain:
        return {
            **snapshot.dump(engine),
            "ledger": ledger.to_plain(director.ledger),
            "alerts": outbox.pending(),
        }

    state = StateFile(path, take)
    outbox = Outbox(tasks, record)
    for words in outbox.restore(saved.get("alerts", []), config, now=clock.now()):
        log.error("%s", words)

    def checks(dispatcher: Dispatcher) -> Checks:
        return Checks(
            wires,
            tasks,
            finish=dispatcher.finish,
            environ=lambda key: environment(engine, key),
        )

    annals = Annals(config.mon, clock.now)
    dispatcher = Dispatcher(
        engine,
        checks=checks,
        outbox=outbox,
        director=director,
        journal=journal,
        state=state,
        clock=clock.now,
        note=annals.note,
    )
    controls = Controls(
        dispatcher=dispatcher,
        annals=annals,
        source=place.source,
        declare=lambda config: director.declare(config, engine.health()),
        ending=wishes.end.set,
    )
    dispatcher.acted.append(controls.acted)
    return Daemon(
        dispatcher=dispatcher,
        director=director,
        table=table,
        shortfall=choice.shortfall,
        outbox=outbox,
        state=state,
        controls=controls,
        tasks=tasks,
        source=place.source,
        settings=config.settings,
        wishes=wishes,
    )


async def _start(
    daemon: Daemon,
    calendar: Calendar,
    tasks: asyncio.TaskGroup,
    beginning: Beginning,
) -> None:
    """Adopt the table, then begin to watch."""
    dispatcher, director = daemon.dispatcher, daemon.director
    daemon.controls.begin(beginning.load, stopped=beginning.stopped)
    tasks.create_task(daemon.state.run())
    tasks.create_task(director.run())
    await director.once()
    tasks.create_task(_resync(daemon))
    tasks.create_task(_feed_watchdog())
    tasks.create_task(_reload_on_wish(daemon))
    dispatcher.submit(Started())
    dispatcher.schedule()

    async def prune() -> None:
        keep = daemon.engine.config.settings.journal_keep
        dispatcher.journal.prune(keep, now=clock.now())

    calendar.daily(3, 7, "journal", prune)


async def _resync(daemon: Daemon) -> None:
    """Read the table again and again: IPVS tells nobody when it is changed."""
    while True:
        settings = daemon.engine.config.settings
        await asyncio.sleep(settings.resync.total_seconds())
        daemon.director.resync()


async def _reload_on_wish(daemon: Daemon) -> None:
    """One reload at a time; wishes that come meanwhile are granted by one more."""
    wishes = daemon.wishes
    while True:
        await wishes.reload.wait()
        wishes.reload.clear()
        if wishes.end.is_set():
            return
        await daemon.reload()


async def _feed_watchdog() -> None:
    every = watchdog_seconds()
    while every is not None:
        notify(WATCHDOG="1")
        await asyncio.sleep(every)


@contextmanager
def _signals(wishes: Wishes) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    handlers = {
        signal.SIGTERM: wishes.end.set,
        signal.SIGINT: wishes.end.set,
        signal.SIGHUP: wishes.reload.set,
    }
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, handlers)  # what came early comes now
    try:
        yield
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)


async def _own_addresses() -> frozenset[Address]:
    return await asyncio.to_thread(own_addresses)


def _status(engine: Engine) -> str:
    return f"{len(engine.watched)} services watched"
