"""mon's alert policy, rule by rule and in scripts."""

from datetime import timedelta

import pytest

from monlvs.core.alerting import RULES, lines_for
from monlvs.core.effects import AlertDecided
from monlvs.core.events import (
    Acknowledge,
    Disable,
    Enable,
    StartScheduler,
    StopScheduler,
)
from monlvs.model.watch import (
    AfterCount,
    AfterCountWithin,
    AfterDuration,
    AlertEvery,
    AlertEveryMode,
    ExitRange,
)
from tests.core.playbook import (
    KEY,
    Row,
    config,
    down,
    each,
    line,
    period,
    play,
    unsure,
    up,
)

SUMMARY, DETAIL = AlertEveryMode.SUMMARY, AlertEveryMode.OBSERVE_DETAIL
IGNORE, STRICT = AlertEveryMode.IGNORE_SUMMARY, AlertEveryMode.STRICT

ACK = Acknowledge(service=KEY, who="joe", why="knows")
DISABLE = Disable(service=KEY, who="joe", why="works on it")
ENABLE = Enable(service=KEY, who="joe")
STOP, GO = StopScheduler(who="joe"), StartScheduler(who="joe")


def every(mode: AlertEveryMode, seconds: float = 60) -> AlertEvery:
    return AlertEvery(interval=timedelta(seconds=seconds), mode=mode)


def told(*outputs: str, step: float = 10) -> list[Row]:
    """A row per output: `!` in front of it expects an alert; blank is a success."""
    rows: list[Row] = []
    for number, output in enumerate(outputs):
        text = output.lstrip("!")
        expected = ["down"] if output.startswith("!") else []
        rows.append((number * step, down(text) if text else up(), expected))
    return rows


def test_without_limits_every_failure_alerts() -> None:
    play(config(period(upalerts=())), told("!a", "!a", "", "", "!a"))


@pytest.mark.parametrize(
    ("mode", "outputs"),
    [
        (SUMMARY, ["!A", "!B", "B", "!A"]),
        (DETAIL, ["!A", "!B", "B", "!A"]),
        (IGNORE, ["!A", "B", "B", "A"]),
        (STRICT, ["!A", "B", "B", "A"]),
        (SUMMARY, ["!A\nx", "A\ny", "A\n", "A"]),
        (DETAIL, ["!A\nx", "!A\ny", "A\ny", "!A"]),
        (SUMMARY, ["!a b", "!b a", "!b  a", "!b a,"]),
        (SUMMARY, ["!\nx", "\ny", "\nx", "!z"]),
    ],
    ids=[
        "a changed summary alerts, compared with the previous run",
        "a changed summary alerts with observe_detail too",
        "ignore_summary lets time alone count",
        "strict lets time alone count",
        "a changed detail does not alert",
        "a changed detail alerts with observe_detail",
        "order, blanks and punctuation count",
        "a blank summary is the same as another blank one",
    ],
)
def test_alertevery_inside_its_time(mode: AlertEveryMode, outputs: list[str]) -> None:
    play(config(period(alertevery=every(mode))), told(*outputs))


@pytest.mark.parametrize("mode", list(AlertEveryMode))
def test_alertevery_lets_an_alert_through_when_exactly_its_time_has_passed(
    mode: AlertEveryMode,
) -> None:
    play(
        config(period(alertevery=every(mode, 20))),
        told("!a", "a", "!a", "a", "!a"),
    )


def test_a_check_that_comes_a_little_early_does_not_miss_alertevery() -> None:
    play(
        config(period(alertevery=every(STRICT, 20))),
        [(0, down(), ["down"]), (19.9, down(), ["down"]), (39.5, down(), [])],
    )


def test_an_alert_of_a_changed_summary_restarts_alertevery() -> None:
    play(
        config(period(alertevery=every(SUMMARY, 20))),
        told("!a", "!b", "b", "!b"),
    )


@pytest.mark.parametrize("mode", [SUMMARY, DETAIL, IGNORE])
def test_recovery_clears_the_timer_of_alertevery(mode: AlertEveryMode) -> None:
    play(config(period(alertevery=every(mode), upalerts=())), told("!a", "", "!a", "a"))


def test_a_strict_timer_survives_recovery() -> None:
    play(
        config(period(alertevery=every(STRICT), upalerts=())),
        told("!a", "", "a", "", "b", "", "!a"),
    )


def test_a_strict_timer_survives_recovery_when_an_upalert_was_sent() -> None:
    play(
        config(period(alertevery=every(STRICT, 30))),
        [
            (0, down(), ["down"]),
            (10, up(), ["up"]),
            (20, down(), []),
            (30, down(), ["down"]),
        ],
    )


def test_an_inconclusive_check_in_between_does_not_make_a_summary_new() -> None:
    play(
        config(period(alertevery=every(SUMMARY))),
        [(0, down("a"), ["down"]), (10, unsure("?"), []), (20, down("a"), [])],
    )


def test_alertafter_counts_failures_in_a_row() -> None:
    play(
        config(period(alertafter=AfterCount(3), upalerts=())),
        told("a", "a", "", "a", "a", "!a", "!a", "", "a"),
    )


def test_alertafter_duration_is_strictly_greater() -> None:
    play(
        config(period(alertafter=AfterDuration(timedelta(seconds=20)), upalerts=())),
        told("a", "a", "a", "!a", "!a", "", "a", "a", "a", "!a"),
    )


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ([(0, down(), []), (4, up(), []), (8, down(), [])], "a success resets"),
        (
            [(0, down(), []), (8, down(), []), (10, down(), ["down"])],
            "8 and 10 combine",
        ),
        ([(0, down(), []), (5, down(), ["down"])], "exactly the window still counts"),
        ([(0, down(), []), (4, down(), ["down"]), (20, down(), ["down"])], "stays met"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_alertafter_count_within_a_window(script: list[Row], why: str) -> None:
    after = AfterCountWithin(2, timedelta(seconds=5))
    play(config(period(alertafter=after, upalerts=())), script)


def test_numalerts_counts_per_outage() -> None:
    play(
        config(period(numalerts=2, upalerts=())),
        told("!a", "!b", "a", "", "!a", "!a", "a"),
    )


def test_numalerts_counts_one_event_however_many_programs_it_runs() -> None:
    twice = period(numalerts=2, alerts=(line("x"), line("y")))
    play(
        config(twice),
        [(0, down(), ["x", "y"]), (10, down(), ["x", "y"]), (20, down(), [])],
    )


def test_periods_count_independently() -> None:
    once = period("once", numalerts=1, alerts=(line("once"),))
    late = period("late", alertafter=AfterCount(2), alerts=(line("late"),))
    play(config(once, late), [(0, down(), ["once"]), (10, down(), ["late"])])


def test_without_a_line_for_the_exit_code_nothing_is_counted() -> None:
    picky = period(
        numalerts=1,
        alertevery=every(STRICT),
        alerts=(line("two", (2, 2)), line("few", (3, 5))),
    )
    play(
        config(picky),
        [
            (0, down(exit=1), []),
            (10, down(exit=4), ["few"]),
            (20, up(), ["up"]),
            (70, down(exit=6), []),
            (80, down(exit=2), ["two"]),
            (90, down(exit=2), []),
        ],
    )


def test_a_backward_exit_range_never_matches() -> None:
    assert not lines_for((line("x", (3, 1)),), 2)


def test_a_period_is_silent_outside_its_time() -> None:
    noon = period(when="hr {12pm}", upalerts=())
    play(
        config(noon),
        [(0, down(), ["down"]), (3599, down(), ["down"]), (3600, down(), [])],
    )


def test_a_failure_of_one_host_is_the_service_s() -> None:
    play(config(period()), [(0, each(a="up", b="down"), ["down"])])


def test_a_period_without_alert_lines_records_nothing_of_failures() -> None:
    play(config(period(alerts=())), [(0, down(), [])], show=AlertDecided)


def test_the_rules_are_tried_in_mon_s_order_and_ours_last() -> None:
    assert [rule.__name__ for rule in RULES] == [
        "service_disabled",
        "watch_disabled",
        "scheduler_stopped",
        "acknowledged",
        "dependency_failing",
        "outside_period",
        "alertafter_not_reached",
        "numalerts_reached",
        "within_alertevery",
        "exit_out_of_range",
        "other_tells",
    ]


def test_exit_ranges_include_both_ends() -> None:
    few = (line("few", (3, 5)), line("any"))
    assert [len(lines_for(few, code)) for code in (2, 3, 5, 6)] == [1, 2, 2, 1]
    assert few[0].exits == ExitRange(3, 5)
