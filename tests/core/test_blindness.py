"""Trouble of our own is told once to each, and once more when it is over."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC

from monlvs.core import snapshot
from monlvs.core.effects import CheckUnsure, SendAlert
from monlvs.core.engine import Engine
from monlvs.core.events import CheckFinished, Event
from monlvs.model.config import Config
from monlvs.model.result import Reason, Result, Verdict
from monlvs.model.watch import HostGroup, ServiceKey, Watch
from tests.core.playbook import at, line, period, service

ONE, TWO = ServiceKey("web", "http"), ServiceKey("mail", "smtp")


def plan(*, second: str = "x") -> Config:
    """Two services, told of by the alerts x and `second`."""
    first = service(period(alerts=(line("x"),)))
    other = service(period(alerts=(line(second),)))
    return Config(
        watches=tuple(
            Watch(
                group=HostGroup(name=key.group, hosts=("a",)),
                services=(replace(each, key=key),),
            )
            for key, each in ((ONE, first), (TWO, other))
        )
    )


def found(
    key: ServiceKey, verdict: Verdict, reason: Reason = Reason.NO_NETWORK
) -> CheckFinished:
    up = verdict is Verdict.UP
    result = Result(
        verdict=verdict, reason=Reason.OK if up else reason, exit=0 if up else 1
    )
    return CheckFinished(key, result)


def blind(key: ServiceKey, times: int = 3) -> list[Event]:
    return [found(key, Verdict.INCONCLUSIVE)] * times


def told(engine: Engine, events: Sequence[Event], start: float = 0) -> list[str]:
    """Feed the events in; return who was told of what by what."""
    return [
        f"{effect.service} {effect.alert.destination}: {effect.occasion.summary}"
        for second, event in enumerate(events)
        for effect in engine.handle(event, now=at(start + second))
        if isinstance(effect, SendAlert)
    ]


CANNOT = "cannot be checked: own network gone"
AGAIN = "monlvs can check again"


def test_who_is_told_of_one_service_is_not_told_of_the_next() -> None:
    engine = Engine(plan(), zone=UTC)
    assert told(engine, blind(ONE) + blind(TWO)) == [f"web/http x: {CANNOT}"]
    assert told(engine, [found(ONE, Verdict.UP)], 10) == []
    assert told(engine, [found(TWO, Verdict.UP)], 20) == [f"web/http x: {AGAIN}"]
    assert told(engine, [found(ONE, Verdict.UP)], 30) == []


def test_others_are_told_for_themselves() -> None:
    engine = Engine(plan(second="y"), zone=UTC)
    assert told(engine, blind(ONE) + blind(TWO)) == [
        f"web/http x: {CANNOT}",
        f"mail/smtp y: {CANNOT}",
    ]
    over = [found(ONE, Verdict.UP), found(TWO, Verdict.UP)]
    assert told(engine, over, 10) == [f"web/http x: {AGAIN}", f"mail/smtp y: {AGAIN}"]


def test_every_service_is_on_record_all_the_same() -> None:
    engine = Engine(plan(), zone=UTC)
    records = [
        effect.service
        for second, event in enumerate(blind(ONE) + blind(TWO))
        for effect in engine.handle(event, now=at(second))
        if isinstance(effect, CheckUnsure)
    ]
    assert records == [ONE] * 3 + [TWO] * 3


def test_a_services_own_trouble_is_told_by_each() -> None:
    engine = Engine(plan(), zone=UTC)
    events: list[Event] = [
        found(key, Verdict.INCONCLUSIVE, Reason.SIGNALLED)
        for key in (ONE, TWO)
        for _ in range(3)
    ]
    assert len(told(engine, events)) == 2
    assert told(engine, [found(ONE, Verdict.UP)], 10) == []


def test_a_service_that_fails_by_then_tells_that_alone() -> None:
    engine = Engine(plan(), zone=UTC)
    told(engine, blind(ONE))
    end = told(engine, [found(ONE, Verdict.DOWN, Reason.REFUSED)], 10)
    assert len(end) == 1
    assert AGAIN not in end[0]


def test_a_restart_remembers_who_was_told() -> None:
    engine, again = Engine(plan(), zone=UTC), Engine(plan(), zone=UTC)
    told(engine, blind(ONE))
    assert snapshot.load(again, snapshot.dump(engine), now=at(50)) == ()

    assert told(again, blind(TWO), 60) == []
    over = [found(TWO, Verdict.UP), found(ONE, Verdict.UP)]
    assert told(again, over, 70) == [f"web/http x: {AGAIN}"]


def test_a_service_that_is_no_longer_configured_keeps_nobody_waiting() -> None:
    engine = Engine(plan(), zone=UTC)
    told(engine, blind(ONE) + blind(TWO))
    engine.blindness.keep([ONE])
    assert told(engine, [found(ONE, Verdict.UP)], 10) == [f"web/http x: {AGAIN}"]
