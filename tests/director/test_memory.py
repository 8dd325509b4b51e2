"""The table in memory. That the kernel has the same rules is test_kernel's business."""

import errno

from monlvs.director.changes import (
    AddServer,
    AddService,
    DeleteServer,
    DeleteService,
    SetServer,
)
from monlvs.director.memory import MemoryTable
from monlvs.model.lvs import VirtualService
from tests.director.strategies import pool, table
from tests.director.worlds import VIP, WEB, rs, stands


async def test_changes_are_made_whatever_stands_there_already():
    live = MemoryTable(table(pool(WEB, stands(1))))

    refusals = await live.apply(
        [
            AddService(service=VirtualService(key=VIP, scheduler="wlc")),
            AddServer(parent=WEB, entry=stands(1, weight=3)),
            SetServer(parent=WEB, entry=stands(2)),
            DeleteServer(key=VIP, server=rs(3)),
        ]
    )

    assert refusals == ()
    (found,) = (await live.read()).table.values()
    assert found.service.scheduler == "wlc"
    assert {e.server: e.weight for e in found.entries.values()} == {rs(1): 3, rs(2): 1}


async def test_a_server_brings_its_missing_service_along():
    live = MemoryTable()
    assert await live.apply([AddServer(parent=WEB, entry=stands(1))]) == ()
    assert (await live.read()).table == table(pool(WEB, stands(1)))


async def test_a_refused_change_stops_no_other():
    live = MemoryTable(table(pool(WEB)))
    bad = AddServer(parent=WEB, entry=stands(1, lower=9))

    (refusal,) = await live.apply([bad, AddServer(parent=WEB, entry=stands(2))])

    assert (refusal.change, refusal.code) == (bad, errno.ERANGE)
    assert set((await live.read()).table[VIP].entries) == {rs(2)}


async def test_a_reading_does_not_change_with_the_table():
    live = MemoryTable(table(pool(WEB, stands(1))))
    before = await live.read()

    await live.apply([DeleteService(key=VIP)])

    assert set(before.table[VIP].entries) == {rs(1)}
    assert (await live.read()).table == {}
