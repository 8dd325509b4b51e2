"""Problems of one file, in order, and as mon tells them."""

from monlvs.model.values import Place, Problem
from monlvs.mon.findings import Findings, cf_error


def test_problems_come_in_the_order_of_the_file_and_each_once() -> None:
    findings = Findings("mon.cf")
    findings.error(7, "b")
    findings.warning(2, "a")
    findings.error(7, "b")

    assert [str(problem) for problem in findings.problems()] == [
        "mon.cf:2: warning: a",
        "mon.cf:7: b",
    ]


def test_a_problem_is_told_as_mon_tells_it() -> None:
    placed = Problem(place=Place(file="x", line=3), message="unknown variable 'y'")
    unplaced = Problem(place=Place(file="x"), message="z")

    assert cf_error(placed) == "cf error: unknown variable 'y', line 3"
    assert cf_error(unplaced) == "cf error: z"
