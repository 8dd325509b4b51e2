"""What stands for one of mon's programs: a monitor or an alert of monlvs."""

from dataclasses import dataclass
from datetime import timedelta

from monlvs.alerts.virtualserver import Virtualserver
from monlvs.model.plugin import Alert, Monitor


class NotUnderstoodError(ValueError):
    """An argument is not one that monlvs knows for this program; says which."""


@dataclass(frozen=True, slots=True)
class NativeMonitor:
    """A monitor with the time limit that the program would have."""

    monitor: Monitor
    timeout: timedelta | None = None
    """None: the usual one of the service."""


@dataclass(frozen=True, slots=True)
class NativeAlert:
    """An alert, and what is odd about the line."""

    alert: Alert | Virtualserver
    notices: tuple[str, ...] = ()
