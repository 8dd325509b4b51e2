"""A configuration in the making: model values, and where the file states each."""

from collections.abc import Callable
from dataclasses import dataclass, field

from monlvs.config.findings import Findings
from monlvs.config.positions import Path
from monlvs.model.config import Config, Settings
from monlvs.model.guard import Guard
from monlvs.model.lvs import DeclaredService
from monlvs.model.machine import Machine
from monlvs.model.mon import Alias, MonSettings, View
from monlvs.model.pair import Pair
from monlvs.model.values import Host
from monlvs.model.watch import HostGroup, Service, Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedGroup:
    """A host group and its place."""

    group: HostGroup
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedService:
    """A service, its place, and the places of its periods in their order."""

    service: Service
    path: Path
    table: Path
    """Where its attributes stand: the service's table, or the whole short form."""
    periods: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedVirtual:
    """A declared virtual service, its place, and those of its servers in their order."""

    declared: DeclaredService
    path: Path
    servers: tuple[Path, ...] = ()
    whole: bool = True
    """Whether every server could be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedGuard:
    """A guard and the place of the line that declares it."""

    guard: Guard
    path: Path


@dataclass(slots=True, kw_only=True)
class Draft:
    """What was read so far, from whichever spelling."""

    settings: Settings = field(default_factory=Settings)
    groups: list[StatedGroup] = field(default_factory=list)
    services: list[StatedService] = field(default_factory=list)
    virtuals: list[StatedVirtual] = field(default_factory=list)
    guards: list[StatedGuard] = field(default_factory=list)
    views: tuple[View, ...] = ()
    aliases: tuple[Alias, ...] = ()
    machine: Machine | None = None
    """The machine around the table, where the file asks for it."""
    pair: Pair | None = None
    """The other director, where there are two."""
    mon: MonSettings | None = None
    """Variables of mon's; with them the daemon behaves as mon does."""
    broken_groups: set[str] = field(default_factory=set)
    """Names of groups that are stated and could not be read."""
    broken_watches: set[str] = field(default_factory=set)
    """Groups with a service that could not be read."""
    _members: dict[str, tuple[Host, ...]] = field(default_factory=dict)
    """Hosts by group: there may be ten thousand groups, and each is asked for."""

    def add_group(self, group: HostGroup, path: Path) -> None:
        """Add a host group; of two with one name the first counts."""
        self.groups.append(StatedGroup(group=group, path=path))
        self._members.setdefault(group.name, group.hosts)

    def members(self, group: str) -> tuple[Host, ...] | None:
        """Return the hosts of a group, None for a group that is not stated."""
        return self._members.get(group)

    def refusal(self, findings: Findings) -> Callable[..., None]:
        """Return what notes things that mon takes and that are mistakes otherwise."""
        return findings.error if self.mon is None else findings.warning

    def config(self) -> Config:
        """Put the model together; meaningful when no error was found."""
        services: dict[str, list[Service]] = {}
        for each in self.services:
            services.setdefault(each.service.key.group, []).append(each.service)
        # mon's clients may ask for a group that nobody watches.
        watches = [
            Watch(
                group=stated.group, services=tuple(services.get(stated.group.name, ()))
            )
            for stated in self.groups
            if stated.group.name in services or self.mon is not None
        ]
        return Config(
            settings=self.settings,
            watches=tuple(watches),
            virtual_services=tuple(each.declared for each in self.virtuals),
            guards=tuple(dict.fromkeys(each.guard for each in self.guards)),
            views=self.views,
            aliases=self.aliases,
            machine=self.machine,
            pair=self.pair,
            mon=self.mon,
        )
