"""Redistribute, histories, and alerts at the start."""

from datetime import timedelta
from typing import Any

import pytest

from monlvs.core import timeperiod
from monlvs.core.effects import (
    AlertNoted,
    DowntimeEnded,
    FailureNoted,
    GuardMoved,
    SendAlert,
)
from monlvs.core.engine import Engine
from monlvs.core.events import (
    CheckFinished,
    Disable,
    DisableWatch,
    Event,
    Started,
    StopScheduler,
)
from monlvs.model.config import Config
from monlvs.model.mon import MonSettings
from monlvs.model.plugin import AlertKind, Occasion
from monlvs.model.watch import AlertLine
from tests.core.playbook import (
    KEY,
    Recorder,
    at,
    config,
    down,
    guard,
    period,
    play,
    up,
)

REDIST = Recorder(name="redist")
QUIET = period("none", "none")


def told(engine: Engine, event: Event, seconds: float) -> Occasion:
    """What redistribute is told of an event."""
    effects = engine.handle(event, now=at(seconds))
    (one,) = (e for e in effects if isinstance(e, SendAlert) and e.alert == REDIST)
    return one.occasion


def redistributing(**fields: Any) -> Config:
    return config(QUIET, redistribute=REDIST, **fields)


def test_redistribute_hears_of_every_result_whatever_the_periods_say() -> None:
    play(
        redistributing(),
        [
            (0, Started(), ["redist"]),
            *((seconds, up(), ["redist"]) for seconds in range(1, 6)),
            (6, down(), ["redist"]),
            (7, up(), ["redist"]),
        ],
    )


def test_redistribute_is_told_of_failures_and_recoveries_as_alerts_are() -> None:
    engine = Engine(redistributing())
    engine.handle(up("fine\n"), now=at(0))
    failed = told(engine, down("h1\nd\n", exit=3), 10)
    ended = told(engine, up("well\n"), 20)

    assert (failed.kind, failed.exit) == (AlertKind.FAILURE, 3)
    assert (failed.text, failed.previous_output) == ("h1\nd\n", "fine\n")
    assert (ended.kind, ended.exit, ended.text) == (AlertKind.UP, 0, "h1\nd\n")
    assert ended.first_failure == failed.first_failure == at(10).utc


def test_redistribute_is_told_the_output_before_a_success() -> None:
    engine = Engine(redistributing())
    first = told(engine, up("one\n"), 0)
    second = told(engine, up("two\n"), 10)

    assert (first.text, first.previous_output, first.last_summary) == ("", None, None)
    assert (second.text, second.previous_output) == ("one\n", "one\n")
    assert (second.last_summary, second.first_failure) == ("one", None)
    assert second.last_success == at(0).utc


@pytest.mark.parametrize(
    "before",
    [
        Disable(service=KEY, who="joe", why="moves"),
        StopScheduler(who="joe"),
        DisableWatch(group="web", who="joe", why="moves"),
    ],
)
@pytest.mark.parametrize("event", [Started(), up(), down()])
def test_redistribute_is_silenced_as_alerts_are(before: Event, event: Event) -> None:
    play(redistributing(), [(0, before, []), (1, event, [])])


def test_an_alert_is_noted_with_the_program_that_mon_would_run() -> None:
    alert = AlertLine(
        alert=Recorder(name="down"),
        program="/usr/lib/mon/alert.d/mail.alert",
        arguments='root "a b"',
    )
    effects = Engine(config(period(alerts=(alert,)))).handle(down("h1\n"), now=at(0))

    assert [e for e in effects if isinstance(e, AlertNoted)] == [
        AlertNoted(
            kind=AlertKind.FAILURE,
            service=KEY,
            time=at(0).utc,
            program="/usr/lib/mon/alert.d/mail.alert",
            arguments='root "a b"',
            summary="h1",
        )
    ]


def test_every_failure_is_noted_told_or_not_and_every_outage_when_it_ends() -> None:
    play(
        config(QUIET),
        [
            (0, up(), []),
            (10, down("a b\n"), ["failure: a b"]),
            (20, down(""), ["failure: (NO SUMMARY)"]),
            (30, up(), ["down 20 s: (NO SUMMARY)"]),
            (40, up(), []),
        ],
        show=(FailureNoted, DowntimeEnded),
    )


def test_programs_are_told_mon_s_directories() -> None:
    (watch,) = config(period(), variables=(("COLOUR", "red"),)).watches
    mon = MonSettings(logdir="/l", statedir="/s", cfbasedir="/c")
    engine = Engine(Config(watches=(watch,), mon=mon))
    failure: CheckFinished = down()
    (order,) = (
        e for e in engine.handle(failure, now=at(0)) if isinstance(e, SendAlert)
    )

    assert order.occasion.variables == (
        ("MON_LOGDIR", "/l"),
        ("MON_STATEDIR", "/s"),
        ("MON_CFBASEDIR", "/c"),
        ("COLOUR", "red"),
    )


def test_a_check_inside_exclude_period_moves_no_entry() -> None:
    noon = timeperiod.parse("hr {12}")
    play(
        config(exclude_period=noon, guards=(guard(),), interval=timedelta(minutes=30)),
        [
            (0, down(), []),
            (3599, down(), []),
            (3600, down(), ["guard * down"]),
        ],
        show=GuardMoved,
    )
