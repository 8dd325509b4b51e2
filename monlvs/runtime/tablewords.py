"""What the director did, in words."""

import logging
from collections.abc import Iterable

from monlvs.director.changes import Change, Why
from monlvs.director.events import (
    ChangeRefused,
    DriftReported,
    NotesChanged,
    TableAdopted,
    TableChanged,
    TableReadable,
    TableUnreadable,
)
from monlvs.director.notes import Note, kept_pools

Sentence = tuple[int, str]
"""A logging level and one line."""

SHOWN = 6
"""Changes told one by one; the journal has all of them."""


def table_sentence(record: object) -> Sentence | None:  # noqa: PLR0911  one case per kind of record
    """Say what a record of the director tells; None for a record that is not its own."""
    match record:
        case TableAdopted():
            return logging.INFO, (
                f"table: adopted {record.services} virtual services with "
                f"{record.servers} real servers as they stand"
            )
        case TableChanged():
            drift = any(change.cause.why is Why.DRIFT for change in record.changes)
            level = logging.WARNING if drift else logging.INFO
            return level, f"table: {_changes(record.changes)}"
        case DriftReported(looks_only=True):
            return logging.WARNING, f"table: would change: {_changes(record.changes)}"
        case DriftReported():
            return logging.WARNING, (
                "table: differs, and is not repaired as configured; "
                f"it would take {_changes(record.changes)}"
            )
        case ChangeRefused():
            refusal = record.refusal
            return logging.ERROR, f"table: refused, will be tried again: {refusal}"
        case TableUnreadable():
            return logging.ERROR, f"table: unreadable, unchanged: {record.reason}"
        case TableReadable():
            return logging.WARNING, "table: readable again"
        case NotesChanged():
            level = logging.WARNING if record.appeared else logging.INFO
            if kept_pools(record.appeared):
                level = logging.CRITICAL
            return level, f"table: {_notes(record.appeared, record.gone)}"
        case _:
            return None


def _changes(changes: tuple[Change, ...]) -> str:
    told = [f"{each.as_ipvsadm()} ({each.cause})" for each in changes[:SHOWN]]
    if len(changes) > SHOWN:
        told.append(f"and {len(changes) - SHOWN} more")
    return "; ".join(told)


def _notes(appeared: Iterable[Note], gone: Iterable[Note]) -> str:
    told = [*map(str, appeared), *(f"no longer: {note}" for note in gone)]
    if len(told) > SHOWN:
        told[SHOWN:] = [f"and {len(told) - SHOWN} more"]
    return "; ".join(told)
