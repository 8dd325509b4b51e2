"""The whole of a configuration, whichever format spelled it."""

from dataclasses import dataclass, field
from datetime import timedelta

from monlvs.model.guard import Guard
from monlvs.model.lvs import DeclaredService
from monlvs.model.machine import Machine
from monlvs.model.mon import Alias, MonSettings, View
from monlvs.model.pair import Pair
from monlvs.model.watch import Service, ServiceKey, Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is said once for the daemon."""

    state_dir: str = "/var/lib/monlvs"
    """Holds the state file and the journal."""
    resync: timedelta = timedelta(seconds=5)
    """How often the kernel's table is read again and drift repaired."""
    max_checks: int = 1000
    """Exchanges in flight at once."""
    max_programs: int = 50
    """External programs running at once."""
    spread: bool = True
    """Spread first checks over the interval; otherwise all start at once."""
    journal_keep: timedelta = timedelta(days=90)
    """How long journal entries are kept."""
    pid_file: str | None = None
    table: str = "auto"
    """`kernel`, `memory`, or `auto`: the kernel's where it can be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """One validated configuration; a reload replaces it whole."""

    settings: Settings = field(default_factory=Settings)
    watches: tuple[Watch, ...] = ()
    virtual_services: tuple[DeclaredService, ...] = ()
    guards: tuple[Guard, ...] = ()
    views: tuple[View, ...] = ()
    aliases: tuple[Alias, ...] = ()
    machine: Machine | None = None
    """The machine around the table; None: it is left alone."""
    pair: Pair | None = None
    """The other director; None: there is none."""
    mon: MonSettings | None = None
    """Variables of a mon.cf; None where another format was read."""

    def services(self) -> dict[ServiceKey, tuple[Watch, Service]]:
        """Every service with the watch it belongs to, in configured order."""
        return {
            service.key: (watch, service)
            for watch in self.watches
            for service in watch.services
        }
