"""Records in words, for the log and for people. Here and nowhere else."""

import logging

from monlvs.core.effects import (
    AlertDecided,
    CheckUnsure,
    GuardMoved,
    HostChanged,
    OperatorActed,
    StatusChanged,
    WasReset,
)
from monlvs.model.status import Health
from monlvs.runtime.actwords import act_sentence
from monlvs.runtime.machinewords import machine_sentence
from monlvs.runtime.outbox import AlertDelivery, Fate
from monlvs.runtime.pairwords import pair_sentence
from monlvs.runtime.tablewords import Sentence, table_sentence

LONGEST = 500
"""Characters that a sentence may have."""


def sentence(record: object) -> Sentence:
    """Say what a record tells, with the level at which it is worth saying.

    What came from outside is shown on one line, without control characters, and cut
    where it is long: the journal has all of it.
    """
    level, words = _sentence(record)
    return level, _tame(words)


def _sentence(record: object) -> Sentence:  # noqa: PLR0911  one case per kind of record, a line each
    match record:
        case StatusChanged():
            return _status(record)
        case HostChanged():
            return _host(record)
        case AlertDecided():
            # What is sent is told by its delivery.
            level = logging.INFO if record.suppressed else logging.DEBUG
            return level, _decision(record)
        case GuardMoved():
            level = logging.WARNING if record.after is Health.DOWN else logging.INFO
            change = f"{record.before.value} → {record.after.value}"
            return level, f"{record.service}: guard of {record.entry}: {change}"
        case CheckUnsure():
            return logging.WARNING, (
                f"{record.service}: check inconclusive, {record.in_a_row} in a row: "
                f"{_why(record.reason.value, record.detail)}; nothing is moved"
            )
        case OperatorActed():
            return logging.WARNING, act_sentence(record.act)
        case WasReset():
            return logging.WARNING, _reset(record)
        case AlertDelivery():
            return _delivery(record)
        case _:
            told = (
                table_sentence(record)
                or machine_sentence(record)
                or pair_sentence(record)
            )
            return told or (logging.INFO, str(record))


def _reset(record: WasReset) -> str:
    kept = "what is disabled stays so" if record.keepstate else "nothing is disabled"
    stopped = "; the scheduler is stopped" if record.stopped else ""
    return f"everything starts anew; {kept}{stopped}"


def _status(record: StatusChanged) -> Sentence:
    summary = f": {record.summary}" if record.summary else ""
    before, after = record.before.name.lower(), record.after.name.lower()
    words = f"{record.service}: {before} → {after}{summary}"
    if record.after.is_failure:
        return logging.CRITICAL, words
    return (logging.INFO if record.after.is_success else logging.WARNING), words


def _host(record: HostChanged) -> Sentence:
    change = f"{record.before.value} → {record.after.value}"
    words = f"{record.service}: host {record.host}: {change}"
    if record.after is not Health.DOWN:
        return logging.INFO, words
    return logging.WARNING, f"{words}: {_why(record.reason.value, record.detail)}"


def _why(reason: str, detail: str) -> str:
    return f"{reason} ({detail})" if detail and detail != reason else reason


def _decision(record: AlertDecided) -> str:
    period = f" of period {record.period!r}" if record.period else ""
    if record.suppressed is None:
        return f"{record.service}: {record.kind.value} alert{period} is sent"
    return (
        f"{record.service}: no {record.kind.value} alert{period}: "
        f"{record.suppressed.value}"
    )


_FATE_LEVELS = {
    Fate.SENT: logging.INFO,
    Fate.WITHHELD: logging.WARNING,
    Fate.RETRYING: logging.WARNING,
    Fate.GIVEN_UP: logging.ERROR,
}


def _delivery(record: AlertDelivery) -> Sentence:
    error = f": {record.error}" if record.error else ""
    return _FATE_LEVELS[record.fate], (
        f"{record.service}: {record.kind.value} alert, {record.destination}: "
        f"{_fate(record.fate, record.attempt)}{error}"
    )


def _fate(fate: Fate, attempt: int) -> str:
    match fate:
        case Fate.RETRYING:
            return f"attempt {attempt} failed, will be tried again"
        case Fate.GIVEN_UP if attempt > 1:
            return f"given up after {attempt} attempts"
        case Fate.SENT if attempt > 1:
            return f"sent at attempt {attempt}"
        case _:
            return fate.value


def _tame(words: str) -> str:
    if not words.isprintable():
        words = "".join(
            c if c.isprintable() else c.encode("unicode_escape").decode("ascii")
            for c in words
        )
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"
