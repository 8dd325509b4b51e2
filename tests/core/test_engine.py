"""Operators' acts, reloads and restores."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from monlvs.core import timeperiod
from monlvs.core.effects import OperatorActed
from monlvs.core.engine import Engine, RefusedError, UnknownTargetError, Withheld
from monlvs.core.events import (
    Acknowledge,
    Disable,
    DisableHost,
    Enable,
    EnableHost,
    Event,
    OperatorAct,
    Reconfigured,
    StartScheduler,
    StopScheduler,
    Unacknowledge,
)
from monlvs.core.states import Ack, Disabled, ServiceState, Standing
from monlvs.model.status import Health, OpStatus
from monlvs.model.watch import AlertEvery, AlertEveryMode, HostGroup, ServiceKey, Watch
from tests.core.playbook import (
    KEY,
    MINUTE,
    at,
    config,
    down,
    guard,
    line,
    period,
    play,
    service,
    up,
)

GONE = ServiceKey("web", "gone")
STOP, GO = StopScheduler(who="joe"), StartScheduler(who="joe")
OFF = Disabled(who="joe", why="new disk", at=at(0).utc)


def off(host: str) -> DisableHost:
    return DisableHost(host=host, who="joe", why="new disk")


@pytest.mark.parametrize(
    ("act", "error", "words"),
    [
        (Acknowledge(service=GONE, who="joe", why=""), UnknownTargetError, "web/gone"),
        (Acknowledge(service=KEY, who="joe", why=""), RefusedError, "not failing"),
        (Unacknowledge(service=GONE), UnknownTargetError, "web/gone"),
        (Disable(service=GONE, who="joe", why=""), UnknownTargetError, "web/gone"),
        (Enable(service=GONE, who="joe"), UnknownTargetError, "web/gone"),
        (off("x"), UnknownTargetError, "no host x"),
        (EnableHost(host="x", who="joe"), UnknownTargetError, "no host x"),
    ],
)
@pytest.mark.parametrize("before", [[], [up()]])
def test_an_act_that_makes_no_sense_is_refused_and_changes_nothing(
    act: Event, error: type[Exception], words: str, before: list[Event]
) -> None:
    engine = play(config(), [(0, event, []) for event in before])
    states, hosts = dict(engine.states), dict(engine.disabled_hosts)

    with pytest.raises(error, match=words):
        engine.handle(act, now=at(1))
    assert (engine.states, engine.disabled_hosts, engine.stopped) == (
        states,
        hosts,
        None,
    )


def test_every_act_is_recorded() -> None:
    ack = Acknowledge(service=KEY, who="joe", why="")
    acts: list[OperatorAct] = [
        ack,
        Unacknowledge(service=KEY),
        Disable(service=KEY, who="joe", why=""),
        Enable(service=KEY, who="joe"),
        off("a"),
        EnableHost(host="a", who="joe"),
        STOP,
        GO,
    ]
    engine = play(config(), [(0, down(), [])])

    for act in acts:
        assert engine.handle(act, now=at(1))[-1] == OperatorActed(act=act)


def test_who_acknowledged_and_until_when_is_kept_and_a_second_one_replaces_it() -> None:
    until = at(60).utc
    engine = play(config(), [(0, down(), [])])
    for who in ("joe", "ann"):
        act = Acknowledge(service=KEY, who=who, why="knows", until=until)
        engine.handle(act, now=at(1))

    ack = engine.states[KEY].standing.ack
    assert ack == Ack(who="ann", why="knows", at=at(1).utc, until=until)


def test_who_disabled_and_until_when_is_kept() -> None:
    act = Disable(service=KEY, who="joe", why="disk", until=at(60).utc)
    engine = play(config(), [(3, act, [])])

    assert engine.states[KEY].standing.disabled == Disabled(
        who="joe", why="disk", at=at(3).utc, until=at(60).utc
    )


def test_hosts_to_check_are_neither_disabled_nor_excluded() -> None:
    plan = config(hosts=("d", "c", "b", "a"), off=("b",), exclude_hosts=frozenset("c"))
    engine = play(plan, [(0, off("a"), [])])
    assert engine.hosts_to_check(KEY) == ("d",)

    play(engine, [(1, EnableHost(host="a", who="joe"), [])])
    assert engine.hosts_to_check(KEY) == ("d", "a")


def test_the_first_stop_is_the_one_that_is_remembered() -> None:
    engine = Engine(config())
    engine.handle(STOP, now=at(0))
    engine.handle(StopScheduler(who="ann"), now=at(1))
    assert engine.stopped == Disabled(who="joe", why="scheduler stopped", at=at(0).utc)

    engine.handle(GO, now=at(2))
    assert engine.stopped is None


def test_a_reload_keeps_what_is_still_configured() -> None:
    long = AlertEvery(interval=timedelta(hours=1))
    old = config(period("p", alertevery=long), period("q"), hosts=("a", "b"))
    new = config(period("p", alertevery=long), period("r"), hosts=("b", "c"))
    engine = play(
        old,
        [
            (0, down("b\n"), ["down", "down"]),
            (1, off("a"), []),
            (2, off("b"), []),
            (3, Reconfigured(new), []),
            (4, down("b\n"), ["down"]),
        ],
    )

    standing = engine.states[KEY].standing
    assert engine.config is new
    assert list(standing.hosts) == ["b", "c"]
    assert standing.first_failure == at(0)
    assert list(standing.periods) == ["p", "r"]
    assert list(engine.disabled_hosts) == ["b"]


def test_a_reload_forgets_services_that_are_gone() -> None:
    group = HostGroup(name="web", hosts=("a",))
    moved = service(period(), key=KEY._replace(service="https"))
    other = replace(config(), watches=(Watch(group=group, services=(moved,)),))
    engine = play(
        config(period()),
        [(0, down(), ["down"]), (1, Reconfigured(other), []), (2, down(), [])],
    )
    assert list(engine.states) == [moved.key]

    play(engine, [(3, Reconfigured(config(period())), []), (4, up(), [])])


def test_guards_of_services_that_are_not_configured_are_left_out() -> None:
    stray = replace(guard(), service=GONE)
    engine = Engine(config(guards=(stray, guard())))

    assert engine.health() == {guard(): Health.UNKNOWN}


@pytest.mark.parametrize("status", list(OpStatus))
def test_a_restored_status_that_mon_never_enters_is_read_as_untested(
    status: OpStatus,
) -> None:
    engine = Engine(config(period(no_comp_alerts=True)))
    engine.restore({KEY: ServiceState(Standing(opstatus=status)), GONE: ServiceState()})

    moving = status in (OpStatus.FAIL, OpStatus.OK, OpStatus.UNTESTED)
    assert list(engine.states) == [KEY]
    restored = engine.states[KEY].standing.opstatus
    assert restored is (status if moving else OpStatus.UNTESTED)
    play(engine, [(0, up(), ["up"] if status is OpStatus.FAIL else [])])


def test_restored_acts_are_in_force() -> None:
    engine = Engine(config(period()))
    engine.restore({}, disabled_hosts={"a": OFF, "x": OFF}, stopped=OFF)

    assert engine.hosts_to_check(KEY) == ("b",)
    assert list(engine.disabled_hosts) == ["a"]
    play(engine, [(0, down(), []), (1, GO, []), (2, down(), ["down"])])


def test_a_strict_timer_is_kept_by_a_reload_in_between_outages() -> None:
    strict = AlertEvery(interval=MINUTE, mode=AlertEveryMode.STRICT)
    plan = config(period(alertevery=strict))
    play(
        plan,
        [
            (0, down(), ["down"]),
            (1, up(), ["up"]),
            (2, Reconfigured(plan), []),
            (3, down(), []),
            (60, down(), ["down"]),
        ],
    )


def test_disabling_a_host_leaves_other_groups_alone() -> None:
    other = ServiceKey("db", "sql")
    group = HostGroup(name="db", hosts=("z",))
    plan = config()
    db = Watch(group=group, services=(service(key=other),))
    engine = play(replace(plan, watches=(*plan.watches, db)), [(0, off("a"), [])])

    assert engine.hosts_to_check(other) == ("z",)
    assert engine.hosts_to_check(KEY) == ("b",)


def test_several_services_do_not_touch_each_other() -> None:
    other = KEY._replace(service="https")
    group = HostGroup(name="web", hosts=("a",))
    services = (service(period()), service(period(alerts=(line("s"),)), key=other))
    plan = replace(config(), watches=(Watch(group=group, services=services),))
    secure = replace(down(), service=other)
    play(plan, [(0, down(), ["down"]), (1, secure, ["s"]), (2, up(), ["up"])])


def test_a_check_that_is_due_is_made_of_the_hosts_that_are_left() -> None:
    engine = Engine(config(off=("a",)))

    assert engine.due(KEY, now=at(0)) == ("b",)
    assert engine.may_run(KEY, now=at(0))


@pytest.mark.parametrize(
    ("allowed", "answer"), [(True, ()), (False, Withheld.NO_HOSTS)]
)
def test_a_check_of_nobody_is_made_where_that_is_allowed(
    allowed: bool, answer: object
) -> None:
    engine = Engine(config(off=("a", "b"), allow_empty_group=allowed))

    assert engine.due(KEY, now=at(0)) == answer
    assert engine.may_run(KEY, now=at(0)) is allowed


def test_a_check_inside_exclude_period_is_withheld() -> None:
    noon = timeperiod.parse("hr {12}")
    engine = Engine(config(exclude_period=noon), zone=UTC)

    assert engine.due(KEY, now=at(0)) is Withheld.EXCLUDED
    assert engine.due(KEY, now=at(3600)) == ("a", "b")
