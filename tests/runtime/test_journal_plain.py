"""Every record, and everything in it, can be written as JSON."""

import json
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args

import pytest

from monlvs.core import effects
from monlvs.core.effects import OperatorActed, Record
from monlvs.core.events import OperatorAct
from monlvs.director import events as table_events
from monlvs.model.values import Now
from monlvs.runtime.journal import Journal, plain
from monlvs.runtime.outbox import AlertDelivery
from tests.runtime.alerts import NOON
from tests.runtime.examples import examples

OURS = [
    kind
    for module in (effects, table_events)
    for kind in vars(module).values()
    if is_dataclass(kind)
    and kind.__module__ == module.__name__
    and kind not in get_args(effects.History)
]
"""What histories keep is in no journal: each entry stands beside a record."""
KINDS = [
    kind
    for kind in dict.fromkeys((*OURS, AlertDelivery, *get_args(Record)))
    if kind.__name__ not in ("SendAlert", "Report")  # they are carried out, not written
]


def _only_plain(value: Any) -> bool:
    match value:
        case dict():
            return all(type(k) is str and _only_plain(v) for k, v in value.items())
        case list():
            return all(map(_only_plain, value))
        case _:
            return value is None or isinstance(value, str | int | float)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_record_survives_json(kind: type[Any], tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for record in examples(kind):
        journal.write(record, now=Now(NOON, 5.0))
        entry = journal.recent[-1]

        assert _only_plain(entry)
        assert json.loads(json.dumps(entry)) == entry
    journal.close()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_no_record_has_a_field_that_hides_the_time_or_the_event(
    kind: type[Any],
) -> None:
    names = {field.name for field in fields(kind)}

    assert not names & {"time", "event"}


@pytest.mark.parametrize("act", get_args(OperatorAct), ids=lambda act: act.__name__)
def test_every_act_is_told_by_its_name(act: type[Any]) -> None:
    for one in examples(act):
        assert plain(OperatorActed(act=one))["act"] == act.__name__
