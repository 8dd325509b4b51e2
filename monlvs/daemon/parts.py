"""The running parts, and what a reload makes new of them."""

import asyncio
import logging
from dataclasses import dataclass

from monlvs.config import Source
from monlvs.core.engine import Engine
from monlvs.daemon.wishes import Wishes
from monlvs.director.machine.state import Plan
from monlvs.director.reconcile import Director
from monlvs.director.table import LiveTable
from monlvs.model.config import Config, Settings
from monlvs.runtime.controls import Controls
from monlvs.runtime.dispatcher import Dispatcher
from monlvs.runtime.notify import notify
from monlvs.runtime.outbox import Outbox
from monlvs.runtime.state import StateFile
from monlvs.runtime.upkeep import Upkeep

log = logging.getLogger("monlvs")

_AT_START = ("state_dir", "max_checks", "max_programs", "pid_file", "table")
"""Settings that a reload does not change."""


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
    upkeep: Upkeep
    tasks: asyncio.TaskGroup
    source: Source | None
    settings: Settings
    """Those that it was started with."""
    wishes: Wishes

    @property
    def status(self) -> str:
        """A line for systemctl(1)."""
        return f"{len(self.engine.watched)} services watched"

    @property
    def engine(self) -> Engine:
        """The states of all services."""
        return self.dispatcher.engine

    @property
    def keeps_machine(self) -> bool:
        """Whether it looks after the machine around its table."""
        machine = self.engine.config.machine
        return machine is not None and machine.keep and self.shortfall is None

    async def plan_machine(self, config: Config) -> Plan:
        """Say what would be done with the machine; nothing where nothing is balanced.

        Raises OSError when the machine cannot be read.
        """
        return Plan() if self.shortfall else await self.upkeep.plan(config)

    async def look_after_machine(self) -> None:
        """Make the machine as the configuration wants it, where it asks for that."""
        if not self.keeps_machine:
            return
        try:
            moved = await self.upkeep.keep(self.engine.config, self.director.once)
        except Exception:  # a fault of ours must not end what works
            log.exception("the machine could not be looked after")
        else:
            if moved:
                self.director.resync(moved=True)

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
        notify(READY="1", STATUS=self.status)
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
        self.take(config)
        return True

    def take(self, config: Config) -> None:
        """Run by `config` from now on; states go on where it still has their service."""
        for name in _AT_START:
            if getattr(config.settings, name) != getattr(self.settings, name):
                log.warning("settings.%s: the change takes a restart", name)
        self.dispatcher.reconfigure(config)
        self.director.force(self.engine.forced)
        self.director.declare(config, self.engine.health())
        log.warning("%s loaded", self.source)
