"""Records in words, for the log and for people. Here and nowhere else."""

import logging
from typing import Protocol, runtime_checkable

from monlvs.core.effects import (
    AlertDecided,
    CheckUnsure,
    GuardMoved,
    HostChanged,
    OperatorActed,
    StatusChanged,
)
from monlvs.core.events import (
    Acknowledge,
    Disable,
    DisableHost,
    Enable,
    EnableHost,
    OperatorAct,
    StartScheduler,
    StopScheduler,
    Unacknowledge,
)
from monlvs.model.status import Health, OpStatus
from monlvs.runtime.outbox import AlertDelivery, Fate

Sentence = tuple[int, str]
"""A logging level and one line."""


@runtime_checkable
class Spoken(Protocol):
    """A record of another part that brings its own words."""

    level: int

    def __str__(self) -> str:
        """Say what happened in one line."""


def sentence(record: object) -> Sentence:  # noqa: PLR0911  one case per kind of record, a line each
    """Say what a record tells, with the level at which it is worth saying."""
    match record:
        case StatusChanged():
            return _status(record)
        case HostChanged():
            level = logging.WARNING if record.after is Health.DOWN else logging.INFO
            why = f" ({record.detail or record.reason.value})"
            return level, (
                f"{record.service}: host {record.host} {record.before.value} → "
                f"{record.after.value}{why if record.after is Health.DOWN else ''}"
            )
        case AlertDecided():
            return logging.INFO, _decision(record)
        case GuardMoved():
            level = logging.WARNING if record.after is Health.DOWN else logging.INFO
            return level, (
                f"{record.service}: guard of {record.entry} {record.before.value} → "
                f"{record.after.value}"
            )
        case CheckUnsure():
            detail = f" ({record.detail})" if record.detail else ""
            return logging.WARNING, (
                f"{record.service}: check inconclusive, {record.in_a_row} in a row: "
                f"{record.reason.value}{detail}; nothing is moved"
            )
        case OperatorActed():
            return logging.WARNING, _act(record.act)
        case AlertDelivery():
            level = logging.INFO if record.fate is Fate.SENT else logging.ERROR
            error = f" ({record.error})" if record.error else ""
            return level, (
                f"{record.service}: {record.alert} {record.kind.value} to "
                f"{record.destination}: {record.fate.value}{error}"
            )
        case Spoken():
            return record.level, str(record)
        case _:
            return logging.INFO, str(record)


def _status(record: StatusChanged) -> Sentence:
    level = logging.INFO if record.after is OpStatus.OK else logging.CRITICAL
    summary = f": {record.summary}" if record.summary else ""
    before, after = record.before.name.lower(), record.after.name.lower()
    return level, f"{record.service}: {before} → {after}{summary}"


def _decision(record: AlertDecided) -> str:
    period = repr(record.period or "always")
    if record.suppressed is None:
        return f"{record.service}: {record.kind.value} alert of period {period}"
    return (
        f"{record.service}: no {record.kind.value} alert of period {period}: "
        f"{record.suppressed.value}"
    )


def _act(act: OperatorAct) -> str:  # noqa: PLR0911  one line per act
    match act:
        case Acknowledge():
            return f"{act.service}: acknowledged by {act.who}: {act.why}"
        case Unacknowledge():
            return f"{act.service}: acknowledgement ended"
        case Disable():
            return f"{act.service}: disabled by {act.who}: {act.why}"
        case Enable():
            return f"{act.service}: enabled by {act.who}"
        case DisableHost():
            return f"host {act.host}: disabled by {act.who}: {act.why}"
        case EnableHost():
            return f"host {act.host}: enabled by {act.who}"
        case StopScheduler():
            return f"scheduler stopped by {act.who}"
        case StartScheduler():
            return f"scheduler started by {act.who}"
