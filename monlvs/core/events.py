"""What can happen to the engine."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from monlvs.model.config import Config
from monlvs.model.forced import Target
from monlvs.model.lvs import VirtualKey
from monlvs.model.pair import Role
from monlvs.model.plugin import AlertKind
from monlvs.model.pool import Act
from monlvs.model.result import Result
from monlvs.model.values import Host
from monlvs.model.watch import ServiceKey


@dataclass(frozen=True, slots=True)
class Started:
    """The daemon runs; startup alerts go out now."""

    heard: timedelta = timedelta(0)
    """For how long traps could come already."""


@dataclass(frozen=True, slots=True)
class Reconfigured:
    """A new configuration, already validated, replaces the old one."""

    config: Config


@dataclass(frozen=True, slots=True)
class CheckFinished:
    """A service's check has ended."""

    service: ServiceKey
    result: Result


@dataclass(frozen=True, slots=True)
class Reset:
    """mon's reset: everything starts anew with the configuration given (mon(8))."""

    config: Config
    keepstate: bool = False
    """What is disabled stays disabled."""
    opstatus: bool = False
    """The services' states are kept too, as mon does at SIGHUP."""
    stopped: bool = False
    """The scheduler is stopped afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrapReceived:
    """Another program has told a service's result."""

    service: ServiceKey
    exit: int
    """0: success."""
    output: str
    """Summary line first, then the detail."""
    host: str = ""
    """Who sent it."""
    intended: str | None = None
    """`group:service` that the trap named, where the default service takes it."""


@dataclass(frozen=True, slots=True)
class TrapOverdue:
    """The service's `traptimeout` has passed without a trap."""

    service: ServiceKey
    date: str = ""
    """The time of day in words, for the alert's text."""


@dataclass(frozen=True, slots=True)
class TrapExpired:
    """The service's `trapduration` has passed since the last failure by a trap."""

    service: ServiceKey


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolKept:
    """Servers that fail are kept in a pool because too few would be left, or are not
    any more."""

    key: VirtualKey
    holds: bool
    text: str = ""
    """How many are wanted, and which are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    """An operator knows of the outage; its alerts stop until recovery."""

    service: ServiceKey
    who: str
    why: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unacknowledge:
    """An acknowledgement ends before the outage does."""

    service: ServiceKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Disable:
    """An operator silences a service: checks go on, alerts and table stay still."""

    service: ServiceKey
    who: str
    why: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enable:
    """The end of Disable; also releases latched guards of the service."""

    service: ServiceKey
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisableHost:
    """A host is no longer checked, in whichever group it stands."""

    host: Host
    who: str
    why: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnableHost:
    """The end of DisableHost."""

    host: Host
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisableHosts:
    """Several at once: all of them or, when one is in no group, none."""

    hosts: tuple[Host, ...]
    who: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisableWatch:
    """None of a group's services is checked; what is known of them stands."""

    group: str
    who: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnableWatch:
    """The end of DisableWatch."""

    group: str
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TestAlert:
    """An operator runs a period's alerts to see whether they arrive."""

    __test__ = False  # pytest takes a class of this name for tests

    service: ServiceKey
    kind: AlertKind
    """TEST runs the alerts, UP the upalerts, STARTUP the startupalerts."""
    exit: int
    period: str
    who: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearTimers:
    """What limits a service's alerts starts anew, as after a recovery."""

    service: ServiceKey
    who: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetVariable:
    """An operator sets a service's variable by the name that mon gives it."""

    service: ServiceKey
    name: str
    value: str
    who: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopScheduler:
    """Checks and alerts stop; the table stays as it is."""

    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartScheduler:
    """Checks go on."""

    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Force:
    """An operator decides on a real server, over what checks say."""

    target: Target
    decision: Act
    who: str
    why: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The end of Force: checks decide again."""

    target: Target
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeRole:
    """VRRP has made this director the master, or not."""

    role: Role
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerHeard:
    """The other director has answered."""

    peer: str
    role: Role | None
    """None: nobody has told it its role yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerLost:
    """The other director does not answer any more, or never has."""

    peer: str
    reason: str


OperatorAct: TypeAlias = (
    Acknowledge
    | Unacknowledge
    | Disable
    | Enable
    | DisableHost
    | EnableHost
    | DisableHosts
    | DisableWatch
    | EnableWatch
    | TestAlert
    | ClearTimers
    | SetVariable
    | StopScheduler
    | StartScheduler
    | Force
    | Release
    | TakeRole
)

Event: TypeAlias = (
    Started
    | Reconfigured
    | Reset
    | CheckFinished
    | TrapReceived
    | TrapOverdue
    | TrapExpired
    | PoolKept
    | PeerHeard
    | PeerLost
    | OperatorAct
)
