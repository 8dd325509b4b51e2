"""Many hosts' answers become the one result that mon's monitors would have given."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.model.result import Outcome, Reason, Verdict
from monlvs.mon.fold import describe, fold

UP = Outcome(verdict=Verdict.UP, reason=Reason.OK, seconds=0.1)
REFUSED = Outcome(verdict=Verdict.DOWN, reason=Reason.REFUSED)
SILENT = Outcome(verdict=Verdict.DOWN, reason=Reason.TIMED_OUT, detail="connecting")
LATE = Outcome(verdict=Verdict.INCONCLUSIVE, reason=Reason.LATE)


def test_all_up_says_nothing_and_exits_with_0() -> None:
    result = fold([("a", UP), ("b", UP)])
    assert (result.verdict, result.reason) == (Verdict.UP, Reason.OK)
    assert (result.exit, result.output) == (0, "")
    assert result.outcomes == (("a", UP), ("b", UP))


def test_failing_hosts_are_on_line_1_sorted_and_explained_below() -> None:
    result = fold([("10.1.1.9", SILENT), ("10.1.1.3", UP), ("10.1.1.10", REFUSED)])
    assert result.verdict is Verdict.DOWN
    assert result.reason is Reason.TIMED_OUT
    assert result.exit == 1
    assert result.output == (
        "10.1.1.10 10.1.1.9\n"
        "10.1.1.10: connection refused\n"
        "10.1.1.9: no answer in time (connecting)\n"
    )


def test_a_detail_that_repeats_the_reason_is_left_out() -> None:
    told = describe(replace(REFUSED, detail="Connection refused"))
    assert told == "connection refused"


def test_a_host_that_is_down_outweighs_those_not_checked() -> None:
    result = fold([("a", LATE), ("b", REFUSED)])
    assert result.verdict is Verdict.DOWN
    assert result.summary == "b"
    assert "a: not checked: checker was late\n" in result.detail


def test_nothing_but_unchecked_hosts_is_inconclusive() -> None:
    result = fold([("b", LATE), ("a", LATE)])
    assert (result.verdict, result.reason) == (Verdict.INCONCLUSIVE, Reason.LATE)
    assert result.exit == 2
    assert result.summary == "a b"


def test_one_host_up_makes_the_service_up_and_keeps_the_doubt_about_the_other() -> None:
    result = fold([("a", UP), ("b", LATE)])
    assert (result.verdict, result.exit, result.summary) == (Verdict.UP, 0, "")
    assert result.detail == "b: not checked: checker was late\n"
    assert dict(result.outcomes)["b"] is LATE


def test_a_group_without_hosts_is_up() -> None:
    assert fold([]).verdict is Verdict.UP


def test_a_host_that_is_named_twice_is_told_once() -> None:
    assert fold([("a", REFUSED), ("a", REFUSED)]).output == "a\na: connection refused\n"


@pytest.mark.parametrize("reason", [r for r in Reason if r is not Reason.OK])
def test_every_reason_has_words(reason: Reason) -> None:
    assert describe(Outcome(verdict=Verdict.DOWN, reason=reason))


outcomes = st.sampled_from([UP, REFUSED, SILENT, LATE])


@given(st.lists(st.tuples(st.sampled_from("abcdef"), outcomes), max_size=8))
def test_the_order_of_the_hosts_and_their_times_change_no_word(
    found: list[tuple[str, Outcome]],
) -> None:
    assert fold(found).output == fold(found[::-1]).output
    assert fold(found).verdict is fold(found[::-1]).verdict
