"""Statements and braces of a keepalived.conf."""

import pytest

from monlvs.config.importers.keepalived.blocks import Statement, parse
from monlvs.config.importers.keepalived.source import read_source
from monlvs.config.importers.notes import Notes
from tests.config.importers.converting import site


def read(text: str) -> tuple[list[Statement], list[str]]:
    notes = Notes()
    found = parse(read_source(text, "given", site(), notes).lines, notes)
    return found, [str(problem) for problem in notes.problems()]


def shape(statements: list[Statement]) -> list[object]:
    return [
        each.text if each.block is None else (each.text, shape(each.block))
        for each in statements
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a 1 {\n b 2\n c {\n d\n }\n}\ne\n",
        "a 1\n{\n b 2\n c\n\n {\n d\n }\n}\ne\n",
        "a 1 { b 2\n c { d } }\ne",
    ],
)
def test_braces_may_stand_on_any_line(text: str) -> None:
    statements, problems = read(text)
    assert shape(statements) == [("a 1", ["b 2", ("c", ["d"])]), "e"]
    assert problems == []


def test_quotes_hold_words_together_and_have_escapes() -> None:
    statements, _ = read("""a "b c" 'd "e' "f\\"g\\\\\\x41\\101\\n" "{" ${X}\n""")
    assert statements[0].words == ("a", "b c", 'd "e', 'f"g\\AA\n', "{", "${X}")


def test_a_statement_knows_its_last_line() -> None:
    statements, _ = read("a {\nb\n}\nc\n")
    assert [(each.spot.at, each.last) for each in statements] == [(1, 3), (4, 4)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a {\nb\n", "given:1: a { has no }"),
        ("a\n}\n", "given:2: this } closes no block"),
        ("{\n}\n", "given:1: this { follows no keyword"),
        ("a {\n}\n{\n}\n", "given:3: this { follows no keyword"),
        ('a "b\n', "given:1: the quotation does not end"),
    ],
)
def test_braces_and_quotes_that_do_not_match_are_errors(text: str, said: str) -> None:
    _, problems = read(text)
    assert len(problems) == 1
    assert problems[0].startswith(said)
