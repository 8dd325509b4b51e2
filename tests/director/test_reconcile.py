"""The director at work, on tables that do and do not do as they are told."""

import asyncio
import contextlib
import errno
from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monlvs.director.changes import Cause, Why
from monlvs.director.events import (
    ChangeRefused,
    DriftReported,
    NotesChanged,
    TableAdopted,
    TableChanged,
    TableReadable,
    TableUnreadable,
)
from monlvs.director.notes import NoteKind
from monlvs.director.reconcile import Director
from monlvs.director.table import TableError
from monlvs.model.config import Config
from monlvs.model.lvs import OnDrift
from tests.director.faulty import FaultyTable
from tests.director.strategies import pool, table
from tests.director.worlds import DOWN, UP, VIP, WEB, declared, guard, rs, spec, stands

BOTH = table(pool(WEB, stands(1), stands(2)))
ERRORS = (errno.EEXIST, errno.ENOENT, errno.ESRCH, errno.EBUSY, errno.ENOBUFS)


class Clock:
    """A monotonic clock that moves when told."""

    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds


class Scene:
    """A director with what it told."""

    def __init__(self, live, *, declares=(), guards=(), **more):
        self.live = live
        self.clock = Clock()
        self.events = []
        self.director = Director(
            live, now=self.clock, on_event=self.events.append, **more
        )
        self.declare(declares=declares, guards=guards)

    def declare(self, *, declares=(), guards=()):
        self.director.declare(Config(virtual_services=declares, guards=guards))

    async def standing(self):
        return (await self.live.memory.read()).table

    def told(self, kind):
        return [event for event in self.events if isinstance(event, kind)]

    def whys(self):
        """The causes of the last changes told."""
        return {change.cause.why for change in self.told(TableChanged)[-1].changes}


async def test_adopting_a_table_changes_nothing_and_says_so():
    scene = Scene(FaultyTable(BOTH), guards=(guard(1), guard(2)))

    await scene.director.once()

    assert scene.events == [TableAdopted(services=1, servers=2)]
    assert scene.live.applications == 0


async def test_a_restart_with_the_same_ledger_changes_nothing():
    one = guard(1)
    scene = Scene(FaultyTable(BOTH), guards=(one,))
    scene.director.report(one, DOWN)
    await scene.director.once()
    again = Scene(
        FaultyTable(await scene.standing()),
        guards=(one,),
        ledger=scene.director.ledger,
    )

    await again.director.once()

    assert again.live.applications == 0


async def test_a_report_moves_the_entry_and_names_its_cause():
    one = guard(1)
    scene = Scene(FaultyTable(BOTH), guards=(one,))
    await scene.director.once()
    scene.director.report(one, DOWN)

    await scene.director.once()

    (told,) = scene.told(TableChanged)
    assert [str(change.cause) for change in told.changes] == [
        "guard: LVS1/ping 10.1.1.1 is down"
    ]
    assert set((await scene.standing())[VIP].entries) == {rs(2)}


async def test_one_that_only_looks_tells_once_what_it_would_change():
    one = guard(1)
    scene = Scene(FaultyTable(BOTH), guards=(one,), looks_only=True)
    await scene.director.once()
    scene.director.report(one, DOWN)

    await scene.director.once()
    await scene.director.once()

    (told,) = scene.told(DriftReported)
    assert told.looks_only
    assert [str(change.cause) for change in told.changes] == [
        "guard: LVS1/ping 10.1.1.1 is down"
    ]
    assert scene.live.applications == 0
    assert await scene.standing() == BOTH
    with pytest.raises(TableError, match="--shadow"):
        await scene.director.apply()


async def test_what_somebody_else_has_done_would_not_be_done_by_one_that_looks():
    one = guard(1)
    scene = Scene(FaultyTable(BOTH), guards=(one,), looks_only=True)
    await scene.director.once()
    scene.director.report(one, DOWN)
    await scene.director.once()
    await scene.live.memory.apply(await scene.director.plan())

    await scene.director.once()

    assert await scene.director.plan() == ()
    assert not [note for note in scene.director.notes if note.kind is NoteKind.DRIFT]


async def test_what_the_configuration_wants_at_a_start_is_told_as_adoption():
    scene = Scene(FaultyTable(), declares=(declared(spec(1)),))

    await scene.director.once()

    assert scene.whys() == {Why.ADOPT}


async def test_drift_is_repaired_and_called_so():
    scene = Scene(FaultyTable(), declares=(declared(spec(1), spec(2)),))
    await scene.director.once()
    scene.live.memory = FaultyTable().memory  # ipvsadm -C

    await scene.director.once()

    assert scene.whys() == {Why.DRIFT}
    assert set((await scene.standing())[VIP].entries) == {rs(1), rs(2)}


async def test_drift_is_only_reported_once_where_the_service_wants_that():
    web = declared(spec(1), on_drift=OnDrift.REPORT)
    scene = Scene(FaultyTable(), declares=(web,))
    await scene.director.once()
    scene.live.memory = FaultyTable(table(pool(WEB))).memory

    await scene.director.once()
    await scene.director.once()

    (told,) = scene.told(DriftReported)
    assert [change.as_ipvsadm() for change in told.changes] == [
        "-a -t 192.168.1.110:80 -r 10.1.1.1:80 -m -w 1"
    ]
    assert [note.kind for note in scene.director.notes] == [NoteKind.DRIFT]
    assert (await scene.standing())[VIP].entries == {}


async def test_a_changed_configuration_is_the_cause_of_its_changes():
    scene = Scene(FaultyTable(), declares=(declared(spec(1)),))
    await scene.director.once()
    scene.declare(declares=(declared(spec(1), spec(2)),))

    await scene.director.once()

    assert scene.whys() == {Why.CONFIG}


async def test_an_operators_reason_is_the_cause_of_what_it_changes():
    scene = Scene(FaultyTable(), declares=(declared(spec(1)),))
    await scene.director.once()
    scene.declare(declares=(declared(spec(1, weight=3)),))
    scene.director.converge(Cause(why=Why.OPERATOR, text="ann: a test"))

    await scene.director.once()

    assert [str(c.cause) for c in scene.told(TableChanged)[-1].changes] == [
        "operator: ann: a test"
    ]


async def test_a_refused_change_stops_no_other_and_is_shown_until_it_is_made():
    bad = {(VIP, rs(1)): errno.EINVAL}
    scene = Scene(FaultyTable(bad=bad), declares=(declared(spec(1), spec(2)),))

    await scene.director.once()
    scene.clock.seconds += 5
    await scene.director.once()

    assert set((await scene.standing())[VIP].entries) == {rs(2)}
    (trouble,) = scene.director.refusals
    assert (trouble.since, trouble.last, trouble.tries) == (1000.0, 1005.0, 2)
    assert len(scene.told(ChangeRefused)) == 1
    assert str(trouble.refusal) == (
        "ipvsadm -a -t 192.168.1.110:80 -r 10.1.1.1:80 -m -w 1: "
        "the kernel takes these values for invalid"
    )

    scene.live.bad = {}
    await scene.director.once()
    assert scene.director.refusals == ()
    assert scene.whys() == {Why.RETRY}


async def test_a_server_is_not_deleted_when_its_replacement_is_refused():
    bad = {(VIP, rs(9)): errno.EINVAL}
    scene = Scene(FaultyTable(table(pool(WEB, stands(1))), bad=bad), guards=(guard(1),))
    await scene.director.once()
    one, sorry = guard(1), guard(1, entry=spec(9))
    scene.declare(guards=(one, sorry))
    scene.director.report(one, DOWN)
    scene.director.report(sorry, UP)

    await scene.director.once()

    assert scene.live.serving(VIP) == {rs(1)}
    assert {t.refusal.code for t in scene.director.refusals} == {
        errno.EINVAL,
        errno.EAGAIN,
    }
    scene.live.bad = {}
    await scene.director.once()
    assert scene.live.serving(VIP) == {rs(9)}


async def test_an_unreadable_table_is_left_alone_and_told_once():
    scene = Scene(FaultyTable(unreadable=2), declares=(declared(spec(1)),))

    await scene.director.once()
    await scene.director.once()
    assert scene.live.applications == 0
    await scene.director.once()

    assert len(scene.told(TableUnreadable)) == 1
    assert len(scene.told(TableReadable)) == 1
    assert (await scene.standing())[VIP].entries


async def test_notes_are_told_when_they_appear_and_when_they_go():
    scene = Scene(FaultyTable(BOTH), declares=(declared(spec(1)),))
    await scene.director.once()
    scene.declare(declares=(declared(spec(1), spec(2)),))
    await scene.director.once()

    first, second = scene.told(NotesChanged)
    assert [note.kind for note in first.appeared] == [NoteKind.UNDECLARED]
    assert first.appeared == second.gone


async def test_a_virtual_address_that_no_device_has_is_noted():
    own = {ip_address("192.168.1.1")}

    async def addresses():
        return frozenset(own)

    pools = (declared(spec(1), spec(2)),)
    scene = Scene(FaultyTable(BOTH), declares=pools, addresses=addresses)
    async with running(scene.director):
        await until(lambda: scene.director.notes)
        assert [note.kind for note in scene.director.notes] == [NoteKind.NO_ADDRESS]

        own.add(VIP.address)
        scene.declare(declares=pools)  # a reload looks again
        await until(lambda: scene.director.notes == ())


async def test_no_pass_waits_for_the_addresses_of_this_machine():
    async def never():
        await asyncio.Event().wait()

    one = guard(1)
    scene = Scene(FaultyTable(BOTH), declares=(declared(spec(1), spec(2)),),
                  guards=(one,), addresses=never)  # fmt: skip
    async with running(scene.director):
        await until(lambda: scene.live.readings == 1)
        scene.director.report(one, DOWN)
        await until(lambda: scene.live.made)

    assert scene.director.notes == ()


async def test_a_plan_changes_nothing():
    scene = Scene(FaultyTable(), declares=(declared(spec(1)),))

    planned = await scene.director.plan()

    assert [change.as_ipvsadm() for change in planned] == [
        "-A -t 192.168.1.110:80 -s rr",
        "-a -t 192.168.1.110:80 -r 10.1.1.1:80 -m -w 1",
    ]
    assert await scene.standing() == {}


@contextlib.asynccontextmanager
async def running(director):
    async with asyncio.TaskGroup() as group:
        task = group.create_task(director.run())
        try:
            yield
        finally:
            task.cancel()


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0)


async def test_many_reports_in_one_turn_make_one_pass():
    guards = tuple(guard(n) for n in range(1, 9))
    scene = Scene(
        FaultyTable(table(pool(WEB, *(stands(n) for n in range(1, 9))))), guards=guards
    )
    async with running(scene.director):
        await until(lambda: scene.live.readings == 1)
        for each in guards[1:]:
            scene.director.report(each, DOWN)
        await until(lambda: len(scene.live.made) == 7)
        await until(lambda: not scene.director._one_at_a_time.locked())

    assert scene.live.readings == 2
    assert len(scene.told(TableChanged)) == 1


async def test_a_refused_change_is_tried_again_without_being_asked():
    """The clock stands at the time of the next try; nobody calls resync."""
    scene = Scene(FaultyTable(codes=[errno.EBUSY]), declares=(declared(spec(1)),))
    scene.director._now = asyncio.get_running_loop().time
    async with running(scene.director):
        await until(lambda: scene.live.serving(VIP))

    assert scene.whys() == {Why.RETRY}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_fails_the_table_is_as_desired_two_resyncs_later(data):
    """And nobody is left without a server on the way."""
    asyncio.run(_storm(data.draw))


async def _storm(draw):
    guards = tuple(guard(n) for n in range(1, 5))
    start = pool(WEB, *(stands(n) for n in sorted(draw(SOME))))
    live = FaultyTable(table(start))
    scene = Scene(live, declares=(declared(*map(spec, range(1, 5))),), guards=guards)
    live.watchers.append(lambda change, before, now: wanted_kept(before, now))

    def wanted_kept(before, now):
        up = {each.entry.server for each in guards if healths.get(each) is UP}
        if before and up:
            assert now, "somebody was served, somebody should be, nobody is"

    healths = {}
    for _ in range(draw(st.integers(1, 5))):
        for each in guards:
            healths[each] = draw(st.sampled_from((UP, DOWN)))
            scene.director.report(each, healths[each])
        live.codes.extend(draw(st.lists(st.sampled_from((0, *ERRORS)), max_size=8)))
        live.unreadable = draw(st.integers(0, 1))
        await scene.director.once()
    live.codes.clear()
    live.unreadable = 0
    await scene.director.once()
    await scene.director.once()
    up = {each.entry.server for each in guards if healths[each] is UP}
    assert set((await scene.standing())[VIP].entries) == up
    assert scene.director.refusals == ()
    assert await scene.director.plan() == ()


SOME = st.sets(st.integers(1, 4))
