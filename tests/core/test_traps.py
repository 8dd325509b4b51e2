"""Traps: results from elsewhere, and what happens when they come late or get old."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monlvs.core.effects import (
    AlertNoted,
    FailureNoted,
    Reschedule,
    SendAlert,
    StatusChanged,
    Timer,
    WakeAt,
)
from monlvs.core.engine import Withheld
from monlvs.core.events import (
    CheckFinished,
    DisableWatch,
    Event,
    Reconfigured,
    Reset,
    Started,
    StartScheduler,
    StopScheduler,
    TrapExpired,
    TrapOverdue,
    TrapReceived,
)
from monlvs.model.config import Config
from monlvs.model.plugin import AlertKind
from monlvs.model.status import OpStatus
from monlvs.model.watch import AlertEvery, ServiceKey
from tests.core.playbook import KEY, at, config, down, occasion, period, play, up

TIMEOUT = timedelta(seconds=60)
LATE = TrapOverdue(KEY, "Mon Jan  5 12:01:00 2026")
OLD = TrapExpired(KEY)
TIMERS = (WakeAt, StatusChanged)
ELSEWHERE = ServiceKey("no", "body")


def trap(exit: int = 1, output: str = "full\n\ndetail") -> TrapReceived:
    return TrapReceived(service=KEY, exit=exit, output=output)


def listening(**fields: Any) -> Config:
    """A service that hears of traps alone."""
    whole = config(period(), **fields)
    (watch,) = whole.watches
    (service,) = watch.services
    deaf = replace(service, monitor=None, interval=None)
    return replace(whole, watches=(replace(watch, services=(deaf,)),))


def test_a_trap_is_a_result_like_another() -> None:
    engine = play(
        listening(),
        [
            (0, trap(), ["down"]),
            (10, trap(3), ["down"]),
            (20, trap(0, "fine\n\n"), ["up"]),
            (30, trap(0, "fine\n\n"), []),
        ],
    )

    state = engine.states[KEY]
    assert state.standing.last_trap == state.succeeded == at(30)
    assert state.checked is None
    assert engine.due(KEY, now=at(40)) is Withheld.NO_MONITOR


def test_an_alert_of_a_trap_says_so() -> None:
    told = occasion(listening(), trap(0), trap(3))

    assert (told.kind, told.exit, told.opstatus) == (AlertKind.TRAP, 3, OpStatus.FAIL)
    assert told.text == "full\n\ndetail"
    assert told.intended is None


def test_a_trap_for_somebody_else_says_whom_it_meant() -> None:
    stray = TrapReceived(service=KEY, exit=1, output="x\n\n", intended="web:nothing")

    assert occasion(listening(), stray).intended == "web:nothing"


def test_a_trap_to_a_service_that_is_checked_leaves_the_check_s_times_alone() -> None:
    engine = play(config(period()), [(0, up(duration=TIMEOUT), []), (5, trap(0), [])])

    assert engine.states[KEY].checked == at(0)
    assert engine.states[KEY].duration == TIMEOUT


def test_without_a_trap_in_time_the_service_fails_again_and_again() -> None:
    play(
        listening(traptimeout=TIMEOUT),
        [
            (0, Started(), ["traptimeout: 60 s"]),
            (60, LATE, ["UNTESTED → FAIL", "traptimeout: 60 s"]),
            (120, LATE, ["traptimeout: 60 s"]),
            (130, trap(0), ["FAIL → OK", "traptimeout: 60 s"]),
        ],
        show=TIMERS,
    )


def test_the_wait_for_traps_begins_when_they_could_come() -> None:
    play(
        listening(traptimeout=TIMEOUT),
        [(0, Started(heard=timedelta(seconds=15)), ["traptimeout: 45 s"])],
        show=TIMERS,
    )


def test_an_alert_of_a_missing_trap_says_for_how_long_and_when() -> None:
    told = occasion(listening(traptimeout=TIMEOUT), LATE)

    assert (told.kind, told.exit) == (AlertKind.TRAP_TIMEOUT, 1)
    assert told.text == (
        "trap timeout\ntrap timeout after 60s at Mon Jan  5 12:01:00 2026\n"
    )


def test_alertevery_applies_to_missing_traps() -> None:
    seldom = period(alertevery=AlertEvery(interval=timedelta(hours=1)))
    play(
        config(seldom, traptimeout=TIMEOUT),
        [(60, LATE, ["down"]), (120, LATE, [])],
    )


def test_histories_tell_traps_from_checks() -> None:
    play(
        config(period(), traptimeout=TIMEOUT),
        [
            (0, trap(), ["failure: full", "trap noted: full"]),
            (60, LATE, ["failure: trap timeout", "traptimeout noted: trap timeout"]),
        ],
        show=(FailureNoted, AlertNoted),
    )


@pytest.mark.parametrize("event", [LATE, OLD])
def test_timers_of_services_that_want_none_any_more_do_nothing(event: Event) -> None:
    play(config(period()), [(0, trap(), ["down"]), (60, event, [])])
    play(config(), [(0, TrapOverdue(ELSEWHERE), []), (0, TrapExpired(ELSEWHERE), [])])
    play(config(), [(0, TrapReceived(service=ELSEWHERE, exit=1, output=""), [])])


def test_while_the_scheduler_is_stopped_no_trap_is_missed() -> None:
    play(
        listening(traptimeout=TIMEOUT),
        [
            (0, StopScheduler(who="joe"), []),
            (60, LATE, []),
            (70, StartScheduler(who="joe"), ["traptimeout: 60 s"]),
            (71, StartScheduler(who="joe"), []),
        ],
        show=TIMERS,
    )


def test_while_the_watch_is_disabled_no_trap_is_missed_and_the_wait_goes_on() -> None:
    play(
        listening(traptimeout=TIMEOUT),
        [
            (0, DisableWatch(group="web", who="joe", why="moves"), []),
            (60, LATE, ["traptimeout: 60 s"]),
        ],
        show=TIMERS,
    )


def test_a_failure_by_a_trap_ends_silently_after_trapduration() -> None:
    engine = play(
        listening(trapduration=TIMEOUT),
        [
            (0, trap(), ["UNTESTED → FAIL", "trapduration: 60 s"]),
            (60, OLD, ["FAIL → OK"]),
            (61, OLD, []),
            (70, trap(0), ["trapduration: off"]),
        ],
        show=TIMERS,
    )
    standing = engine.states[KEY].standing

    assert (standing.recovered, standing.ack) == (at(60), None)


def test_the_silent_end_keeps_the_result_and_sends_no_upalert() -> None:
    engine = play(
        config(period(), trapduration=TIMEOUT),
        [(0, trap(3), ["down"]), (60, OLD, []), (70, trap(3), ["down"])],
        show=SendAlert,
    )
    play(engine, [(130, OLD, [])])
    standing = engine.states[KEY].standing

    assert (standing.opstatus, standing.exit) == (OpStatus.OK, 3)
    assert standing.output == "full\n\ndetail"
    assert standing.first_failure is None


@pytest.mark.parametrize("between", [down(), up()])
def test_what_a_check_has_found_since_does_not_get_old(between: CheckFinished) -> None:
    engine = play(
        config(period(), trapduration=TIMEOUT),
        [(0, trap(), ["down"])],
    )
    engine.handle(between, now=at(10))
    before = engine.states[KEY]

    assert engine.handle(OLD, now=at(60)) == ()
    assert engine.states[KEY] is before


def test_the_end_of_a_trap_s_day_brings_the_usual_interval_back() -> None:
    play(
        config(period(), trapduration=TIMEOUT, failure_interval=timedelta(seconds=1)),
        [(0, trap(), ["every 1 s"]), (60, OLD, ["every 10 s"])],
        show=Reschedule,
    )


def test_a_restart_waits_for_the_rest_of_a_trap_s_day() -> None:
    engine = play(config(period(), trapduration=TIMEOUT), [(0, trap(), ["down"])])

    assert engine.handle(Started(), now=at(45)) == (
        WakeAt(service=KEY, timer=Timer.TRAP_EXPIRED, seconds=15.0),
    )


def test_a_reload_begins_only_the_waits_that_are_new() -> None:
    old, new = listening(traptimeout=TIMEOUT), listening(traptimeout=TIMEOUT / 2)
    play(
        old,
        [
            (0, Reconfigured(old), []),
            (1, Reconfigured(new), ["traptimeout: 30 s"]),
            (2, Reset(new), ["traptimeout: 30 s"]),
        ],
        show=TIMERS,
    )
