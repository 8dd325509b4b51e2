"""Operators' acts and recoveries among mon's alerts, and what suppressions are recorded."""

from datetime import timedelta
from typing import Any

import pytest

from monlvs.core.effects import AlertDecided, Suppression
from monlvs.core.events import (
    Acknowledge,
    Disable,
    Enable,
    OperatorAct,
    StartScheduler,
    StopScheduler,
    Unacknowledge,
)
from monlvs.model.watch import (
    AfterCount,
    AlertEvery,
    AlertEveryMode,
)
from tests.core.playbook import (
    KEY,
    MINUTE,
    Row,
    at,
    config,
    down,
    line,
    period,
    play,
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


def test_alertafter_that_was_met_outside_alerting_counts_once_the_ack_ends() -> None:
    play(
        config(period(alertafter=AfterCount(2))),
        [
            (0, down(), []),
            (5, ACK, []),
            (10, down(), []),
            (15, Unacknowledge(service=KEY), []),
            (20, down(), ["down"]),
        ],
    )


def test_an_acknowledged_outage_is_silent_until_recovery_and_its_upalert_is_sent() -> (
    None
):
    play(
        config(period()),
        [
            (0, down("a"), ["down"]),
            (5, ACK, []),
            (10, down("b"), []),
            (20, up(), ["up"]),
            (30, down("a"), ["down"]),
        ],
    )


def test_unack_summary_ends_the_acknowledgement_at_a_changed_summary() -> None:
    play(
        config(period(alertevery=every(SUMMARY)), unack_summary=True),
        [
            (0, down("a\n1"), ["down"]),
            (5, ACK, []),
            (10, down("a\n2"), []),
            (20, down("b"), ["down"]),
            (30, down("b"), []),
            (40, down("a"), ["down"]),
        ],
    )


def test_unack_summary_takes_two_blank_summaries_for_the_same() -> None:
    play(
        config(period(), unack_summary=True),
        [(0, down("\n1"), ["down"]), (5, ACK, []), (10, down("\n2"), [])],
    )


def test_enabling_inside_alertevery_does_not_alert_again() -> None:
    play(
        config(period(alertevery=every(SUMMARY))),
        [
            (0, down(), ["down"]),
            (5, DISABLE, []),
            (10, down(), []),
            (15, ENABLE, []),
            (20, down(), []),
            (60, down(), ["down"]),
        ],
    )


def test_a_service_that_failed_only_while_disabled_alerts_once_enabled() -> None:
    play(
        config(period(alertevery=every(SUMMARY))),
        [(0, DISABLE, []), (10, down(), []), (15, ENABLE, []), (20, down(), ["down"])],
    )


def test_a_disabled_service_sends_no_upalert_and_moves_on() -> None:
    play(
        config(period()),
        [
            (0, down(), ["down"]),
            (5, DISABLE, []),
            (10, up(), []),
            (15, ENABLE, []),
            (20, up(), []),
            (30, down(), ["down"]),
        ],
    )


def test_a_stopped_scheduler_sends_nothing() -> None:
    play(
        config(period()),
        [
            (0, STOP, []),
            (1, down(), []),
            (2, GO, []),
            (3, down(), ["down"]),
            (4, STOP, []),
            (5, up(), []),
        ],
    )


@pytest.mark.parametrize(
    ("fields", "script"),
    [
        (
            {},
            [(0, up(), []), (10, down(), ["down"]), (20, up(), ["up"]), (30, up(), [])],
        ),
        ({"alerts": ()}, [(0, down(), []), (10, up(), [])]),
        (
            {"alerts": (), "no_comp_alerts": True},
            [(0, up(), []), (10, down(), []), (20, up(), ["up"]), (30, up(), [])],
        ),
        ({"alertafter": AfterCount(2)}, [(0, down(), []), (10, up(), [])]),
        (
            {"alertafter": AfterCount(2), "no_comp_alerts": True},
            [(0, down(), []), (10, up(), ["up"])],
        ),
        (
            {"upalertafter": timedelta(seconds=20)},
            [(0, down(), ["down"]), (10, up(), [])],
        ),
        (
            {"upalertafter": timedelta(seconds=20)},
            [(0, down(), ["down"]), (20, up(), ["up"])],
        ),
        (
            {"upalertafter": timedelta(seconds=20), "no_comp_alerts": True},
            [(0, down(), ["down"]), (10, up(), [])],
        ),
        ({"when": "hr {12pm}"}, [(3590, down(), ["down"]), (3600, up(), [])]),
        (
            {"upalerts": (line("zero", (0, 0)), line("two", (2, 2)))},
            [(0, down(exit=2), ["down"]), (10, up(), ["zero"])],
        ),
        (
            {"upalerts": (line("two", (2, 2)),)},
            [(0, down(exit=2), ["down"]), (10, up(), [])],
        ),
    ],
    ids=[
        "it follows an alert",
        "not without an alert line",
        "no_comp_alerts lets it stand alone, at recoveries only",
        "not when alertafter kept the alert back",
        "no_comp_alerts ignores that",
        "not of an outage shorter than upalertafter",
        "of an outage of exactly upalertafter",
        "upalertafter binds no_comp_alerts too",
        "not outside the period",
        "its exit range is compared with zero",
        "an exit range without zero never fires",
    ],
)
def test_an_upalert(fields: dict[str, Any], script: list[Row]) -> None:
    play(config(period(**fields)), script)


def test_an_upalert_needs_an_alert_of_this_outage() -> None:
    picky = period(alerts=(line("down", (2, 2)),))
    play(
        config(picky),
        [
            (0, down(exit=2), ["down"]),
            (10, up(), ["up"]),
            (20, down(exit=1), []),
            (30, up(), []),
        ],
    )


def test_a_first_success_is_silent_even_with_no_comp_alerts() -> None:
    play(config(period(no_comp_alerts=True)), [(0, up(), []), (10, up(), [])])


def test_upalert_first_tells_the_first_success_and_no_other() -> None:
    play(
        config(period(), upalert_first=True),
        [(0, up(), ["up"]), (10, up(), []), (20, down(), ["down"]), (30, up(), ["up"])],
    )


@pytest.mark.parametrize(("before", "when"), [(DISABLE, ""), (STOP, ""), (GO, "none")])
def test_upalert_first_keeps_quiet_as_any_alert(before: OperatorAct, when: str) -> None:
    play(
        config(period(when=when), upalert_first=True), [(0, before, []), (1, up(), [])]
    )


def test_each_suppression_is_recorded_once_while_it_lasts() -> None:
    limited = period(numalerts=1, alertafter=AfterCount(2))
    play(
        config(limited),
        [
            (0, down(), [f"p failure: {Suppression.ALERTAFTER}"]),
            (10, down(), ["p failure: told"]),
            (20, down(), [f"p failure: {Suppression.NUMALERTS}"]),
            (30, down(), []),
            (35, ACK, []),
            (40, down(), [f"p failure: {Suppression.ACKNOWLEDGED}"]),
            (50, up(), ["p up: told"]),
            (60, down(), [f"p failure: {Suppression.ALERTAFTER}"]),
            (70, up(), [f"p up: {Suppression.NO_ALERT_SENT}"]),
        ],
        show=AlertDecided,
    )


@pytest.mark.parametrize(
    ("fields", "script", "why"),
    [
        ({}, [DISABLE, down()], Suppression.SERVICE_DISABLED),
        ({}, [STOP, down()], Suppression.SCHEDULER_STOPPED),
        ({"numalerts": 0}, [down(), ACK, down()], Suppression.ACKNOWLEDGED),
        ({"when": "none"}, [down()], Suppression.OUTSIDE_PERIOD),
        ({"alertafter": AfterCount(2)}, [down()], Suppression.ALERTAFTER),
        ({"numalerts": 0}, [down()], Suppression.NUMALERTS),
        ({"alertevery": every(STRICT)}, [down(), down()], Suppression.ALERTEVERY),
        ({"alerts": (line("x", (9, 9)),)}, [down()], Suppression.EXIT_RANGE),
        ({}, [down(), DISABLE, up()], Suppression.SERVICE_DISABLED),
        ({}, [down(), STOP, up()], Suppression.SCHEDULER_STOPPED),
        ({"when": "none"}, [down(), up()], Suppression.OUTSIDE_PERIOD),
        ({"upalertafter": MINUTE}, [down(), up()], Suppression.UPALERTAFTER),
        ({"upalerts": (line("x", (1, 1)),)}, [down(), up()], Suppression.EXIT_RANGE),
    ],
)
def test_a_suppression_names_the_rule_that_holds(
    fields: dict[str, Any], script: list[Any], why: Suppression
) -> None:
    *before, last = script
    kind = "up" if last == up() else "failure"
    engine = play(config(period(**fields)), [])
    for second, event in enumerate(before):
        engine.handle(event, now=at(second))
    play(engine, [(9, last, [f"p {kind}: {why}"])], show=AlertDecided)
