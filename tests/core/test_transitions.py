"""The table of transitions is whole, and the documentation shows it."""

from itertools import product
from pathlib import Path

from monlvs.core.transitions import TRANSITIONS, Move
from monlvs.model.result import Verdict
from monlvs.model.status import OpStatus
from tests.core.diagram import MEANING, page

PAGE = Path(__file__).parents[2] / "docs" / "states.md"
STATES = (OpStatus.UNTESTED, OpStatus.OK, OpStatus.FAIL)


def test_every_decisive_verdict_moves_every_state() -> None:
    decisive = (Verdict.UP, Verdict.DOWN)

    assert set(TRANSITIONS) == set(product(STATES, decisive))
    assert {after for after, _ in TRANSITIONS.values()} <= set(STATES)


def test_every_move_is_made_and_explained() -> None:
    assert {move for _, move in TRANSITIONS.values()} == set(Move) == set(MEANING)


def test_a_verdict_alone_decides_between_ok_and_fail() -> None:
    for (_, verdict), (after, _) in TRANSITIONS.items():
        assert after is (OpStatus.OK if verdict is Verdict.UP else OpStatus.FAIL)


def test_the_documentation_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), (
        "run `python -m tests.core.diagram > docs/states.md`"
    )
