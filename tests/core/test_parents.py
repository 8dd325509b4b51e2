"""Services that depend on others: what a failing parent keeps back."""

from datetime import UTC, timedelta

import pytest

from monlvs.core import depend
from monlvs.core.effects import AlertDecided, GuardMoved
from monlvs.core.engine import Engine, Withheld
from monlvs.core.events import TrapReceived
from monlvs.model.depend import DependBehavior, Dependencies
from monlvs.model.mon import MonSettings
from monlvs.model.status import Health, OpStatus
from tests.core.families import CHILD, GRANDCHILD, PARENT, family, ill, on, well
from tests.core.playbook import at, guard, play

ALERTS, RUNS, HOSTS = DependBehavior.ALERT, DependBehavior.MONITOR, DependBehavior.HOSTS
BROKEN = Dependencies(depend=depend.unreadable("gw:ping &&", "web"))


def test_a_failing_parent_keeps_the_childs_alerts_back_until_it_recovers() -> None:
    engine = play(
        family(child=on("gw:ping")),
        [
            (0, ill(PARENT), ["ping down"]),
            (1, ill(CHILD), []),
            (2, well(PARENT), ["ping up"]),
            (3, ill(CHILD), ["http down"]),
            (4, well(CHILD), ["http up"]),
        ],
    )

    assert engine.states[CHILD].standing.depends is True


def test_the_child_fails_all_the_same_and_says_why_nobody_is_told() -> None:
    engine = play(
        family(child=on("gw:ping")),
        [
            (0, ill(PARENT), ["p failure: told"]),
            (1, ill(CHILD), ["p failure: a service it depends on is failing"]),
            (2, ill(CHILD), []),
            (3, well(CHILD), ["p up: no alert was sent in this outage"]),
        ],
        show=AlertDecided,
    )

    assert engine.states[CHILD].standing.opstatus is OpStatus.OK
    assert engine.states[CHILD].standing.depends is False


def test_alertdepend_keeps_back_alerts_and_nothing_else() -> None:
    depends = Dependencies(alertdepend=depend.read("gw:ping", "web"))
    engine = play(
        family(child=depends), [(0, ill(PARENT), ["ping down"]), (1, ill(CHILD), [])]
    )

    assert engine.due(CHILD, now=at(2)) == ("a", "b")


@pytest.mark.parametrize("child", [BROKEN, on("nobody:knows"), on("web:http")])
def test_what_cannot_hold_keeps_alerts_back(child: Dependencies) -> None:
    play(family(child=child), [(0, ill(CHILD), [])])


def test_a_parent_that_was_never_checked_is_good() -> None:
    play(family(child=on("gw:ping")), [(0, ill(CHILD), ["http down"])])


def test_alerts_depend_on_the_parents_of_parents_of_the_same_behaviour() -> None:
    play(
        family(child=on("gw:ping"), grandchild=on("SELF:http")),
        [(0, ill(PARENT), ["ping down"]), (1, ill(GRANDCHILD), [])],
    )
    play(
        family(child=on("gw:ping", behavior=RUNS), grandchild=on("SELF:http")),
        [(0, ill(PARENT), ["ping down"]), (1, ill(GRANDCHILD), ["shop down"])],
    )


def test_recursion_ends_where_dep_recur_limit_says() -> None:
    deep = family(
        child=on("gw:ping"),
        grandchild=on("SELF:http"),
        mon=MonSettings(dep_recur_limit=1),
    )
    play(deep, [(0, ill(GRANDCHILD), [])])


def test_a_parent_counts_as_failing_for_as_long_as_dep_memory_says() -> None:
    play(
        family(child=on("gw:ping", memory=timedelta(seconds=60))),
        [
            (0, ill(PARENT), ["ping down"]),
            (10, well(PARENT), ["ping up"]),
            (20, ill(CHILD), []),
            (69, ill(CHILD), []),
            (70, ill(CHILD), ["http down"]),
        ],
    )


@pytest.mark.parametrize(
    "child",
    [
        on("gw:ping", behavior=RUNS),
        Dependencies(monitordepend=depend.read("gw:ping", "web")),
    ],
)
def test_a_failing_parent_keeps_the_childs_monitor_from_running(
    child: Dependencies,
) -> None:
    engine = play(family(child=child), [(0, ill(PARENT), ["ping down"])])

    assert engine.due(CHILD, now=at(1)) is Withheld.DEPENDENCY
    assert not engine.may_run(CHILD, now=at(1))
    assert engine.is_dependency_ok(CHILD, RUNS, now=at(1)) is False
    assert engine.states[CHILD].standing.depends is False

    engine.handle(well(PARENT), now=at(2))

    assert engine.due(CHILD, now=at(3)) == ("a", "b")
    assert engine.may_run(CHILD, now=at(3))
    assert engine.states[CHILD].standing.depends is True


def test_hosts_that_a_failing_parent_names_are_left_out() -> None:
    hosts = ("10.0.0.1", "10.0.0.10", "b")
    config = family(child=on("gw:ping || 0", behavior=HOSTS), hosts=hosts)
    engine = play(
        config, [(0, ill(PARENT, "10.0.0.10, b.\n10.0.0.1\n"), ["ping down"])]
    )

    assert engine.due(CHILD, now=at(1)) == engine.hosts_to_check(CHILD) == hosts[:1]

    engine.handle(ill(PARENT, "10.0.0.1 10.0.0.10 b\n"), now=at(2))

    assert engine.due(CHILD, now=at(3)) is Withheld.NO_HOSTS

    engine.handle(well(PARENT), now=at(4))

    assert engine.due(CHILD, now=at(5)) == hosts


def test_a_check_without_some_hosts_says_nothing_of_them_nor_of_the_group() -> None:
    guards = tuple(guard(host) for host in ("a", "b", None))
    config = family(child=on("gw:ping", behavior=HOSTS), guards=guards)
    engine = Engine(config, zone=UTC)
    engine.handle(ill(PARENT, "b\n"), now=at(0))
    engine.due(CHILD, now=at(1))

    effects = engine.handle(well(CHILD), now=at(2))

    assert [e.host for e in effects if isinstance(e, GuardMoved)] == ["a"]
    assert engine.health()[guards[0]] is Health.UP

    engine.handle(well(PARENT), now=at(3))
    engine.due(CHILD, now=at(4))
    engine.handle(well(CHILD), now=at(5))

    assert set(engine.health().values()) == {Health.UP}


@pytest.mark.parametrize("behavior", [ALERTS, RUNS])
def test_the_table_stays_as_it_is_while_a_parent_fails(
    behavior: DependBehavior,
) -> None:
    config = family(child=on("gw:ping", behavior=behavior), guards=(guard(),))
    play(
        config,
        [
            (0, well(CHILD), ["guard * up"]),
            (1, well(CHILD), []),
            (2, well(CHILD), []),
            (3, ill(PARENT), []),
            (4, ill(CHILD), []),
            (5, well(CHILD), []),
            (6, TrapReceived(service=CHILD, exit=1, output="a\n\n"), []),
            (7, well(PARENT), []),
            (8, ill(CHILD), ["guard * down"]),
        ],
        show=GuardMoved,
    )
