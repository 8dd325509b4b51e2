"""What health means for the table: each row of what `virtualserver` means."""

from datetime import timedelta

import pytest

from monlvs.director.changes import Why
from monlvs.director.notes import NoteKind
from monlvs.model.guard import Effect
from monlvs.model.lvs import (
    Forwarding,
    Fwmark,
    OnFailure,
    Undeclared,
    VirtualService,
)
from tests.director.strategies import pool, table
from tests.director.worlds import (
    DOWN,
    UNKNOWN,
    UP,
    VIP,
    WEB,
    World,
    declared,
    guard,
    rs,
    spec,
    stands,
)

BOTH = table(pool(WEB, stands(1), stands(2)))


def test_a_guard_that_is_down_takes_its_entry_out_and_brings_it_back():
    one, two = guard(1), guard(2)
    world = World(guards=(one, two), current=BOTH)

    assert world.sees({one: DOWN, two: UP}).servers == {rs(2)}
    assert world.changes[0].cause.why is Why.GUARD
    assert str(world.changes[0].cause) == "guard: LVS1/ping 10.1.1.1 is down"
    assert world.sees({one: UP, two: UP}).servers == {rs(1), rs(2)}


def test_what_comes_back_is_as_it_was_before_it_went():
    one = guard(1)
    heavy = stands(1, weight=7, upper=10, lower=5)
    world = World(guards=(one,), current=table(pool(WEB, heavy)))

    world.sees({one: UP}).sees({one: DOWN}).sees({one: UP})

    assert world.current[VIP].entries[rs(1)] == heavy


def test_an_entry_first_seen_when_its_guard_is_down_also_comes_back_as_it_was():
    one = guard(1)
    heavy = stands(1, weight=7)
    world = World(guards=(one,), current=table(pool(WEB, heavy)))

    world.sees({one: DOWN}).sees({one: UP})

    assert world.current[VIP].entries[rs(1)] == heavy


def test_a_latched_guard_keeps_its_entry_out_while_it_is_down():
    one = guard(1, Effect.LATCHES_OUT)
    world = World(guards=(one,), current=BOTH)

    assert world.sees({one: DOWN}).servers == {rs(2)}
    assert world.sees({one: DOWN}).servers == {rs(2)}
    assert world.sees({one: UP}).servers == {rs(1), rs(2)}


def test_a_guard_that_only_adds_never_removes():
    one = guard(1, Effect.ONLY_ADDS)
    world = World(guards=(one,), current=BOTH)

    assert world.sees({one: DOWN}).changes == ()
    assert world.finds(pool(WEB)).sees({one: DOWN}).servers == set()
    assert world.sees({one: UP}).servers == {rs(1)}


def test_alert_and_upalert_on_different_entries_each_do_their_own():
    """The alert line takes its own entry out, the upalert puts its own in."""
    takes, adds = guard(1, Effect.LATCHES_OUT), guard(2, Effect.ONLY_ADDS)
    world = World(guards=(takes, adds), current=table(pool(WEB, stands(1))))

    assert world.sees({takes: DOWN, adds: DOWN}).servers == set()
    assert world.sees({takes: DOWN, adds: UP}).servers == {rs(2)}


def test_any_guard_that_is_down_takes_the_entry_out():
    ping, http = guard(1), guard(1, check="http")
    world = World(guards=(ping, http), current=BOTH)

    assert world.sees({ping: UP, http: DOWN}).servers == {rs(2)}
    assert world.sees({ping: UNKNOWN, http: DOWN}).servers == {rs(2)}
    assert world.sees({ping: UP, http: UNKNOWN}).servers == {rs(1), rs(2)}


@pytest.mark.parametrize("present", [True, False])
def test_all_guards_unknown_leave_the_entry_as_it_is(present):
    ping, http = guard(1), guard(1, check="http")
    current = BOTH if present else table(pool(WEB, stands(2)))
    for declares in ((), (declared(spec(1), spec(2)),)):
        world = World(declares=declares, guards=(ping, http), current=current)
        assert world.sees({ping: UNKNOWN}).changes == ()


def test_drift_of_what_is_up_is_repaired_while_health_stands_still():
    one = guard(1)
    world = World(guards=(one,), current=BOTH).sees({one: UP})

    world.finds(pool(WEB, stands(2))).sees({one: UP})

    assert world.rules == ["-a -t 192.168.1.110:80 -r 10.1.1.1:80 -g -w 1"]


def test_after_a_start_the_first_success_adds_and_nothing_else_moves():
    one, two = guard(1), guard(2)
    world = World(guards=(one, two), current=table(pool(WEB, stands(2))))

    assert world.sees({}).changes == ()
    assert world.sees({one: UP}).servers == {rs(1), rs(2)}


def test_a_dead_server_stays_out_across_a_restart():
    one = guard(1)
    before = World(guards=(one,), current=BOTH).sees({one: DOWN})
    world = World(guards=(one,), current=before.current, ledger=before.ledger)

    assert world.sees({}).changes == ()
    assert world.sees({one: DOWN}).changes == ()
    assert world.sees({one: UP}).servers == {rs(1), rs(2)}


def test_the_arguments_name_the_entry_not_the_watched_host():
    one = guard(1, entry=spec(3))
    world = World(guards=(one,), current=table(pool(WEB, stands(1), stands(3))))

    assert world.sees({one: DOWN}).servers == {rs(1)}


def test_an_entry_declared_nowhere_is_kept_and_shown_inside_our_service():
    one = guard(1)
    world = World(declares=(declared(spec(1)),), guards=(one,), current=BOTH)

    assert world.sees({one: DOWN}).servers == {rs(2)}
    assert [(n.kind, n.server) for n in world.desired.notes] == [
        (NoteKind.UNDECLARED, rs(2))
    ]


def test_an_undeclared_entry_goes_where_the_service_wants_it():
    only = declared(spec(1), undeclared=Undeclared.REMOVE)
    world = World(declares=(only,), current=BOTH)

    assert world.sees({}).rules == ["-d -t 192.168.1.110:80 -r 10.1.1.2:80"]


def test_services_that_nobody_configures_are_the_same_objects_afterwards():
    foreign = pool(VirtualService(key=Fwmark(7)), stands(9))
    world = World(guards=(guard(1),), current=table(foreign, *BOTH.values()))

    assert world.sees({}).desired.table[Fwmark(7)] is foreign


def test_a_reload_removes_what_monlvs_added_and_keeps_what_it_adopted():
    one, two = guard(1), guard(2)
    world = World(guards=(one, two), current=table(pool(WEB, stands(2))))
    world.sees({one: UP, two: UP})

    world.reloads().sees({})

    assert world.rules == ["-d -t 192.168.1.110:80 -r 10.1.1.1:80"]


def test_an_adopted_entry_that_failed_and_came_back_is_still_not_ours():
    two = guard(2)
    world = World(guards=(two,), current=BOTH)
    world.sees({two: UP}).sees({two: DOWN}).sees({two: UP})

    assert world.reloads().sees({}).changes == ()


def test_a_reload_removes_a_service_that_monlvs_created_unless_others_use_it():
    world = World(declares=(declared(spec(1)),)).sees({})
    theirs = pool(WEB, stands(1), stands(9))
    shared = World(declares=(declared(spec(1)),)).sees({}).finds(theirs)

    assert world.reloads().sees({}).rules == ["-D -t 192.168.1.110:80"]
    assert shared.reloads().sees({}).servers == {rs(9)}
    assert shared.kinds == {NoteKind.LEFTOVER}


def test_a_missing_service_is_only_reported_when_it_is_not_declared():
    one = guard(1)
    world = World(guards=(one,))

    assert world.sees({one: UP}).changes == ()
    assert world.kinds == {NoteKind.MISSING_SERVICE}


def test_a_missing_service_is_created_when_declared_even_before_any_success():
    world = World(declares=(declared(spec(1)),), guards=(guard(1),))

    assert world.sees({}).rules == ["-A -t 192.168.1.110:80 -s rr"]


def test_a_missing_service_is_created_when_the_alert_builds_it():
    one = guard(1, builds=WEB)
    world = World(guards=(one,))

    assert world.sees({}).changes == ()
    assert world.sees({one: UP}).rules == [
        "-A -t 192.168.1.110:80 -s rr",
        "-a -t 192.168.1.110:80 -r 10.1.1.1:80 -m -w 1",
    ]


def test_a_missing_service_is_created_again_when_the_ledger_has_it():
    built = guard(1, builds=WEB)
    world = World(guards=(built,)).sees({built: UP})
    one = guard(1)

    world.reloads(guards=(one,)).finds().sees({one: UP})

    assert world.servers == {rs(1)}


def test_an_adopted_services_own_attributes_are_left_alone():
    one = guard(1, builds=WEB)
    sticky = VirtualService(key=VIP, scheduler="sh", persistence=timedelta(minutes=5))
    world = World(guards=(one,), current=table(pool(sticky)))

    assert world.sees({one: UP}).current[VIP].service == sticky


def test_a_declared_services_attributes_are_set_in_place():
    world = World(declares=(declared(),), current=table(pool(
        VirtualService(key=VIP, scheduler="wlc"), stands(1)
    )))  # fmt: skip

    assert world.sees({}).rules == ["-E -t 192.168.1.110:80 -s rr"]


def test_a_service_is_withheld_while_its_guard_is_down():
    holds = guard(1, Effect.WITHHOLDS)
    before = table(pool(WEB, stands(1), stands(2, weight=3)))
    world = World(guards=(holds,), current=before)

    assert world.sees({holds: UNKNOWN}).changes == ()
    assert world.sees({holds: DOWN}).rules == ["-D -t 192.168.1.110:80"]
    assert NoteKind.WITHHELD_OTHERS in world.kinds
    assert world.sees({holds: UNKNOWN}).servers is None
    assert NoteKind.WITHHELD in world.kinds
    assert world.sees({holds: UP}).current[VIP] == before[VIP]
    assert {change.cause.why for change in world.changes} == {Why.GUARD}
    assert world.sees({holds: UP}).changes == ()
    assert world.reloads().sees({}).changes == (), "nothing of it became ours"


def test_a_withheld_service_stays_away_when_somebody_puts_it_back():
    holds = guard(1, Effect.WITHHOLDS)
    world = World(guards=(holds,), current=BOTH).sees({holds: DOWN})

    world.finds(pool(WEB)).sees({holds: DOWN})

    assert world.rules == ["-D -t 192.168.1.110:80"]
    assert world.sees({holds: UP}).servers == {rs(1), rs(2)}


def test_a_stand_in_is_in_while_the_other_is_down_and_out_while_it_is_up():
    one, sorry = guard(1), guard(1, Effect.STANDS_IN, entry=spec(9))
    world = World(guards=(one, sorry), current=table(pool(WEB, stands(1))))

    assert world.sees({one: DOWN, sorry: DOWN}).servers == {rs(9)}
    assert [type(c).__name__ for c in world.changes] == ["AddServer", "DeleteServer"]
    assert world.sees({one: UP, sorry: UP}).servers == {rs(1)}


def test_a_stand_in_for_several_is_in_until_all_are_up():
    first = guard(1, Effect.STANDS_IN, entry=spec(9))
    second = guard(2, Effect.STANDS_IN, entry=spec(9))
    world = World(guards=(first, second), current=table(pool(WEB)))

    assert world.sees({first: DOWN, second: UP}).servers == {rs(9)}
    assert world.sees({first: UNKNOWN, second: UP}).servers == {rs(9)}
    assert world.sees({first: UP, second: UP}).servers == set()


def test_a_stand_in_that_fails_itself_is_out():
    sorry = guard(1, Effect.STANDS_IN, entry=spec(9))
    own = guard(9)
    world = World(guards=(sorry, own), current=table(pool(WEB, stands(9))))

    assert world.sees({sorry: DOWN, own: DOWN}).servers == set()


def test_unstated_attributes_are_those_of_the_adopted_entry():
    one = guard(1)
    tuned = stands(1, weight=9)
    world = World(guards=(one,), current=table(pool(WEB, tuned))).sees({one: UP})

    assert world.changes == ()
    assert world.finds(pool(WEB, stands(1, weight=2))).sees({one: UP}).changes == ()


def test_unstated_attributes_of_a_new_entry_are_masquerading_and_weight_1():
    one = guard(1)
    world = World(guards=(one,), current=table(pool(WEB))).sees({one: UP})

    assert world.rules == ["-a -t 192.168.1.110:80 -r 10.1.1.1:80 -m -w 1"]


def test_stated_attributes_are_repaired_and_the_declared_word_counts_first():
    one = guard(1, entry=spec(1, weight=2, upper=8))
    web = declared(spec(1, weight=4))
    world = World(declares=(web,), guards=(one,), current=table(pool(WEB, stands(1))))

    assert world.sees({}).rules == [
        "-e -t 192.168.1.110:80 -r 10.1.1.1:80 -g -w 4 -x 8"
    ]


def test_quiescing_sets_weight_0_and_gives_the_weight_back():
    one = guard(1)
    web = declared(spec(1), on_failure=OnFailure.QUIESCE)
    world = World(declares=(web,), guards=(one,), current=table(
        pool(WEB, stands(1, weight=5))
    ))  # fmt: skip

    assert world.sees({one: DOWN}).rules == [
        "-e -t 192.168.1.110:80 -r 10.1.1.1:80 -g -w 0"
    ]
    assert world.sees({one: DOWN}).changes == ()
    assert world.sees({}).changes == (), "unknown after a restart: still quiet"
    assert world.sees({one: UP}).current[VIP].entries[rs(1)].weight == 5


def test_a_weight_that_the_kernel_refused_to_give_back_is_not_forgotten():
    one = guard(1)
    web = declared(spec(1), on_failure=OnFailure.QUIESCE)
    world = World(declares=(web,), guards=(one,), current=table(
        pool(WEB, stands(1, weight=5))
    ))  # fmt: skip
    world.sees({one: DOWN}).sees({one: UP})

    world.finds(pool(WEB, stands(1, weight=0))).sees({one: UP})

    assert world.current[VIP].entries[rs(1)].weight == 5


def test_a_stated_weight_does_not_wake_what_was_quiet_at_a_start():
    web = declared(spec(1, weight=5), on_failure=OnFailure.QUIESCE)
    world = World(declares=(web,), guards=(guard(1),), current=table(
        pool(WEB, stands(1, weight=0))
    ))  # fmt: skip

    assert world.sees({}).changes == ()


def test_declared_servers_without_guards_are_simply_in():
    world = World(declares=(declared(spec(1), spec(2)),), current=BOTH)

    assert world.sees({}).changes == ()
    assert world.finds().sees({}).servers == {rs(1), rs(2)}


def test_a_tunnel_left_open_is_kept():
    from tests.director.codec.test_encode import GUE

    wrapped = stands(1, forwarding=Forwarding.TUNNEL, tunnel=GUE)
    world = World(declares=(declared(spec(1)),), current=table(pool(WEB, wrapped)))

    assert world.sees({}).changes == ()
