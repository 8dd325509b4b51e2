"""What a mon.cf states, as typed values: every line understood, nothing resolved.

Paths, programs, defaults and expressions are as written; they are resolved in `config`.
"""

from dataclasses import dataclass
from datetime import timedelta

from monlvs.model.depend import DependBehavior
from monlvs.model.period import ALWAYS, TimePeriod
from monlvs.model.values import Host, Problem
from monlvs.model.watch import AlertAfter, AlertEvery
from monlvs.mon.cfblocks import AliasBlock, Line
from monlvs.mon.directives import AlertProgram, Program
from monlvs.mon.variables import Variables


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedGroup:
    """A host group."""

    line: int
    name: str
    hosts: tuple[Host, ...]
    disabled: frozenset[Host] = frozenset()
    """Members written `*host`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedPeriod:
    """A period of a service."""

    line: int
    label: str | None
    spec: str
    key: str
    """The label, else the spec: what state files and clients call the period."""
    when: TimePeriod = ALWAYS
    alerts: tuple[AlertProgram, ...] = ()
    upalerts: tuple[AlertProgram, ...] = ()
    startupalerts: tuple[AlertProgram, ...] = ()
    ackalerts: tuple[AlertProgram, ...] = ()
    disablealerts: tuple[AlertProgram, ...] = ()
    alertevery: AlertEvery | None = None
    alertafter: AlertAfter | None = None
    numalerts: int | None = None
    upalertafter: timedelta | None = None
    no_comp_alerts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedExpression:
    """A dependency as written; it is not looked into here."""

    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedService:
    """A service of a watch; None: not stated."""

    line: int
    name: str
    interval: timedelta | None = None
    monitor: Program | None = None
    monitor_line: int | None = None
    description: str | None = None
    variables: tuple[tuple[str, str], ...] = ()
    failure_interval: timedelta | None = None
    randskew: timedelta | None = None
    traptimeout: timedelta | None = None
    trapduration: timedelta | None = None
    exclude_hosts: frozenset[Host] = frozenset()
    exclude_period: TimePeriod | None = None
    exclude_period_text: str = ""
    allow_empty_group: bool = False
    depend: StatedExpression | None = None
    alertdepend: StatedExpression | None = None
    monitordepend: StatedExpression | None = None
    hostdepend: StatedExpression | None = None
    dep_behavior: DependBehavior | None = None
    dep_memory: timedelta | None = None
    redistribute: Program | None = None
    unack_summary: bool = False
    periods: tuple[StatedPeriod, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedWatch:
    """A watch with its services."""

    line: int
    group: str
    services: tuple[StatedService, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedView:
    """Groups that a client may choose to see alone."""

    line: int
    name: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A whole mon.cf, with everything that is wrong or odd in it."""

    variables: Variables
    groups: tuple[StatedGroup, ...]
    """Each name once; a watch without a hostgroup has one with itself as member."""
    views: tuple[StatedView, ...]
    aliases: tuple[AliasBlock, ...]
    watches: tuple[StatedWatch, ...]
    comments: tuple[Line, ...]
    problems: tuple[Problem, ...]

    @property
    def usable(self) -> bool:
        """Whether mon could start with it: no problem is an error."""
        return all(problem.warning for problem in self.problems)
