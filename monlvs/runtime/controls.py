"""The running daemon as servers see it (`core.control.Control`)."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from monlvs.config import Source
from monlvs.core.control import Kept
from monlvs.core.engine import Engine
from monlvs.core.events import (
    Disable,
    DisableHost,
    DisableHosts,
    DisableWatch,
    Enable,
    EnableHost,
    EnableWatch,
    Event,
    OperatorAct,
    Reset,
)
from monlvs.core.histories import Histories
from monlvs.core.states import Disabled
from monlvs.model.config import Config
from monlvs.model.values import Now, Problem
from monlvs.model.watch import ServiceKey
from monlvs.mon import statefile
from monlvs.runtime import clock, monstate
from monlvs.runtime.annals import Annals
from monlvs.runtime.dispatcher import Dispatcher
from monlvs.runtime.state import write_atomically

log = logging.getLogger("monlvs")

_DISABLING = (
    Disable,
    DisableHost,
    DisableHosts,
    DisableWatch,
    Enable,
    EnableHost,
    EnableWatch,
)
"""Acts after which mon rewrites its file `disabled`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """What happens goes to the dispatcher; files are read and written here."""

    dispatcher: Dispatcher
    annals: Annals
    source: Source | None
    declare: Callable[[Config], None]
    """Tells the director of a configuration that runs from now on."""
    ending: Callable[[], object]
    """Ends the daemon."""

    @property
    def engine(self) -> Engine:
        """The states of all services."""
        return self.dispatcher.engine

    @property
    def histories(self) -> Histories:
        """What was told and what failed."""
        return self.annals.histories

    def now(self) -> Now:
        """Return this moment."""
        return clock.now()

    def begin(self, load: frozenset[Kept], *, stopped: bool) -> None:
        """Prepare a start: histories, mon's state files, a scheduler that stands still."""
        self.annals.begin()
        self.annals.tell("mon server started")
        if load:
            self.load(load)
        if stopped:
            note = Disabled(who="", why="started so", at=self.now().utc)
            self.engine.restore({}, stopped=note)

    def submit(self, event: Event) -> None:
        """Let something happen."""
        self.dispatcher.submit(event)

    def check_soon(self, key: ServiceKey) -> None:
        """Check a service now."""
        self.dispatcher.check_soon(key)

    def due_in(self, key: ServiceKey) -> float | None:
        """Return the seconds until the next check."""
        due = self.dispatcher.next_check(key)
        loop = asyncio.get_running_loop()
        return None if due is None else max(due - loop.time(), 0.0)

    def running_for(self, key: ServiceKey) -> float | None:
        """Return for how many seconds a check has been running."""
        return self.dispatcher.running_for(key)

    def pids(self) -> Mapping[ServiceKey, tuple[int, ...]]:
        """Return the programs that run for checks."""
        return self.dispatcher.pids()

    def downtimes(self) -> tuple[str, ...] | None:
        """Return the lines of the downtime log."""
        return self.annals.downtimes()

    async def reset(self, *, keepstate: bool, stopped: bool) -> tuple[Problem, ...]:
        """Read the configuration and start everything anew, or change nothing."""
        config, problems = await self._read()
        if config is None:
            return problems
        self.dispatcher.reset(Reset(config, keepstate=keepstate, stopped=stopped))
        self.declare(config)
        self.annals.configure(config.mon)
        if not keepstate:
            self.save(frozenset((Kept.DISABLED,)))
        return ()

    async def renew(self) -> tuple[Problem, ...]:
        """Do what a SIGHUP does to mon: a reset after which everything stands as before.

        What the state files can tell, that is: they are written, and read again.
        """
        self.save(frozenset(Kept))
        disabled = monstate.disabled_of(self.engine)
        lines = monstate.opstatus_of(self.engine, self.dispatcher.overdue_in)
        problems = await self.reset(keepstate=True, stopped=False)
        if not problems:
            monstate.restore_disabled(self.engine, disabled, self.now())
            monstate.restore_opstatus(self.engine, lines, self.now())
            self.declare(self.engine.config)
        return problems

    async def examine(self) -> tuple[Problem, ...]:
        """Return the errors of the configuration as it is now on disk."""
        config, problems = await self._read()
        return problems if config is None else ()

    async def _read(self) -> tuple[Config | None, tuple[Problem, ...]]:
        if self.source is None:
            return self.engine.config, ()
        config, problems = await asyncio.to_thread(self.source.load)
        for problem in problems:
            level = logging.WARNING if problem.warning else logging.ERROR
            log.log(level, "%s", problem)
        return config, problems

    def save(self, kept: frozenset[Kept]) -> None:
        """Write mon's state files."""
        if Kept.DISABLED in kept:
            disabled = monstate.disabled_of(self.engine)
            self._write(Kept.DISABLED, statefile.write_disabled(disabled))
        if Kept.OPSTATUS in kept:
            lines = monstate.opstatus_of(self.engine, self.dispatcher.overdue_in)
            self._write(Kept.OPSTATUS, statefile.write_opstatus(lines))

    def load(self, kept: frozenset[Kept]) -> None:
        """Read mon's state files; one that is missing is complained of."""
        now = self.now()
        text = self._text(Kept.DISABLED) if Kept.DISABLED in kept else None
        if text is not None:
            disabled, junk = statefile.read_disabled(text)
            self._complain(Kept.DISABLED, junk)
            monstate.restore_disabled(self.engine, disabled, now)
        text = self._text(Kept.OPSTATUS) if Kept.OPSTATUS in kept else None
        if text is not None:
            lines, junk = statefile.read_opstatus(text)
            self._complain(Kept.OPSTATUS, junk)
            monstate.restore_opstatus(self.engine, lines, now)

    def end(self) -> None:
        """End the daemon."""
        self.ending()

    def acted(self, act: OperatorAct) -> None:
        """Take note of what somebody did: what is disabled is saved at once."""
        if isinstance(act, _DISABLING):
            self.save(frozenset((Kept.DISABLED,)))

    def _path(self, kept: Kept) -> Path | None:
        mon = self.engine.config.mon
        return None if mon is None else Path(mon.statedir, kept.value)

    def _write(self, kept: Kept, text: str) -> None:
        path = self._path(kept)
        if path is None:
            return
        try:
            write_atomically(path, text)
        except (OSError, ValueError) as error:
            log.error("%s: not saved: %s", path, error)  # noqa: TRY400  people get a sentence

    def _text(self, kept: Kept) -> str | None:
        path = self._path(kept)
        if path is None:
            return None
        try:
            return path.read_text(encoding="utf-8", errors="surrogateescape")
        except OSError as error:
            log.warning("could not read state file %s: %s", path, error.strerror)
            return None

    def _complain(self, kept: Kept, junk: tuple[str, ...]) -> None:
        if junk:
            path, count = self._path(kept), len(junk)
            log.warning("%s: %d lines make no sense: %.80s", path, count, junk[0])
