"""What alerts are told: the texts and times of occasions, and who is told at all."""

from datetime import datetime, timedelta

import pytest

from monlvs.core.effects import AlertDecided, SendAlert
from monlvs.core.engine import Engine
from monlvs.core.events import (
    Acknowledge,
    Disable,
    DisableHost,
    EnableHost,
    Event,
    Started,
    StopScheduler,
)
from monlvs.model.plugin import AlertKind
from monlvs.model.result import Outcome, Reason, Verdict
from monlvs.model.status import OpStatus
from monlvs.model.values import Now
from monlvs.model.watch import AlertEvery
from tests.core.playbook import (
    KEY,
    at,
    config,
    down,
    each,
    line,
    occasion,
    period,
    play,
    unsure,
    up,
)

ACK = Acknowledge(service=KEY, who="joe", why="on my way")
DISABLE = Disable(service=KEY, who="joe", why="works on it")
STOP = StopScheduler(who="joe")


def utc(seconds: float) -> datetime:
    return at(seconds).utc


def test_a_first_failure_tells_itself_and_nothing_before_it() -> None:
    told = occasion(
        config(
            period(),
            description="the shop",
            variables=(("COLOUR", "red"),),
            off=("b",),
            exclude_hosts=frozenset("a"),
        ),
        down("a\nrefused\n", exit=3),
    )

    assert told.kind is AlertKind.FAILURE
    assert (told.group, told.service, told.hosts) == ("web", "http", ("a",))
    assert told.text == "a\nrefused\n"
    assert (told.exit, told.opstatus) == (3, OpStatus.FAIL)
    assert told.time == told.first_failure == told.last_failure == utc(0)
    assert (told.previous_output, told.last_success, told.comment) == (None,) * 3
    assert (told.description, told.variables) == ("the shop", (("COLOUR", "red"),))
    assert told.next_alert == timedelta(0)


def test_a_failure_tells_the_run_before_it_and_the_last_success() -> None:
    told = occasion(config(period()), up("fine\n"), down("a\n"))
    assert (told.previous_output, told.last_success) == ("fine\n", utc(0))

    told = occasion(config(period()), up("fine\n"), down("a\n"), down("b\n"))
    assert (told.text, told.previous_output) == ("b\n", "a\n")
    assert (told.first_failure, told.last_failure) == (utc(10), utc(20))
    assert told.last_success == utc(0)


def test_an_inconclusive_run_is_not_the_previous_output() -> None:
    told = occasion(config(period()), down("a\n"), unsure("?"), down("b\n"))

    assert told.previous_output == "a\n"


def test_an_upalert_tells_the_last_failure_and_the_success_before_it() -> None:
    script = [up("fine\n"), each(a="down"), each(a="down", b="down"), up("well\n")]
    told = occasion(config(period()), *script)

    assert (told.kind, told.exit, told.opstatus) == (AlertKind.UP, 0, OpStatus.OK)
    assert told.text == told.previous_output == "a\nb\n"
    assert told.failed == ("a", "b")
    assert (told.first_failure, told.last_failure) == (utc(10), utc(20))
    assert told.last_success == utc(0)
    assert told.time == utc(30)
    assert told.outage == timedelta(seconds=20)
    assert told.comment is None


def test_an_outage_lasts_as_long_as_it_does_whatever_is_done_to_the_clock() -> None:
    engine, end = Engine(config(period())), at(30)
    engine.handle(up(), now=at(0))
    engine.handle(down(), now=at(10))
    set_back = Now(end.utc - timedelta(days=30), end.mono)
    effects = engine.handle(up(), now=set_back)

    (told,) = (e.occasion for e in effects if isinstance(e, SendAlert))
    assert told.outage == timedelta(seconds=20)


def test_an_upalert_of_an_acknowledged_outage_tells_the_acknowledgement() -> None:
    assert occasion(config(period()), down(), ACK, up()).comment == "joe: on my way"


def test_a_later_outage_starts_its_own_first_failure() -> None:
    told = occasion(config(period()), down(), up(), down())

    assert told.first_failure == told.last_failure == utc(20)


def test_failures_tell_the_time_until_the_next_alert() -> None:
    every = AlertEvery(interval=timedelta(minutes=5))

    told = occasion(config(period(alertevery=every)), down())
    assert told.next_alert == timedelta(minutes=5)
    told = occasion(config(period(alertevery=every)), down(), up())
    assert told.next_alert == timedelta(0)


@pytest.mark.parametrize(
    ("event", "failed"),
    [
        (each(a="up", b="down", c="up"), ("b",)),
        (each(c="down", a="down"), ("a", "c")),
        (down("the whole group\n"), ("a", "b", "c")),
        (each(a="inconclusive", b="down"), ("b",)),
    ],
)
def test_the_failed_hosts_are_those_found_down(
    event: Event, failed: tuple[str, ...]
) -> None:
    assert occasion(config(period(), hosts=("a", "b", "c")), event).failed == failed


def test_a_host_that_an_operator_disabled_is_not_told() -> None:
    engine = Engine(config(period()))
    engine.handle(DisableHost(host="a", who="joe", why="new disk"), now=at(0))
    assert occasion(engine, down("b\n")).hosts == ("b",)

    engine.handle(EnableHost(host="a", who="joe"), now=at(0))
    assert occasion(engine, down("b\n")).hosts == ("a", "b")


def test_startup_alerts_run_in_every_period_in_force() -> None:
    boot = (line("boot"), line("never", (1, 9)))
    plan = config(
        period("p", startupalerts=boot), period("q", "none", startupalerts=boot)
    )
    play(plan, [(0, Started(), ["boot"]), (1, up(), [])])

    told = occasion(plan, Started())
    assert (told.kind, told.text, told.exit) == (AlertKind.STARTUP, "", 0)
    assert told.opstatus is OpStatus.UNTESTED


@pytest.mark.parametrize("before", [DISABLE, STOP])
def test_startup_alerts_are_silenced_as_others_are(before: Event) -> None:
    plan = config(period(startupalerts=(line("boot"),)))
    play(plan, [(0, before, []), (1, Started(), [])])


def test_ackalerts_run_only_in_periods_that_have_sent_in_this_outage() -> None:
    sent = period("sent", ackalerts=(line("acked"), line("too")))
    held = period("held", numalerts=0, ackalerts=(line("never"),))
    late = period("late", "hr {12pm}", ackalerts=(line("at noon"),))
    play(
        config(sent, held, late),
        [
            (0, down(), ["down", "down"]),
            (1, ACK, ["acked", "too", "at noon"]),
            (3600, ACK, ["acked", "too"]),
            (3601, up(), ["up"]),
            (3602, down(exit=1), ["down"]),
        ],
    )


@pytest.mark.parametrize("before", [DISABLE, STOP])
def test_ackalerts_are_silenced_as_others_are(before: Event) -> None:
    plan = config(period(ackalerts=(line("acked"),)))
    play(plan, [(0, down(), ["down"]), (1, before, []), (2, ACK, [])])


def test_an_ackalert_tells_who_knows_and_of_what() -> None:
    plan = config(period(ackalerts=(line("acked"),)))
    told = occasion(plan, up(), each(b="down"), ACK)

    assert told.kind is AlertKind.ACK
    assert told.text == told.comment == "joe: on my way"
    assert (told.opstatus, told.failed) == (OpStatus.FAIL, ("b",))
    assert (told.last_summary, told.previous_output) == ("b", "b\n")
    assert told.first_failure == told.last_failure == utc(10)
    assert told.last_success == utc(0)


def test_three_inconclusive_checks_in_a_row_are_told_once() -> None:
    play(
        config(period(), period("q", "none")),
        [
            (0, unsure(), []),
            (10, unsure(), []),
            (20, unsure(), ["down"]),
            (30, unsure(), []),
            (40, up(), ["down"]),
            (50, unsure(), []),
            (60, unsure(), []),
            (70, unsure(), ["down"]),
        ],
    )


def test_an_alert_of_inconclusive_checks_tells_that_nothing_moved() -> None:
    told = occasion(config(period()), up(), unsure(), unsure(), unsure("no luck"))

    assert told.summary == "cannot be checked: no luck"
    assert told.opstatus is OpStatus.UNKNOWN
    assert told.last_success == utc(0)


def test_without_words_the_reason_stands_for_them() -> None:
    told = occasion(config(period()), unsure(), unsure(), unsure())

    assert told.summary == "cannot be checked: checker was late"


@pytest.mark.parametrize(
    "detail", ["ICMP needs CAP_NET_RAW", "10.1.1.2: ICMP needs CAP_NET_RAW"]
)
def test_an_alert_of_inconclusive_checks_tells_more_than_the_hosts(detail: str) -> None:
    outcome = Outcome(
        verdict=Verdict.INCONCLUSIVE, reason=Reason.NOT_PERMITTED, detail=detail
    )
    check = unsure("10.1.1.2", outcomes=(("10.1.1.2", outcome),))
    told = occasion(config(period()), up(), *[check] * 3)

    assert told.summary == "cannot be checked: 10.1.1.2: ICMP needs CAP_NET_RAW"


@pytest.mark.parametrize("before", [DISABLE, STOP, ACK])
def test_inconclusive_checks_are_silenced_as_failures_are(before: Event) -> None:
    play(
        config(period()),
        [(0, down(), ["down"]), (1, before, [])]
        + [(2 + number, unsure(), []) for number in range(4)],
    )


def test_whatever_is_sent_is_recorded_as_decided_once_per_period() -> None:
    both = (line("x"), line("y"))
    plan = config(period(alerts=both, startupalerts=both, ackalerts=both))
    engine = Engine(plan)
    script: list[Event] = [Started(), unsure(), unsure(), unsure(), down(), ACK, up()]
    effects = [
        effect
        for second, event in enumerate(script)
        for effect in engine.handle(event, now=at(second))
        if isinstance(effect, SendAlert | AlertDecided)
    ]

    told = [e.kind for e in effects if isinstance(e, AlertDecided)]
    assert told == ["startup", "failure", "failure", "ack", "up"]
    assert len(effects) == len(told) + 9
