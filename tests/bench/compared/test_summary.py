"""Medians over the rounds, who is behind, and results kept in files."""

from math import inf
from pathlib import Path

import pytest

from bench.compared import results
from bench.compared.readings import Reading
from bench.compared.results import Result
from bench.compared.summary import Comparison, as_good


def result(
    contender: str,
    repaired: float | None,
    failed: int = 0,
    *,
    number: int = 0,
    row: str = "dies",
) -> Result:
    return Result(
        row=row,
        contender=contender,
        round=number,
        reading=Reading(
            noticed=repaired,
            repaired=repaired,
            failed=failed,
            requests=200,
            longest=5.0,
        ),
    )


def test_the_middle_of_the_rounds_counts_and_never_is_longest() -> None:
    seconds = (1.0, None, 3.0, 2.0, None)
    rounds = [result("monlvs", s, number=n) for n, s in enumerate(seconds)]

    figures = Comparison(rounds).figures("dies", "monlvs")

    assert figures is not None
    assert (figures.repaired.least, figures.repaired.middle) == (1.0, 3.0)
    assert figures.repaired.most == inf
    assert Comparison(rounds).rounds == 5
    assert Comparison(rounds).figures("dies", "keepalived") is None


@pytest.mark.parametrize(
    ("ours", "best", "good"),
    [
        (1.0, 2.0, True),
        (2.2, 2.0, True),
        (2.21, 2.0, False),
        (0.05, 0.0, True),
        (0.06, 0.0, False),
        (1.0, inf, True),
        (inf, inf, True),
        (inf, 30.0, False),
    ],
)
def test_as_good_is_at_most_a_tenth_or_the_grain_behind(
    ours: float, best: float, *, good: bool
) -> None:
    assert as_good(ours, best, 0.05) is good


def test_monlvs_is_judged_against_the_best_of_the_others_in_each_figure() -> None:
    others = [
        result("keepalived", 1.0, failed=30),
        result("ldirectord", 2.0, failed=10),
    ]

    slow = Comparison([*others, result("monlvs", 1.2, failed=11)]).judge("dies")
    lossy = Comparison([*others, result("monlvs", 1.1, failed=12)]).judge("dies")
    fine = Comparison([*others, result("monlvs", 1.1, failed=11)]).judge("dies")

    assert (slow.seconds, slow.requests, slow.held) == (False, True, False)
    assert (lossy.seconds, lossy.requests, lossy.held) == (True, False, False)
    assert fine.held is True


def test_a_row_without_monlvs_or_without_others_is_not_judged() -> None:
    alone = Comparison([result("monlvs", 1.0)])

    assert alone.judge("dies").held is None
    assert alone.judge("flushed").held is None


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    one, other = result("monlvs", 1.5), result("keepalived", None, row="flushed")

    results.write(file, one)
    results.write(file, other)

    assert results.load(file) == [one, other]


@pytest.mark.parametrize("line", ["nonsense", "{}", '{"row": "x", "reading": {}}'])
def test_a_line_that_is_no_result_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "results.jsonl"
    results.write(file, result("monlvs", 1.5))
    with file.open("a") as lines:
        lines.write(f"{line}\n")

    with pytest.raises(ValueError, match="line 2: expected a result"):
        results.load(file)
