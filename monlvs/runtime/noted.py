"""What the core has noted, as mon's files and clients spell it."""

from datetime import UTC, datetime

from monlvs.core.effects import AlertNoted, DowntimeEnded, FailureNoted
from monlvs.model.plugin import AlertKind
from monlvs.model.watch import ServiceKey
from monlvs.mon.dtlog import Downtime
from monlvs.mon.history import AlertEntry, FailureEntry

_WORDS = {
    AlertKind.FAILURE: "alert",
    AlertKind.UP: "upalert",
    AlertKind.STARTUP: "startupalert",
    AlertKind.TRAP: "trapalert",
    AlertKind.TRAP_TIMEOUT: "traptimeoutalert",
    AlertKind.ACK: "ackalert",
    AlertKind.TEST: "testalert",
}
_KINDS = {word: kind for kind, word in _WORDS.items()}


def alert_entry(noted: AlertNoted) -> AlertEntry:
    """Return an alert as the historic file has it."""
    return AlertEntry(
        kind=_WORDS[noted.kind],
        group=noted.service.group,
        service=noted.service.service,
        time=epoch(noted.time),
        path=noted.program,
        arguments=noted.arguments,
        summary=noted.summary,
    )


def alert_noted(entry: AlertEntry) -> AlertNoted | None:
    """Return what the historic file tells of; None: it is of no kind that we know."""
    kind = _KINDS.get(entry.kind)
    if kind is None:
        return None
    try:
        time = datetime.fromtimestamp(entry.time, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return AlertNoted(
        kind=kind,
        service=ServiceKey(entry.group, entry.service),
        time=time,
        program=entry.path,
        arguments=entry.arguments,
        summary=entry.summary,
    )


def failure_entry(noted: FailureNoted) -> FailureEntry:
    """Return a failure as clients are told of it."""
    return FailureEntry(
        group=noted.service.group,
        service=noted.service.service,
        time=epoch(noted.time),
        summary=noted.summary,
    )


def downtime(ended: DowntimeEnded) -> Downtime:
    """Return an outage as the downtime log has it."""
    return Downtime(
        up=epoch(ended.time),
        group=ended.service.group,
        service=ended.service.service,
        first_failure=epoch(ended.first_failure),
        downtime=epoch(ended.time) - epoch(ended.first_failure),
        interval=ended.interval,
        summary=ended.summary,
    )


def epoch(time: datetime) -> int:
    """Return a time as mon writes it: whole seconds since 1970."""
    return int(time.timestamp())
