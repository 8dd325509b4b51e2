"""The words of mon.cf as values: host groups, watches, services, periods."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from monlvs.model.depend import INDEPENDENT, Dependencies
from monlvs.model.period import ALWAYS, TimePeriod
from monlvs.model.plugin import Alert, Monitor
from monlvs.model.values import Host


class ServiceKey(NamedTuple):
    """A service by its group and its name."""

    group: str
    service: str

    def __str__(self) -> str:
        return f"{self.group}/{self.service}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostGroup:
    """Hosts that are watched together."""

    name: str
    hosts: tuple[Host, ...]
    disabled: frozenset[Host] = frozenset()
    """Members that are not checked (`*host` in mon.cf)."""


@dataclass(frozen=True, slots=True)
class ExitRange:
    """Exit codes an alert line is for, both ends included."""

    first: int
    last: int


class AlertEveryMode(StrEnum):
    """What, besides time, lets a repeated alert through (mon(8), "alertevery")."""

    SUMMARY = "summary"
    """A summary that differs from the previous run's."""
    OBSERVE_DETAIL = "observe_detail"
    """A summary or a detail that differs."""
    IGNORE_SUMMARY = "ignore_summary"
    """Time alone; recovery starts afresh."""
    STRICT = "strict"
    """Time alone, across recoveries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEvery:
    """At most one alert per `interval`."""

    interval: timedelta
    mode: AlertEveryMode = AlertEveryMode.SUMMARY


@dataclass(frozen=True, slots=True)
class AfterCount:
    """Alert from the `count`th consecutive failure on."""

    count: int


@dataclass(frozen=True, slots=True)
class AfterCountWithin:
    """Alert once `count` consecutive failures fell within `window`."""

    count: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class AfterDuration:
    """Alert once the outage is older than `duration`."""

    duration: timedelta


AlertAfter: TypeAlias = AfterCount | AfterCountWithin | AfterDuration


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLine:
    """One `alert`, `upalert` or `startupalert` line of a period."""

    alert: Alert
    exits: ExitRange | None = None
    program: str = field(default="", compare=False)
    """What mon would run, as histories show it."""
    arguments: str = field(default="", compare=False)
    """Its words as the configuration spells them, quotes and all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """When, how often and to whom a service's failures are told."""

    label: str
    """Unique in the service; what operators and state files call it."""
    when: TimePeriod = ALWAYS
    alerts: tuple[AlertLine, ...] = ()
    upalerts: tuple[AlertLine, ...] = ()
    startupalerts: tuple[AlertLine, ...] = ()
    ackalerts: tuple[AlertLine, ...] = ()
    disablealerts: tuple[AlertLine, ...] = ()
    """mon takes them and never runs them; so do we."""
    alertevery: AlertEvery | None = None
    alertafter: AlertAfter | None = None
    numalerts: int | None = None
    """None: no limit (0 in mon.cf)."""
    upalertafter: timedelta | None = None
    """An outage shorter than this ends without an upalert."""
    no_comp_alerts: bool = False
    """Send upalerts even where no alert was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What is checked on a group's hosts, how often, and what follows."""

    key: ServiceKey
    monitor: Monitor | None
    """None: the service hears of traps alone."""
    interval: timedelta | None
    """None: it is never checked by itself."""
    timeout: timedelta
    """A check that takes longer has failed."""
    periods: tuple[Period, ...] = ()
    description: str | None = None
    failure_interval: timedelta | None = None
    """Replaces `interval` while the service fails."""
    randskew: timedelta | None = None
    rise: int = 1
    """Consecutive successes that make a host healthy again."""
    fall: int = 1
    """Consecutive failures that make a host unhealthy."""
    exclude_hosts: frozenset[Host] = frozenset()
    exclude_period: TimePeriod | None = None
    """When the monitor is not run."""
    exclude_text: str = field(default="", compare=False)
    """The same as the configuration spells it."""
    variables: tuple[tuple[str, str], ...] = ()
    """Environment for external programs."""
    allow_empty_group: bool = False
    unack_summary: bool = False
    """A changed summary ends an acknowledgement."""
    upalert_first: bool = False
    """The first success after a start sends an upalert, as the mon of 1999 did."""
    traptimeout: timedelta | None = None
    """Every such time without a trap is a failure."""
    trapduration: timedelta | None = None
    """So long after a failure that a trap told, the service counts as well again."""
    dependencies: Dependencies = INDEPENDENT
    redistribute: Alert | None = None
    """Told of every result, whatever the periods say."""
    monitor_text: str = field(default="", compare=False)
    """The monitor and its words as the configuration spells them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A host group and the services watched on it."""

    group: HostGroup
    services: tuple[Service, ...]
