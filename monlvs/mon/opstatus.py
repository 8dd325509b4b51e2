"""The line in which clients are told where a service stands (`list opstatus`)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from monlvs.model.status import OpStatus
from monlvs.model.values import Host
from monlvs.mon.escape import escape, unescape


@dataclass(frozen=True, slots=True, kw_only=True)
class OpStatusLine:
    """Everything that `list opstatus` says of a service. Times are epochs in seconds."""

    group: str
    service: str
    opstatus: OpStatus
    last_opstatus: OpStatus
    """Before the last result."""
    exitval: int | None = None
    """None before the first result."""
    timer: timedelta = timedelta(0)
    """Until the next check."""
    last_success: int = 0
    last_trap: int = 0
    last_traphost: str = ""
    """Always empty in mon."""
    last_check: int | None = None
    """None before the first check by a monitor."""
    ack: int = 0
    """When it was acknowledged; 0: it is not."""
    ackcomment: str = ""
    alerts_sent: int = 0
    """In the present outage."""
    depstatus: bool | None = None
    """What the dependency last came to; None: it was never evaluated."""
    depend: str = ""
    hostdepend: str = ""
    monitordepend: str = ""
    alertdepend: str = ""
    monitor: str = ""
    """As the configuration spells it."""
    last_summary: str = ""
    last_detail: str = ""
    last_failure: int | None = None
    """None while it is well."""
    interval: timedelta | None = None
    """The one in force."""
    monitor_duration: int = -1
    """Seconds that the last run took; -1 before the first."""
    monitor_running: bool = False
    exclude_period: str = ""
    exclude_hosts: tuple[Host, ...] = ()
    randskew: timedelta | None = None
    last_alert: int | None = None
    """None before the first."""
    first_failure: int | None = None
    """When the present outage began; None while it is well."""
    failure_duration: int | None = None
    """Seconds that the present outage has lasted."""


def opstatus_line(status: OpStatusLine) -> str:
    """Return `key=value …` in mon's order, without a line end."""
    told = (*_always(status), *_where_it_applies(status))
    return " ".join(f"{key}={escape(value)}" for key, value in told)


def opstatus_fields(line: str) -> dict[str, str]:
    """Return the values of such a line by their keys; what has no `=` is left out."""
    pairs = (word.partition("=") for word in line.split(" "))
    return {key: unescape(value) for key, sign, value in pairs if sign}


def seconds(span: timedelta) -> str:
    """Return a duration in seconds as mon writes numbers: `90`, `1.5`."""
    return f"{span.total_seconds():.6f}".rstrip("0").rstrip(".")


def _always(status: OpStatusLine) -> Iterator[tuple[str, str]]:
    yield "group", status.group
    yield "service", status.service
    yield "opstatus", str(int(status.opstatus))
    yield "last_opstatus", str(int(status.last_opstatus))
    yield "exitval", "undef" if status.exitval is None else str(status.exitval)
    yield "timer", seconds(status.timer)
    yield "last_success", str(status.last_success)
    yield "last_trap", str(status.last_trap)
    yield "last_traphost", status.last_traphost
    yield "last_check", _or_empty(status.last_check)
    yield "ack", str(status.ack)
    yield "ackcomment", status.ackcomment
    yield "alerts_sent", str(status.alerts_sent)
    yield "depstatus", _or_empty(status.depstatus)
    yield "depend", status.depend
    yield "hostdepend", status.hostdepend
    yield "monitordepend", status.monitordepend
    yield "alertdepend", status.alertdepend
    yield "monitor", status.monitor
    yield "last_summary", status.last_summary
    yield "last_detail", status.last_detail


def _where_it_applies(status: OpStatusLine) -> Iterator[tuple[str, str]]:
    if status.last_failure:
        yield "last_failure", str(status.last_failure)
    if status.interval is not None:
        yield "interval", seconds(status.interval)
        yield "monitor_duration", str(status.monitor_duration)
        yield "monitor_running", str(int(status.monitor_running))
    if status.exclude_period:
        yield "exclude_period", status.exclude_period
    if status.exclude_hosts:
        yield "exclude_hosts", " ".join(status.exclude_hosts)
    if status.randskew is not None:
        yield "randskew", seconds(status.randskew)
    if status.last_alert:
        yield "last_alert", str(status.last_alert)
    if status.first_failure:
        yield "first_failure", str(status.first_failure)
        yield "failure_duration", str(status.failure_duration or 0)


def _or_empty(value: int | None) -> str:
    return "" if value is None else str(int(value))
