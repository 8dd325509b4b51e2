"""Pools that are more than their guards, decided by the director on a table."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monlvs.director import forcing, pools
from monlvs.director.changes import Why
from monlvs.director.events import TableChanged
from monlvs.director.intents import intents
from monlvs.director.notes import NoteKind
from monlvs.director.pools import Pools
from monlvs.model.config import Config
from monlvs.model.forced import Forced
from monlvs.model.lvs import Counters, OnFailure
from monlvs.model.pool import Act, Count, PoolPolicy, WeightFrom
from monlvs.model.result import Advice, AdviceKind
from monlvs.model.values import Now
from tests.director.faulty import FaultyTable
from tests.director.strategies import pool, table
from tests.director.test_reconcile import Scene
from tests.director.worlds import (
    DOWN,
    STATED,
    UP,
    VIP,
    WEB,
    declared,
    guard,
    rs,
    spec,
    stands,
)

SHARED = replace(WEB, scheduler="wrr")
SHARES = replace(STATED, scheduler="wrr")
BOTH = table(pool(SHARED, stands(1), stands(2)))
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
KEEP = PoolPolicy(keep_at_least=Count(1))
SLOW = PoolPolicy(slow_start=timedelta(seconds=20))


def forced(act, number=1):
    return {(VIP, rs(number)): Forced(act=act, who="anna", why="kernel", at=AT)}


class BusyTable(FaultyTable):
    """A table whose servers have connections."""

    def __init__(self, table):
        super().__init__(table)
        self.counters = {}

    async def read(self):
        return replace(await super().read(), counters=dict(self.counters))


class Pool(Scene):
    """A director of one virtual service with two guarded servers."""

    def __init__(self, policy=None, *, current=BOTH, weights=(None, None), **more):
        self.guards = guard(1), guard(2)
        servers = tuple(spec(n, weight=weight) for n, weight in enumerate(weights, 1))
        web = declared(
            *servers, policy=policy or PoolPolicy(), **{"service": SHARES} | more
        )
        super().__init__(BusyTable(current), declares=(web,), guards=self.guards)

    async def sees(self, *healths, after=0.0):
        for each, health in zip(self.guards, healths, strict=False):
            self.director.report(each, health)
        self.clock.seconds += after
        await self.director.once()
        return self

    async def weights(self):
        found = (await self.standing())[VIP].entries
        return {int(str(s.address)[-1]): entry.weight for s, entry in found.items()}

    def why(self):
        return str(self.told(TableChanged)[-1].changes[0].cause)


async def test_a_drained_server_goes_with_its_last_connection_and_comes_back():
    scene = await Pool().sees(UP, UP)
    scene.live.counters[VIP, rs(1)] = Counters(active=1)
    scene.director.force(forced(Act.DRAIN))
    await scene.sees()
    assert await scene.weights() == {1: 0, 2: 1}
    assert scene.why() == "operator: drain by anna: kernel"
    assert scene.director.pools.look_at == scene.clock.seconds + 1

    await scene.sees(after=100)
    assert await scene.weights() == {1: 0, 2: 1}
    scene.live.counters.clear()
    await scene.sees(after=1)
    assert await scene.weights() == {2: 1}

    scene.director.force({})
    await scene.sees()
    assert await scene.weights() == {1: 1, 2: 1}
    assert scene.director.pools.states == {}


async def test_what_was_not_stated_comes_back_as_it_was():
    heavy = table(pool(SHARED, stands(1, weight=7, upper=9), stands(2)))
    scene = await Pool(current=heavy).sees(UP, UP)
    scene.director.force(forced(Act.MAINTENANCE))
    await scene.sees()
    scene.director.force({})
    await scene.sees()

    assert (await scene.standing())[VIP].entries[rs(1)] == stands(1, weight=7, upper=9)


async def test_force_up_holds_against_failure():
    scene = await Pool().sees(UP, UP)
    scene.director.force(forced(Act.FORCE_UP))
    await scene.sees(DOWN, DOWN)

    assert await scene.weights() == {1: 1}


async def test_too_few_are_kept_and_it_is_said():
    scene = await Pool(KEEP).sees(UP, UP)
    await scene.sees(DOWN, DOWN)

    assert len(await scene.weights()) == 1
    (note,) = scene.director.notes
    assert note.kind is NoteKind.KEPT
    assert note.text == "keep_at_least 1: 10.1.1.1:80"

    await scene.sees(UP, UP)
    assert await scene.weights() == {1: 1, 2: 1}
    assert scene.director.notes == ()


async def test_the_fallback_is_in_while_nobody_else_is():
    scene = await Pool(fallback=spec(9)).sees(UP, UP)
    await scene.sees(DOWN, DOWN)
    assert await scene.weights() == {9: 1}
    assert [note.kind for note in scene.director.notes] == [NoteKind.SORRY]

    await scene.sees(UP, DOWN)
    assert await scene.weights() == {1: 1, 9: 0}
    await scene.sees()
    assert await scene.weights() == {1: 1}


async def test_no_table_on_the_way_is_without_a_server():
    scene = await Pool(fallback=spec(9)).sees(UP, UP)
    await scene.sees(DOWN, DOWN)
    (changed,) = [e for e in scene.told(TableChanged) if len(e.changes) > 1]

    assert changed.changes[0].as_ipvsadm().startswith("-a")
    assert {each.cause.why for each in changed.changes} == {Why.POOL, Why.GUARD}


async def test_slow_start_multiplies_all_weights_and_raises_one():
    scene = await Pool(SLOW, weights=(1, 3)).sees(UP, UP)
    assert await scene.weights() == {1: 100, 2: 300}
    await scene.sees(DOWN, after=1)
    await scene.sees(UP, after=1)
    assert await scene.weights() == {1: 10, 2: 300}

    await scene.sees(after=10)
    assert await scene.weights() == {1: 50, 2: 300}
    assert scene.why() == "pool: it has come in and rises to its weight"


async def test_what_is_put_in_anew_rises_to_the_weight_of_a_new_entry():
    scene = await Pool(SLOW, current=table()).sees(UP, UP)
    assert await scene.weights() == {1: 10, 2: 10}
    await scene.sees(after=30)
    assert await scene.weights() == {1: 100, 2: 100}


async def test_a_scheduler_that_was_adopted_may_make_no_sense_of_it():
    hashing = replace(SHARED, scheduler="sh")
    current = table(pool(hashing, stands(1), stands(2)))
    left_open = replace(SHARES, scheduler=None)
    scene = await Pool(SLOW, current=current, service=left_open).sees(UP, UP)

    assert await scene.weights() == {1: 1, 2: 1}
    assert [note.kind for note in scene.director.notes] == [NoteKind.NO_RISE]


async def test_an_adopted_weight_is_the_whole_weight():
    heavy = table(pool(SHARED, stands(1, weight=7), stands(2)))
    scene = await Pool(SLOW, current=heavy).sees(UP, UP)
    assert await scene.weights() == {1: 700, 2: 100}
    await scene.sees(after=5)
    assert await scene.weights() == {1: 700, 2: 100}


async def test_without_slow_start_again_weights_are_as_they_were():
    heavy = table(pool(SHARED, stands(1, weight=7), stands(2)))
    scene = await Pool(SLOW, current=heavy).sees(UP, UP)
    scene.declare(
        declares=(declared(spec(1), spec(2), service=SHARES),), guards=scene.guards
    )
    await scene.sees(UP, UP)

    assert await scene.weights() == {1: 7, 2: 1}
    assert scene.director.pools.states == {}


async def test_checks_report_how_much_a_server_takes():
    scene = await Pool(PoolPolicy(weight_from=WeightFrom.CHECK)).sees(UP, UP)
    scene.director.advise(scene.guards[0], Advice(AdviceKind.PERCENT, 25))
    await scene.sees()
    assert await scene.weights() == {1: 25, 2: 100}


async def test_of_several_reports_the_lower_one_counts():
    one, other = guard(1), guard(1, check="http")
    known = Pools()
    known.advise(one, Advice(AdviceKind.PERCENT, 50))
    known.advise(other, Advice(AdviceKind.PERCENT, 20))
    item = (VIP, rs(1))
    assert known.around({}, 0).advice[item] == Advice(AdviceKind.PERCENT, 20)
    known.keep_advice([one])
    assert known.around({}, 0).advice[item] == Advice(AdviceKind.PERCENT, 50)


async def test_what_leaves_the_configuration_is_drained_where_that_is_asked():
    gentle = PoolPolicy(drain=timedelta(seconds=30))
    scene = await Pool(gentle, current=table()).sees(UP, UP)
    scene.live.counters[VIP, rs(1)] = Counters(inactive=1)
    scene.declare(
        declares=(declared(spec(2), policy=gentle, service=SHARES),),
        guards=scene.guards[1:],
    )
    await scene.sees()
    assert await scene.weights() == {1: 0, 2: 1}

    await scene.sees(after=30)
    assert await scene.weights() == {2: 1}


async def test_a_restart_in_the_middle_of_a_rise_goes_on():
    scene = await Pool(SLOW).sees(UP, UP)
    await scene.sees(DOWN, after=1)
    await scene.sees(UP, after=1)
    await scene.sees(after=10)
    before = Now(AT, scene.clock.seconds)
    saved = pools.to_plain(scene.director.pools.states, now=before)

    # Another boot: the monotonic clock begins anew, the wall clock went on.
    later = Now(AT + timedelta(seconds=4), 50.0)
    states = pools.from_plain(saved, now=later)
    again = Pool(SLOW)
    again.live = scene.live
    again.clock.seconds = later.mono
    director = type(scene.director)(
        scene.live, now=again.clock, on_event=again.events.append,
        ledger=scene.director.ledger, pools=Pools(states),
    )  # fmt: skip
    web = declared(spec(1), spec(2), policy=SLOW, service=SHARES)
    director.declare(
        Config(virtual_services=(web,), guards=again.guards),
        dict.fromkeys(again.guards, UP),
    )
    await director.once()

    assert await again.weights() == {1: 70, 2: 100}


async def test_the_director_wakes_when_time_alone_moves_a_place():
    scene = await Pool(SLOW).sees(UP, UP)
    await scene.sees(DOWN, after=1)
    await scene.sees(UP, after=1)
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(scene.director.run())
        scene.clock.seconds += 9.99
        while (await scene.weights())[1] == 10:
            scene.clock.seconds += 0.2
            await asyncio.sleep(0.01)
        running.cancel()
    assert (await scene.weights())[1] > 10


async def test_quiesced_servers_come_back_with_their_weights():
    heavy = table(pool(SHARED, stands(1, weight=7), stands(2)))
    scene = await Pool(KEEP, current=heavy, on_failure=OnFailure.QUIESCE).sees(UP, UP)
    await scene.sees(DOWN, UP)
    assert await scene.weights() == {1: 0, 2: 1}
    await scene.sees(UP, UP)
    assert await scene.weights() == {1: 7, 2: 1}


class TestTargets:
    wanted = intents((declared(spec(1), spec(2)),), ())

    def found(self, text):
        return forcing.targets(text, self.wanted, {VIP: "web"})

    def test_a_server_is_named_with_its_service_or_alone(self):
        for service in ("web/", "192.168.1.110:80/", "192.168.1.110/",
                        "TCP 192.168.1.110:80/", "tcp:192.168.1.110:80/", ""):  # fmt: skip
            for server in ("10.1.1.1", "10.1.1.1:80"):
                assert self.found(service + server) == [(VIP, rs(1))]

    def test_what_nobody_has_is_refused(self):
        for text in ("web/10.1.1.3", "mail/10.1.1.1", "10.1.1.1:81", ""):
            with pytest.raises(ValueError, match="expected SERVICE/SERVER"):
                self.found(text)


def test_what_operators_decided_survives_a_restart():
    said = {
        **forced(Act.DRAIN),
        (VIP, rs(2)): replace(
            forced(Act.FORCE_UP)[VIP, rs(1)], until=AT + timedelta(hours=1)
        ),
    }
    assert forcing.from_plain(forcing.to_plain(said)) == said
