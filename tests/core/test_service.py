"""One service's steps: what is recorded, rescheduled, counted and left alone."""

from datetime import timedelta

import pytest

from monlvs.core.effects import (
    CheckUnsure,
    HostChanged,
    Reschedule,
    StatusChanged,
)
from monlvs.core.engine import Engine
from monlvs.core.events import (
    CheckFinished,
    Disable,
    DisableHost,
    Enable,
    EnableHost,
    Event,
    StopScheduler,
)
from monlvs.model.result import Reason
from monlvs.model.status import Health, OpStatus
from tests.core.playbook import (
    KEY,
    at,
    config,
    down,
    each,
    guard,
    period,
    play,
    unsure,
    up,
)

DISABLE = Disable(service=KEY, who="joe", why="works on it")
STOP = StopScheduler(who="joe")


def test_the_status_moves_and_each_move_is_recorded() -> None:
    play(
        config(),
        [
            (0, up(), ["UNTESTED → OK"]),
            (1, up(), []),
            (2, down(), ["OK → FAIL"]),
            (3, down(), []),
            (4, unsure(), []),
            (5, up(), ["FAIL → OK"]),
        ],
        show=StatusChanged,
    )
    play(config(), [(0, down(), ["UNTESTED → FAIL"])], show=StatusChanged)


def test_the_failure_interval_holds_while_the_service_fails() -> None:
    plan = config(failure_interval=timedelta(seconds=2))
    engine = play(
        plan,
        [
            (0, down(), ["every 2 s"]),
            (1, down(), []),
            (2, up(), ["every 10 s"]),
            (3, up(), []),
            (4, down(), ["every 2 s"]),
        ],
        show=Reschedule,
    )
    assert engine.interval(KEY) == timedelta(seconds=2)
    play(plan, [(0, up(), [])], show=Reschedule)
    play(config(), [(0, down(), []), (1, up(), [])], show=Reschedule)


def test_the_interval_of_a_service_without_failure_interval_never_changes() -> None:
    engine = play(config(), [(0, up(), [])])
    assert engine.interval(KEY) == timedelta(seconds=10)
    play(engine, [(1, down(), [])])
    assert engine.interval(KEY) == timedelta(seconds=10)


def test_hosts_change_by_their_own_rise_and_fall() -> None:
    play(
        config(rise=2, fall=2),
        [
            (0, each(a="up", b="down"), []),
            (1, each(a="up", b="down"), ["a up", "b down"]),
            (2, each(a="down", b="up"), []),
            (3, each(a="up", b="down"), []),
            (4, each(a="up", b="inconclusive"), []),
            (5, each(a="down", b="up"), []),
            (6, each(a="down", b="up"), ["a down", "b up"]),
        ],
        show=HostChanged,
    )


def test_hosts_that_are_not_checked_keep_their_health() -> None:
    hosts = ("a", "b", "c")
    plan = config(hosts=hosts, off=("b",), exclude_hosts=frozenset("c"))
    play(plan, [(0, down(), ["a down"]), (1, up(), ["a up"])], show=HostChanged)


def test_a_group_result_tells_the_reason_of_every_host() -> None:
    engine = play(config(), [(0, down("a b\n"), [])])
    standing = engine.states[KEY].standing

    assert standing.group.detail == "a b"
    assert {s.reason for s in standing.hosts.values()} == {Reason.REFUSED}
    assert standing.failed == ("a", "b")


def test_a_state_remembers_the_latest_run_and_the_latest_failure() -> None:
    engine = play(config(), [(0, down("x\n", exit=4), []), (1, up("fine\n"), [])])
    state = engine.states[KEY]

    assert (state.checked, state.succeeded) == (at(1), at(1))
    assert state.standing.last_opstatus is OpStatus.FAIL
    assert state.standing.opstatus is OpStatus.OK
    assert (state.standing.exit, state.standing.output) == (0, "fine\n")
    assert state.standing.failure_output == "x\n"
    assert state.standing.last_failure == at(0)
    assert state.standing.first_failure is None


def test_an_inconclusive_check_changes_nothing_but_its_own_count() -> None:
    engine = play(config(period(), guards=(guard(),)), [(0, down(), ["down"])])
    before = engine.states[KEY]
    play(engine, [(1, unsure(), ["unsure 1"])], show=CheckUnsure)
    after = engine.states[KEY]

    assert after.standing is before.standing
    assert (after.checked, after.unsure, after.unsure_reason) == (at(1), 1, Reason.LATE)


def test_inconclusive_checks_are_recorded_until_they_are_told() -> None:
    play(
        config(),
        [
            *[(n, unsure(), [f"unsure {n}"]) for n in (1, 2, 3)],
            (4, unsure(), []),
            (5, up(), []),
            (6, unsure(), ["unsure 1"]),
        ],
        show=CheckUnsure,
    )


def settle(engine: Engine) -> None:
    for second in range(4):
        engine.handle(up(), now=at(second))
    assert engine.states[KEY].standing.settled


def test_a_steady_success_replaces_only_the_times() -> None:
    engine = Engine(config(guards=(guard(),)))
    settle(engine)
    standing = engine.states[KEY].standing

    assert engine.handle(up(duration=timedelta(seconds=1)), now=at(9)) == ()
    state = engine.states[KEY]
    assert state.standing is standing
    assert (state.checked, state.succeeded, state.duration.seconds) == (at(9), at(9), 1)


@pytest.mark.parametrize(
    "event",
    [
        up("other words\n"),
        up(exit=1),
        up(outcomes=each(a="down").result.outcomes),
        down(),
        Enable(service=KEY, who="joe"),
        EnableHost(host="a", who="joe"),
        DisableHost(host="a", who="joe", why=""),
    ],
)
def test_anything_new_unsettles(event: Event) -> None:
    engine = Engine(config(guards=(guard(),)))
    settle(engine)
    engine.handle(event, now=at(9))

    assert not engine.states[KEY].standing.settled


@pytest.mark.parametrize("before", [DISABLE, STOP])
def test_nothing_settles_while_the_guards_are_frozen(before: Event) -> None:
    engine = Engine(config())
    for second, event in enumerate([before, up(), up(), up(), up()]):
        engine.handle(event, now=at(second))

    assert not engine.states[KEY].standing.settled


def test_a_service_with_a_disabled_member_settles_too() -> None:
    settle(Engine(config(off=("b",))))
    settle(Engine(config(exclude_hosts=frozenset("b"))))


def test_a_service_with_a_host_that_could_not_be_checked_does_not_settle() -> None:
    engine = Engine(config())
    for second in range(5):
        engine.handle(each(a="up", b="inconclusive"), now=at(second))

    assert not engine.states[KEY].standing.settled
    assert engine.states[KEY].standing.hosts["b"].health is Health.UNKNOWN


def test_a_service_with_a_host_that_no_result_names_does_not_settle() -> None:
    engine = Engine(config())
    for second in range(5):
        engine.handle(each(a="up"), now=at(second))
    assert not engine.states[KEY].standing.settled

    play(engine, [(9, up(), ["b up"])], show=HostChanged)


def test_a_result_of_a_service_that_is_gone_is_dropped() -> None:
    engine = Engine(config())
    other = CheckFinished(KEY._replace(service="gone"), down().result)

    assert engine.handle(other, now=at(0)) == ()


def test_an_outage_is_not_over_while_who_was_failing_could_not_be_checked() -> None:
    play(
        config(period(), guards=(guard(), guard("a"), guard("b"))),
        [
            (0, up(), ["UNTESTED → OK"]),
            (1, each(a="down", b="up"), ["OK → FAIL"]),
            (2, each(a="inconclusive", b="up"), []),
            (3, each(a="inconclusive", b="inconclusive"), []),
            (4, each(a="up", b="up"), ["FAIL → OK"]),
        ],
        show=StatusChanged,
    )


def test_a_host_that_was_well_and_is_not_checked_does_not_prolong_an_outage() -> None:
    play(
        config(period()),
        [
            (0, each(a="down", b="up"), ["UNTESTED → FAIL"]),
            (1, each(a="up", b="inconclusive"), ["FAIL → OK"]),
        ],
        show=StatusChanged,
    )


def test_hosts_that_cannot_be_checked_are_told_of_though_others_are_well() -> None:
    part = each(a="up", b="inconclusive")
    play(
        config(period()),
        [
            (0, up(), []),
            *[(n, part, [f"unsure {n}"]) for n in (1, 2, 3)],
            (4, part, []),
            (5, up(), []),
            (6, part, ["unsure 1"]),
        ],
        show=CheckUnsure,
    )
    play(
        config(period()),
        [(n, part, ["down"] if n == 3 else []) for n in range(1, 6)],
    )
