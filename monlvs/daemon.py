"""The composition root: builds the daemon, runs it, reloads it, ends it.

Rule: it only wires. What is decided is decided in `core` and `director`; what is done
is done in `runtime`.
"""

import asyncio
import gc
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from monlvs.config import load
from monlvs.core import snapshot
from monlvs.core.engine import Engine
from monlvs.core.events import Started
from monlvs.director import ledger
from monlvs.director.choice import open_table
from monlvs.director.netlink import own_addresses
from monlvs.director.reconcile import Director
from monlvs.director.table import LiveTable
from monlvs.model.config import Config
from monlvs.model.values import Address
from monlvs.runtime import clock
from monlvs.runtime.calendar import Calendar
from monlvs.runtime.checks import Checks, Wires
from monlvs.runtime.dispatcher import Dispatcher
from monlvs.runtime.environment import environment
from monlvs.runtime.journal import Journal
from monlvs.runtime.lock import hold
from monlvs.runtime.notify import notify, watchdog_seconds
from monlvs.runtime.outbox import Outbox
from monlvs.runtime.state import STATE_FILE, Plain, StateFile, read
from monlvs.wire.icmp import Icmp
from monlvs.wire.names import Names
from monlvs.wire.process import Programs
from monlvs.wire.sockets import Sockets

log = logging.getLogger("monlvs")

LAST_ALERTS = 5.0
"""Seconds that waiting alerts get at the end."""


class _EndError(Exception):
    """Leaves the task group when the daemon is told to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """The running parts, for views and for tests."""

    dispatcher: Dispatcher
    director: Director
    table: LiveTable
    outbox: Outbox
    state: StateFile
    tasks: asyncio.TaskGroup
    config_path: Path | None
    end: asyncio.Event

    @property
    def engine(self) -> Engine:
        """The states of all services."""
        return self.dispatcher.engine

    async def reload(self) -> bool:
        """Read the configuration again; a broken one changes nothing.

        Returns whether the new configuration runs.
        """
        if self.config_path is None:
            return False
        notify(RELOADING="1")
        config, problems = await asyncio.to_thread(load, self.config_path)
        for problem in problems:
            level = logging.WARNING if problem.warning else logging.ERROR
            log.log(level, "%s", problem)
        if config is None:
            log.error(
                "%s was not loaded; the old configuration goes on", self.config_path
            )
        else:
            self.dispatcher.reconfigure(config)
            self.director.declare(config, self.engine.health())
            log.warning("%s loaded", self.config_path)
        notify(READY="1")
        return config is not None


async def run(config: Config, *, config_path: Path | None = None) -> None:
    """Run until SIGTERM or SIGINT; SIGHUP reads the configuration again."""
    # The handlers outlive the daemon: a second SIGTERM must not cut its end short.
    with ExitStack() as handlers:
        async with running(config, config_path=config_path) as daemon:
            handlers.enter_context(_signals(daemon))
            notify(READY="1", STATUS=f"{len(daemon.engine.watched)} services watched")
            await daemon.end.wait()
            notify(STOPPING="1")
            log.warning("ending; the table stays as it is")


@asynccontextmanager
async def running(
    config: Config, *, config_path: Path | None = None
) -> AsyncIterator[Daemon]:
    """Build and start everything; leaving the context ends it in order."""
    settings = config.settings
    directory = _state_directory(settings.state_dir)
    choice = open_table(settings.table)
    if choice.shortfall:
        log.warning("THE TABLE IS IN MEMORY, NOTHING IS BALANCED: %s", choice.shortfall)
    programs = Programs(limit=settings.max_programs)
    with (
        hold(directory) if directory else nullcontext(),
        _pid_file(settings.pid_file),
        Sockets(limit=settings.max_checks) as sockets,
        Icmp() as icmp,
    ):
        wires = Wires(sockets=sockets, icmp=icmp, programs=programs, names=Names())
        async with Calendar() as calendar, _tasks() as tasks:
            daemon = _wire(config, config_path, directory, wires, choice.table, tasks)
            await _start(daemon, calendar, tasks)
            gc.collect()
            gc.freeze()  # what was built stays: no collection need look at it again
            try:
                yield daemon
            finally:
                daemon.dispatcher.stop()
                await daemon.outbox.drain(LAST_ALERTS)
                await programs.close()
                daemon.state.save_now()
                daemon.dispatcher.journal.close()


@asynccontextmanager
async def _tasks() -> AsyncIterator[asyncio.TaskGroup]:
    """A task group whose tasks end when its body does."""
    try:
        async with asyncio.TaskGroup() as tasks:
            yield tasks
            raise _EndError  # noqa: TRY301  leaving the group by an exception is what cancels its tasks
    except* _EndError:
        pass


def _wire(
    config: Config,
    config_path: Path | None,
    directory: Path | None,
    wires: Wires,
    table: LiveTable,
    tasks: asyncio.TaskGroup,
) -> Daemon:
    engine = Engine(config)
    saved, trouble = read(directory / STATE_FILE) if directory else ({}, None)
    for words in (
        trouble,
        *(snapshot.load(engine, saved, now=clock.now()) if saved else ()),
    ):
        if words:
            log.error("%s", words)
    journal = Journal(directory)

    def record(what: object) -> None:
        dispatcher.record(what)

    director = Director(
        table,
        now=lambda: clock.now().mono,
        on_event=record,
        ledger=_ledger(saved),
        addresses=_own_addresses if table.name == "kernel" else None,
    )
    director.declare(config, engine.health())

    def take() -> Plain:
        return {
            **snapshot.dump(engine),
            "ledger": ledger.to_plain(director.ledger),
            "alerts": outbox.pending(),
        }

    state = StateFile(directory / STATE_FILE if directory else None, take)
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

    dispatcher = Dispatcher(
        engine,
        checks=checks,
        outbox=outbox,
        director=director,
        journal=journal,
        state=state,
        clock=clock.now,
    )
    return Daemon(
        dispatcher=dispatcher,
        director=director,
        table=table,
        outbox=outbox,
        state=state,
        tasks=tasks,
        config_path=config_path,
        end=asyncio.Event(),
    )


async def _start(daemon: Daemon, calendar: Calendar, tasks: asyncio.TaskGroup) -> None:
    """Adopt the table, then begin to watch."""
    dispatcher, director = daemon.dispatcher, daemon.director
    settings = daemon.engine.config.settings
    tasks.create_task(daemon.state.run())
    tasks.create_task(director.run())
    await director.once()
    tasks.create_task(_resync(daemon))
    tasks.create_task(_feed_watchdog())
    dispatcher.submit(Started())
    dispatcher.schedule()

    async def prune() -> None:
        dispatcher.journal.prune(settings.journal_keep, now=clock.now())

    calendar.daily(3, 7, "journal", prune)


async def _resync(daemon: Daemon) -> None:
    """Read the table again and again: IPVS tells nobody when it is changed."""
    while True:
        settings = daemon.engine.config.settings
        await asyncio.sleep(settings.resync.total_seconds())
        daemon.director.resync()


async def _feed_watchdog() -> None:
    every = watchdog_seconds()
    while every is not None:
        notify(WATCHDOG="1")
        await asyncio.sleep(every)


@contextmanager
def _signals(daemon: Daemon) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    handlers: dict[signal.Signals, Callable[[], object]] = {
        signal.SIGTERM: daemon.end.set,
        signal.SIGINT: daemon.end.set,
        signal.SIGHUP: lambda: daemon.tasks.create_task(daemon.reload()),
    }
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)


async def _own_addresses() -> frozenset[Address]:
    return await asyncio.to_thread(own_addresses)


def _ledger(saved: Plain) -> ledger.Ledger:
    try:
        return ledger.from_plain(saved.get("ledger", []))
    except ValueError as error:
        log.error("saved ledger of the table is unreadable: %s", error)  # noqa: TRY400  people get a sentence
        return ledger.from_plain([])


def _state_directory(name: str) -> Path | None:
    """Return the directory, made if need be, or None when it cannot be used."""
    directory = Path(name)
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = error.strerror
    else:
        if os.access(directory, os.W_OK):
            return directory
        problem = "not writable"
    log.error(
        "%s: %s; NOTHING IS SAVED: acknowledgements, latches and the journal are lost "
        "at the end (settings.state_dir)",
        directory,
        problem,
    )
    return None


@contextmanager
def _pid_file(name: str | None) -> Iterator[None]:
    if name is None:
        yield
        return
    path = Path(name)
    try:
        path.write_text(f"{os.getpid()}\n", encoding="ascii")
    except OSError as error:
        log.error("%s: pid file not written: %s", path, error.strerror)  # noqa: TRY400  people get a sentence
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
