"""One life: opened, started, served, ended in order."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta

from monlvs.config import Source
from monlvs.core.control import Kept
from monlvs.core.events import Started
from monlvs.daemon.building import Place, build
from monlvs.daemon.pairdesk import PairDesk
from monlvs.daemon.pairing import Pairing
from monlvs.daemon.parts import Daemon
from monlvs.daemon.pooldesk import PoolDesk
from monlvs.daemon.tabledesk import TableDesk
from monlvs.daemon.wishes import Wishes, signals
from monlvs.director.choice import open_table
from monlvs.model.config import Config
from monlvs.runtime import clock
from monlvs.runtime.calendar import Calendar
from monlvs.runtime.checks import Wires
from monlvs.runtime.lifetime import lifetime
from monlvs.runtime.lock import hold
from monlvs.runtime.notify import notify, watchdog_seconds
from monlvs.runtime.places import pid_file, state_directory
from monlvs.server.opening import console
from monlvs.server.reserved import Reserved
from monlvs.server.server import serving
from monlvs.wire.icmp import Icmp
from monlvs.wire.names import Names
from monlvs.wire.process import Programs
from monlvs.wire.sockets import Sockets

log = logging.getLogger("monlvs")

LAST_ALERTS = 5.0
"""Seconds that waiting alerts get at the end."""
_SHARE = 10
"""How many times as long as a look at the machine takes the next one waits."""
_LONGEST = 30.0
"""Seconds that it waits at most for that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """How a start differs from the usual one."""

    load: frozenset[Kept] = frozenset()
    """Which of mon's state files are read (mon(8), `-l`)."""
    stopped: bool = False
    """The scheduler does not run until somebody starts it (mon(8), `-S`)."""
    begun: float | None = None
    """Monotonic time from which mon's first interval counts; None: from when all is
    ready."""
    reserved: Reserved | None = None
    """mon's ports, where they are open already."""
    ready: Callable[[], None] = lambda: None
    """Called when everything has begun."""


USUAL = Beginning()


async def run(
    config: Config, *, source: Source | None = None, beginning: Beginning = USUAL
) -> None:
    """Run until SIGTERM or SIGINT; SIGHUP reads the configuration again.

    The process is to end then: from here on these signals do nothing any more.
    """
    wishes = Wishes()
    # The handlers outlive the daemon: a second SIGTERM must not cut its end short.
    with signals(wishes):
        async with running(
            config, source=source, wishes=wishes, beginning=beginning
        ) as daemon:
            notify(READY="1", STATUS=daemon.status)
            beginning.ready()
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
    if source is not None and source.shadow:
        log.warning(
            "THIS IS A SHADOW: no alert is sent, no table changed, no port open"
        )
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
            daemon = build(config, place, wires, choice, tasks, wishes)
            side = Pairing(daemon, directory, idle=place.shadow)
            try:
                async with _served(daemon, side, calendar, place, beginning):
                    await _start(daemon, side, calendar, tasks, beginning)
                    relieve_garbage_collection()
                    yield daemon
            finally:
                daemon.dispatcher.stop()
                await daemon.outbox.drain(LAST_ALERTS)
                await programs.close()
                daemon.state.save_now()
                daemon.dispatcher.journal.close()


@asynccontextmanager
async def _served(
    daemon: Daemon,
    side: Pairing,
    calendar: Calendar,
    place: Place,
    beginning: Beginning,
) -> AsyncIterator[None]:
    """Open the operator's door and, where a mon.cf runs, mon's ports."""
    desks = TableDesk(daemon), PoolDesk(daemon), (pair := PairDesk(daemon, side))
    async with AsyncExitStack() as stack:
        door = console(
            daemon.dispatcher,
            daemon.director,
            calendar,
            directory=place.directory,
            waiting=lambda: daemon.outbox.waiting,
            refused=lambda: daemon.upkeep.refused if daemon.keeps_machine else (),
            further={name: say for desk in desks for name, say in desk.answers.items()},
            pair=pair.status,
        )
        await stack.enter_async_context(door)
        if daemon.engine.config.mon is not None and not place.shadow:
            tell = daemon.controls.annals.tell
            ports = serving(
                daemon.controls, daemon.tasks, reserved=beginning.reserved, tell=tell
            )
            await stack.enter_async_context(ports)
        yield


def relieve_garbage_collection() -> None:
    """What was built stays, and a check leaves no cycles: look seldom, at little."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()


async def _start(
    daemon: Daemon,
    side: Pairing,
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
    await side.first()
    tasks.create_task(side.run())
    tasks.create_task(_resync(daemon))
    tasks.create_task(_look_after_machine(daemon))
    tasks.create_task(_feed_watchdog())
    tasks.create_task(_reload_on_wish(daemon))
    dispatcher.submit(Started(heard=_heard(beginning.reserved)))
    dispatcher.schedule(begun=beginning.begun)

    async def prune() -> None:
        keep = daemon.engine.config.settings.journal_keep
        dispatcher.journal.prune(keep, now=clock.now())

    calendar.daily(3, 7, "journal", prune)


def _heard(reserved: Reserved | None) -> timedelta:
    since = reserved.heard_since if reserved else None
    return timedelta(seconds=clock.now().mono - since if since is not None else 0)


async def _resync(daemon: Daemon) -> None:
    """Read the table again and again: IPVS tells nobody when it is changed."""
    while True:
        settings = daemon.engine.config.settings
        await asyncio.sleep(settings.resync.total_seconds())
        daemon.director.resync()


async def _look_after_machine(daemon: Daemon) -> None:
    """Look as often as at the table, but for a share of the time only."""
    took = 0.0
    await daemon.look_after_machine()  # alone: it imports, and waits for neighbours
    while True:
        resync = daemon.engine.config.settings.resync.total_seconds()
        await asyncio.sleep(max(resync, min(_SHARE * took, _LONGEST)))
        began = clock.now().mono
        await daemon.look_after_machine()
        took = clock.now().mono - began


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
