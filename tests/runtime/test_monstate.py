"""The engine's memory in mon's state files."""

from dataclasses import replace
from datetime import timedelta

from monlvs.core.engine import Engine
from monlvs.core.events import Acknowledge, Disable, DisableHost, DisableWatch
from monlvs.mon.statefile import (
    DisabledFile,
    read_disabled,
    read_opstatus,
    write_disabled,
    write_opstatus,
)
from monlvs.runtime import monstate
from tests.core.playbook import KEY, at, config, down, period, up


def never(_: object) -> None:
    return None


def test_an_outage_goes_on_after_a_restart() -> None:
    before = Engine(config(period()))
    before.handle(up(), now=at(0))
    before.handle(down("a\nmore\n", exit=3), now=at(10))
    before.handle(Acknowledge(service=KEY, who="joe", why="on it"), now=at(12))
    text = write_opstatus(monstate.opstatus_of(before, never))

    after = Engine(config(period()))
    lines, junk = read_opstatus(text)
    monstate.restore_opstatus(after, lines, at(20))
    assert not junk
    old, new = before.states[KEY], after.states[KEY]
    for name in ("opstatus", "exit", "output", "failure_output", "ack"):
        assert getattr(new.standing, name) == getattr(old.standing, name), name
    assert new.standing.first_failure == at(10)
    assert new.standing.periods["p"].sent == 1
    assert new.standing.periods["p"].last_alert == at(10)
    assert new.succeeded == at(0)


def test_a_service_that_works_has_nothing_to_remember_of_outages() -> None:
    engine = Engine(config(period()))
    engine.handle(down(), now=at(0))
    engine.handle(up("fine\n"), now=at(10))
    (line,) = monstate.opstatus_of(engine, lambda _: 7.9)
    assert line.last_failure == 0
    assert line.failure_output == ""
    assert line.trap_timer == 7
    after = Engine(config(period()))
    monstate.restore_opstatus(after, [line], at(20))
    assert after.states[KEY].standing.opstatus.is_success
    assert after.states[KEY].standing.output == "fine\n"


def test_what_is_not_configured_or_makes_no_sense_is_forgotten() -> None:
    engine = Engine(config(period()))
    (line,) = monstate.opstatus_of(engine, never)
    strange = (
        replace(line, group="nonsense"),
        replace(line, op_status=99, last_check=10**15, ack=5),
    )
    monstate.restore_opstatus(engine, strange, at(0))
    assert engine.states[KEY].standing.opstatus.name == "UNTESTED"
    assert list(engine.states) == [KEY]


def test_what_is_disabled_stays_disabled() -> None:
    before = Engine(config(period(), hosts=("a", "b", "c"), off=("c",)))
    before.handle(Disable(service=KEY, who="joe", why="x"), now=at(0))
    before.handle(DisableHost(host="a", who="joe", why="x"), now=at(0))
    before.handle(DisableWatch(group="web", who="joe", why="x"), now=at(0))
    text = write_disabled(monstate.disabled_of(before))
    assert sorted(text.splitlines()) == [
        "disable host a",
        "disable host c",
        "disable service web http",
        "disable watch web",
    ]
    after = Engine(config(period(), hosts=("a", "b", "c"), off=("c",)))
    monstate.restore_disabled(after, read_disabled(text)[0], at(5))
    assert after.states[KEY].standing.disabled is not None
    assert set(after.disabled_hosts) == {"a", "c"}
    assert set(after.disabled_watches) == {"web"}
    assert after.hosts_to_check(KEY) == ("b",)


def test_what_the_file_does_not_name_is_enabled() -> None:
    engine = Engine(config(period()))
    engine.handle(Disable(service=KEY, who="joe", why="x"), now=at(0))
    engine.handle(DisableHost(host="a", who="joe", why="x"), now=at(0))
    monstate.restore_disabled(engine, DisabledFile(), at(5))
    assert engine.states[KEY].standing.disabled is None
    assert not engine.disabled_hosts
    assert engine.hosts_to_check(KEY) == ("a", "b")


def test_times_are_told_on_both_clocks() -> None:
    engine = Engine(config(period()))
    engine.handle(down(), now=at(0))
    lines = monstate.opstatus_of(engine, never)
    after = Engine(config(period()))
    later = replace(at(0), utc=at(0).utc + timedelta(seconds=30), mono=5.0)
    monstate.restore_opstatus(after, lines, later)
    first = after.states[KEY].standing.first_failure
    assert first is not None
    assert first.mono == 5.0 - 30
