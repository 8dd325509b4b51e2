"""What is prepared of a service, and what a result says of its hosts."""

from datetime import timedelta

from monlvs.core.watched import Watched, watched
from monlvs.model.result import Verdict
from monlvs.model.watch import AfterCount, AfterCountWithin, HostGroup
from tests.core.playbook import down, each, guard, period, service, up

GROUP = HostGroup(name="web", hosts=("a", "b", "c", "d"), disabled=frozenset("b"))


def prepared() -> Watched:
    return watched(
        service(
            period("p", alertafter=AfterCountWithin(2, timedelta(minutes=1))),
            period("q", alertafter=AfterCountWithin(5, timedelta(minutes=1))),
            period("r", alertafter=AfterCount(9)),
            exclude_hosts=frozenset("c"),
        ),
        GROUP,
        (guard(),),
        disabled={"d", "elsewhere"},
    )


def test_members_are_not_disabled_and_the_checked_are_not_excluded_either() -> None:
    assert prepared().members == ("a", "c")
    assert prepared().checked == ("a",)


def test_as_many_failure_times_are_kept_as_the_widest_window_needs() -> None:
    assert prepared().keep == 5
    assert watched(service(), GROUP, ()).keep == 0


def test_without_outcomes_the_verdict_is_everybody_s() -> None:
    watch = watched(service(), GROUP, ())

    answers = watch.answers(down().result)
    assert list(answers) == ["a", "c", "d"]
    assert {outcome.verdict for outcome in answers.values()} == {Verdict.DOWN}


def test_outcomes_tell_of_those_they_name_in_the_group_s_order() -> None:
    watch = watched(service(), GROUP, ())

    answers = watch.answers(each(d="up", b="down", a="down", x="up").result)
    assert [(host, o.verdict.value) for host, o in answers.items()] == [
        ("a", "down"),
        ("d", "up"),
    ]
    assert watch.answers(up().result) != answers
