"""What the engine asks for, and what it leaves on record."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from monlvs.core.events import OperatorAct
from monlvs.model.guard import Guard
from monlvs.model.pair import Role
from monlvs.model.plugin import Alert, AlertKind, Occasion
from monlvs.model.result import Advice, Reason
from monlvs.model.status import Health, OpStatus
from monlvs.model.values import Host
from monlvs.model.watch import ServiceKey


class Suppression(StrEnum):
    """Why an alert is not sent. The order is mon's (mon(8), "alert decision logic")."""

    SERVICE_DISABLED = "service is disabled"
    WATCH_DISABLED = "watch is disabled"
    SCHEDULER_STOPPED = "scheduler is stopped"
    ACKNOWLEDGED = "outage is acknowledged"
    DEPENDENCY = "a service it depends on is failing"
    OUTSIDE_PERIOD = "outside the period"
    ALERTAFTER = "alertafter not reached"
    NUMALERTS = "numalerts reached"
    ALERTEVERY = "within alertevery"
    EXIT_RANGE = "no alert line for this exit code"
    NO_ALERT_SENT = "no alert was sent in this outage"
    UPALERTAFTER = "outage was shorter than upalertafter"
    STANDBY = "standby: the other director is the master and tells"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendAlert:
    """Deliver one alert; the outbox owns queueing and retries."""

    service: ServiceKey
    period: str
    alert: Alert
    occasion: Occasion


class Timer(StrEnum):
    """What a service may wait for besides its checks."""

    TRAP_OVERDUE = "traptimeout"
    TRAP_EXPIRED = "trapduration"


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeAt:
    """Send TrapOverdue or TrapExpired in so many seconds; replaces what was set."""

    service: ServiceKey
    timer: Timer
    seconds: float | None
    """None: not any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postpone:
    """The service's next check is a whole interval away."""

    service: ServiceKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandon:
    """End all checks that are under way; their results count for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A guard's health has moved; the director converges."""

    guard: Guard
    health: Health
    host_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Advise:
    """A check reports how much a guard's entry can take; the director converges."""

    guard: Guard
    advice: Advice


@dataclass(frozen=True, slots=True, kw_only=True)
class Reschedule:
    """From now on the service is checked at this interval."""

    service: ServiceKey
    interval: timedelta | None
    """None: no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChanged:
    """Record: a service's operational status has changed."""

    service: ServiceKey
    before: OpStatus
    after: OpStatus
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HostChanged:
    """Record: one host's health has changed."""

    service: ServiceKey
    host: Host
    before: Health
    after: Health
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDecided:
    """Record: an event went to an alert, or did not, and why."""

    service: ServiceKey
    period: str
    kind: AlertKind
    suppressed: Suppression | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardMoved:
    """Record: what a service's health means for the table has changed."""

    service: ServiceKey
    host: Host | None
    entry: str
    before: Health
    after: Health


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckUnsure:
    """Record: a check could not be made properly."""

    service: ServiceKey
    in_a_row: int
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorActed:
    """Record: somebody did something."""

    act: OperatorAct


@dataclass(frozen=True, slots=True, kw_only=True)
class WasReset:
    """Record: everything was started anew."""

    keepstate: bool
    stopped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerChanged:
    """Record: the other director is heard, or not any more, or has another role."""

    peer: str
    heard: bool
    role: Role | None
    reason: str
    """Why it is not heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureNoted:
    """History: one failure (mon's `list failurehist`)."""

    service: ServiceKey
    time: datetime
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertNoted:
    """History: one alert program called (mon's `list alerthist`)."""

    kind: AlertKind
    service: ServiceKey
    time: datetime
    program: str
    """What mon would run."""
    arguments: str
    """Its words as the configuration spells them."""
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DowntimeEnded:
    """History: one outage (mon's downtime log)."""

    service: ServiceKey
    time: datetime
    """When it ended."""
    first_failure: datetime
    downtime: timedelta
    interval: timedelta | None
    """Between checks while all is well."""
    summary: str
    """Of the last failure."""


Record: TypeAlias = (
    StatusChanged
    | HostChanged
    | AlertDecided
    | GuardMoved
    | CheckUnsure
    | OperatorActed
    | WasReset
    | PeerChanged
)

History: TypeAlias = FailureNoted | AlertNoted | DowntimeEnded

Effect: TypeAlias = (
    SendAlert
    | Report
    | Advise
    | Reschedule
    | Postpone
    | WakeAt
    | Abandon
    | Record
    | History
)
