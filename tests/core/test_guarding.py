"""What results mean for the table: every row of the guards' rules, through the engine."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monlvs.core.effects import GuardMoved, Report
from monlvs.core.events import (
    Acknowledge,
    Disable,
    DisableHost,
    Enable,
    EnableHost,
    Reconfigured,
    StartScheduler,
    StopScheduler,
)
from monlvs.core.guarding import identity
from monlvs.model.guard import Effect
from monlvs.model.status import Health
from monlvs.model.watch import (
    AfterCount,
    AfterCountWithin,
    AfterDuration,
    AlertEvery,
    ExitRange,
)
from tests.core.playbook import (
    KEY,
    Row,
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

ACK = Acknowledge(service=KEY, who="joe", why="knows")
DISABLE = Disable(service=KEY, who="joe", why="works on it")
ENABLE = Enable(service=KEY, who="joe")
STOP, GO = StopScheduler(who="joe"), StartScheduler(who="joe")
OUT, IN, FREE = ["guard * down"], ["guard * up"], ["guard * unknown"]
LATCHED = guard(effect=Effect.LATCHES_OUT)


def watch(script: list[Row], *guards: Any, **fields: Any) -> Any:
    """Play a script of one period, showing how the guards move."""
    names = ("alertafter", "when", "numalerts", "alertevery")
    timed = {name: fields.pop(name) for name in names if name in fields}
    plan = config(period(**timed), guards=guards or (guard(),), **fields)
    return play(plan, script, show=GuardMoved)


def test_a_guard_trips_at_the_first_failure_and_clears_at_the_first_success() -> None:
    watch(
        [
            (0, up(), IN),
            (10, up(), []),
            (20, down(), OUT),
            (30, down(), []),
            (40, up(), IN),
        ]
    )


def test_a_guard_that_was_never_up_trips_too() -> None:
    watch([(0, down(), OUT)])


@pytest.mark.parametrize("effect", list(Effect))
def test_every_kind_of_guard_goes_down_and_only_a_latch_stays(effect: Effect) -> None:
    back = [] if effect is Effect.LATCHES_OUT else IN
    watch([(0, up(), IN), (1, down(), OUT), (2, up(), back)], guard(effect=effect))


@pytest.mark.parametrize("fall", [1, 2, 3])
def test_fall_failures_in_a_row_trip(fall: int) -> None:
    few: list[Row] = [(number, down(), []) for number in range(1, fall)]
    watch(
        [
            (0, up(), IN),
            *few,
            (5, up(), []),
            *[(5 + second, event, words) for second, event, words in few],
            (9, down(), OUT),
        ],
        fall=fall,
    )


@pytest.mark.parametrize("rise", [1, 2, 3])
def test_rise_successes_in_a_row_clear(rise: int) -> None:
    few: list[Row] = [(number, up(), []) for number in range(1, rise)]
    watch(
        [
            (0, down(), OUT),
            *few,
            (5, down(), []),
            *[(5 + second, event, words) for second, event, words in few],
            (9, up(), IN),
        ],
        rise=rise,
    )


@pytest.mark.parametrize(
    ("after", "trip"),
    [
        (AfterCount(3), 20),
        (AfterCountWithin(2, timedelta(seconds=10)), 10),
        (AfterDuration(timedelta(seconds=20)), 30),
    ],
)
def test_alertafter_delays_a_trip(after: Any, trip: int) -> None:
    rows = [(s, down(), OUT if s == trip else []) for s in (0, 10, 20, 30)]
    watch([*rows, (40, up(), IN)], guard(period="p"), alertafter=after)


@pytest.mark.parametrize(
    ("after", "trip"),
    [
        (AfterCount(3), 40),
        (AfterCountWithin(2, timedelta(seconds=10)), 30),
        (AfterDuration(timedelta(seconds=10)), 40),
    ],
)
def test_alertafter_counts_a_host_s_own_failures(after: Any, trip: int) -> None:
    watch(
        [
            (0, each(a="up", b="down"), ["guard a up"]),
            (10, each(a="up", b="down"), []),
            (20, each(a="down", b="down"), []),
            (30, each(a="down"), ["guard a down"] if trip == 30 else []),
            (40, each(a="down"), ["guard a down"] if trip == 40 else []),
        ],
        guard("a", period="p"),
        alertafter=after,
    )


def test_a_guard_trips_inside_its_period_and_clears_outside_too() -> None:
    watch(
        [
            (3590, down(), OUT),
            (3600, up(), IN),
            (3610, down(), []),
            (86400, down(), OUT),
        ],
        guard(period="p"),
        when="hr {12pm}",
    )


def test_a_period_that_a_reload_took_away_gates_no_more() -> None:
    plan = config(period(when="none"), guards=(guard(period="gone"),))
    play(plan, [(0, down(), OUT)], show=GuardMoved)


def test_only_exit_codes_in_range_trip() -> None:
    watch(
        [(0, down(exit=1), []), (1, down(exit=3), OUT), (2, down(exit=1), [])],
        guard(exits=ExitRange(2, 3)),
    )


def test_acknowledgements_alertevery_and_numalerts_gate_no_trip() -> None:
    watch(
        [
            (0, down(exit=1), []),
            (1, ACK, []),
            (2, down(exit=2), OUT),
            (3, up(), IN),
        ],
        guard(exits=ExitRange(2, 2), period="p"),
        numalerts=0,
        alertevery=AlertEvery(interval=timedelta(hours=1)),
    )


def test_an_acknowledgement_while_down_moves_nothing() -> None:
    watch([(0, down(), OUT), (1, ACK, []), (2, down(), [])])


@pytest.mark.parametrize(("halt", "resume"), [(DISABLE, ENABLE), (STOP, GO)])
def test_guards_are_frozen_while_disabled_or_stopped(halt: Any, resume: Any) -> None:
    watch(
        [
            (0, up(), IN),
            (1, halt, []),
            (2, down(), []),
            (3, down(), []),
            (4, resume, []),
            (5, down(), OUT),
            (6, halt, []),
            (7, up(), []),
            (8, up(), []),
            (9, up(), []),
            (10, resume, []),
            (11, up(), IN),
        ]
    )


def test_an_inconclusive_check_moves_no_guard() -> None:
    watch([(0, up(), IN), (1, unsure(), []), (2, down(), OUT), (3, unsure(), [])])


def test_a_groups_guard_waits_until_who_was_down_is_seen_to_be_up() -> None:
    watch(
        [
            (0, each(a="up", b="up"), ["guard b up", *IN]),
            (1, each(a="down", b="down"), ["guard b down", *OUT]),
            (2, each(a="inconclusive", b="up"), ["guard b up"]),
            (3, each(a="inconclusive", b="up"), []),
            (4, each(a="up", b="up"), IN),
        ],
        *(guard("b"), guard()),
    )


def test_each_host_speaks_for_its_own_guards() -> None:
    watch(
        [
            (0, each(a="up", b="up"), ["guard a up", "guard b up", *IN]),
            (1, each(a="down", b="up"), ["guard a down", *OUT]),
            (2, each(a="down", b="down"), ["guard b down"]),
            (3, each(a="up", b="down"), ["guard a up"]),
            (4, up(), ["guard b up", *IN]),
            (5, down(), ["guard a down", "guard b down", *OUT]),
        ],
        *(guard("a"), guard("b"), guard()),
    )


def test_a_host_that_a_result_does_not_tell_of_moves_no_guard() -> None:
    watch(
        [
            (0, each(a="up", b="up"), ["guard a up"]),
            (1, each(b="down"), []),
            (2, each(a="inconclusive", b="down"), []),
            (3, each(a="down"), ["guard a down"]),
            (4, each(a="inconclusive", b="up"), []),
        ],
        guard("a"),
    )


def test_a_trip_that_was_held_back_needs_another_failure_of_its_host() -> None:
    watch(
        [
            (0, each(a="up", b="up"), ["guard a up"]),
            (1, DISABLE, []),
            (2, each(a="down", b="up"), []),
            (3, ENABLE, []),
            (4, each(a="inconclusive", b="down"), []),
            (5, each(a="down", b="down"), ["guard a down"]),
        ],
        guard("a"),
    )


def test_a_disabled_host_moves_no_guard() -> None:
    watch(
        [
            (0, up(), ["guard a up"]),
            (1, DisableHost(host="a", who="joe", why="new disk"), []),
            (2, down(), []),
            (3, each(a="down", b="up"), []),
            (4, EnableHost(host="a", who="joe"), []),
            (5, down(), ["guard a down"]),
        ],
        guard("a"),
    )


def test_a_guard_of_a_host_outside_the_group_never_moves() -> None:
    watch([(0, up(), []), (1, down(), [])], guard("elsewhere"))


def test_a_latch_holds_until_it_is_enabled_and_the_next_success_clears_it() -> None:
    watch(
        [
            (0, up(), IN),
            (1, down(), OUT),
            (2, up(), []),
            (3, up(), []),
            (4, ENABLE, FREE),
            (5, up(), IN),
            (6, ENABLE, []),
        ],
        LATCHED,
    )


def test_enabling_releases_no_latch_of_what_still_fails() -> None:
    watch(
        [(0, down(), OUT), (1, ENABLE, []), (2, up(), []), (3, ENABLE, FREE)], LATCHED
    )


def test_enabling_releases_only_latches() -> None:
    watch([(0, down(), OUT), (1, DISABLE, []), (2, up(), []), (3, ENABLE, [])])


def test_a_host_s_latch_is_released_while_another_host_fails() -> None:
    watch(
        [
            (0, each(a="down", b="down"), ["guard a down", "guard b down"]),
            (1, each(a="up", b="down"), []),
            (2, ENABLE, ["guard a unknown"]),
            (3, each(a="up", b="down"), ["guard a up"]),
        ],
        *(guard("a", effect=Effect.LATCHES_OUT), guard("b", effect=Effect.LATCHES_OUT)),
    )


def test_trips_and_latches_survive_a_reload_that_changes_a_weight() -> None:
    trips = (guard(), LATCHED)
    engine = watch([(0, down(), OUT * 2)], *trips)
    heavier = tuple(
        replace(g, entry=replace(g.entry, weight=7)) for g in trips if g.entry
    )
    plan = Reconfigured(config(period(), guards=heavier))

    play(engine, [(1, plan, []), (2, up(), IN)], show=GuardMoved)
    assert list(engine.health().items()) == [
        (heavier[0], Health.UP),
        (heavier[1], Health.DOWN),
    ]


def test_a_guard_that_a_reload_adds_is_unknown_until_the_next_result() -> None:
    engine = watch([(0, up(), IN), (1, up(), []), (2, up(), [])])
    added = guard(server="192.0.2.9")
    plan = Reconfigured(config(period(), guards=(guard(), added)))

    play(engine, [(3, plan, [])], show=GuardMoved)
    assert engine.health() == {guard(): Health.UP, added: Health.UNKNOWN}
    play(engine, [(4, up(), IN)], show=GuardMoved)


def test_every_move_is_reported_with_its_reason() -> None:
    plan = config(guards=(guard(), guard("a")))
    play(
        plan,
        [
            (0, down("a b\n"), ["report down: a b", "report down: refused"]),
            (1, up(), ["report up: ok", "report up: ok"]),
        ],
        show=Report,
    )


def test_a_withheld_service_is_named_by_its_key_alone() -> None:
    whole = replace(guard(effect=Effect.WITHHOLDS), entry=None)
    engine = play(config(guards=(whole, guard())), [])
    effects = engine.handle(down(), now=at(0))

    assert [e.entry for e in effects if isinstance(e, GuardMoved)] == [
        "TCP 198.51.100.1:80",
        "TCP 198.51.100.1:80 → 192.0.2.1:80",
    ]


@pytest.mark.parametrize(
    "other",
    [
        guard("a"),
        guard(server="192.0.2.2"),
        guard(effect=Effect.STANDS_IN),
        guard(period="p"),
        guard(exits=ExitRange(1, 2)),
        replace(guard(), entry=None),
    ],
)
def test_different_guards_have_different_identities(other: Any) -> None:
    assert identity(other) != identity(guard())
    assert identity(guard(weight=5)) == identity(guard())
