"""What the director did, as an operator reads it in the log."""

import logging
from errno import ENOENT
from ipaddress import ip_address
from typing import get_args

import pytest

from monlvs.director.changes import AddService, Cause, Why
from monlvs.director.events import (
    ChangeRefused,
    DriftReported,
    NotesChanged,
    TableAdopted,
    TableChanged,
    TableEvent,
    TableReadable,
    TableUnreadable,
)
from monlvs.director.notes import Note, NoteKind
from monlvs.director.table import Refusal
from monlvs.model.lvs import Listener, Protocol, VirtualService
from monlvs.model.status import Health
from monlvs.runtime.tablewords import SHOWN, table_sentence
from tests.runtime.alerts import KEY

VIP = Listener(Protocol.TCP, ip_address("192.0.2.80"), 80)
DOWN = Cause(why=Why.GUARD, service=KEY, host="rs1", health=Health.DOWN)
NOTE = Note(kind=NoteKind.NO_ADDRESS, key=VIP)
SPELLED = "-A -t 192.0.2.80:80 -s wlc"


def change(cause: Cause = DOWN) -> AddService:
    return AddService(service=VirtualService(key=VIP), cause=cause)


SPOKEN = [
    (
        TableAdopted(services=2, servers=6),
        logging.INFO,
        "table: adopted 2 virtual services with 6 real servers as they stand",
    ),
    (
        TableChanged(changes=(change(),)),
        logging.INFO,
        f"table: {SPELLED} (guard: web/http rs1 is down)",
    ),
    (
        TableChanged(changes=(change(Cause(why=Why.DRIFT)),)),
        logging.WARNING,
        f"table: {SPELLED} (drift)",
    ),
    (
        DriftReported(changes=(change(Cause(why=Why.DRIFT)),)),
        logging.WARNING,
        f"table: differs, and is not repaired as configured; "
        f"it would take {SPELLED} (drift)",
    ),
    (
        TableUnreadable(reason="not permitted"),
        logging.ERROR,
        "table: unreadable, unchanged: not permitted",
    ),
    (TableReadable(), logging.WARNING, "table: readable again"),
    (
        NotesChanged(appeared=(NOTE,), gone=()),
        logging.WARNING,
        f"table: {NOTE}",
    ),
    (
        NotesChanged(appeared=(), gone=(NOTE,)),
        logging.INFO,
        f"table: no longer: {NOTE}",
    ),
]


@pytest.mark.parametrize(("record", "level", "words"), SPOKEN)
def test_a_record_of_the_director_says_what_was_done_and_why(
    record: object, level: int, words: str
) -> None:
    assert table_sentence(record) == (level, words)


def test_a_refused_change_is_told_with_its_reason() -> None:
    refusal = Refusal(change=change(), code=ENOENT)

    told = table_sentence(ChangeRefused(refusal=refusal))

    assert told is not None
    assert told[0] == logging.ERROR
    assert told[1].startswith("table: refused, will be tried again: ")
    assert SPELLED in told[1]
    assert "no such scheduler" in told[1]


def test_a_storm_is_told_in_part_and_counted() -> None:
    told = table_sentence(TableChanged(changes=(change(),) * (SHOWN + 4)))
    noted = table_sentence(NotesChanged(appeared=(NOTE,) * (SHOWN + 4), gone=()))

    assert told is not None
    assert noted is not None
    assert told[1].count(SPELLED) == SHOWN
    assert told[1].endswith("; and 4 more")
    assert noted[1].endswith("; and 4 more")


def test_a_record_of_another_part_is_not_told() -> None:
    assert table_sentence("anything") is None


def test_the_tables_leave_no_kind_of_record_out() -> None:
    told = {type(record) for record, _, _ in SPOKEN} | {ChangeRefused}

    assert told == set(get_args(TableEvent))
