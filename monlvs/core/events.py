"""What can happen to the engine."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from monlvs.model.config import Config
from monlvs.model.result import Result
from monlvs.model.values import Host
from monlvs.model.watch import ServiceKey


@dataclass(frozen=True, slots=True)
class Started:
    """The daemon runs; startup alerts go out now."""


@dataclass(frozen=True, slots=True)
class Reconfigured:
    """A new configuration, already validated, replaces the old one."""

    config: Config


@dataclass(frozen=True, slots=True)
class CheckFinished:
    """A service's check has ended."""

    service: ServiceKey
    result: Result


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


@dataclass(frozen=True, slots=True, kw_only=True)
class EnableHost:
    """The end of DisableHost."""

    host: Host
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopScheduler:
    """Checks and alerts stop; the table stays as it is."""

    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartScheduler:
    """Checks go on."""

    who: str


OperatorAct: TypeAlias = (
    Acknowledge
    | Unacknowledge
    | Disable
    | Enable
    | DisableHost
    | EnableHost
    | StopScheduler
    | StartScheduler
)

Event: TypeAlias = Started | Reconfigured | CheckFinished | OperatorAct
