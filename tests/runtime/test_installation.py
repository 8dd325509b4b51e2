"""Machine, table and VIPs in one order; agreed upon as a whole, or nothing is done."""

import pytest

from monlvs.director.proposal import Outcome, PlanChangedError
from monlvs.model.config import Config
from monlvs.runtime.installation import Agreed, First, install, told
from tests.runtime.test_upkeep import MODULE, VIP, Room

LINES = ["make Module", "ipvsadm -A -t 192.0.2.1:80 -s rr", "make DeviceAddress"]


def room() -> Room:
    found = Room()
    found.wanted = {MODULE: False, VIP: False}
    return found


async def run(where: Room, agreed: Agreed | None = None) -> list[object]:
    async def change_table(table: str | None, first: First) -> Outcome:
        if agreed is not None and table != agreed.table:
            raise PlanChangedError
        await first()
        where.tried.append("table")
        return Outcome(changes=(), refusals=())

    planned = await where.upkeep.plan(Config())
    done = await install(where.upkeep, Config(), planned, change_table, agreed=agreed)
    return [each.get("machine") for each in done.changes]


async def test_the_machine_comes_first_and_vips_last() -> None:
    where = room()
    planned = told(await where.upkeep.plan(Config()), (), where.upkeep)
    assert await run(where) == [each["machine"] for each in planned]
    assert where.tried == [MODULE, "table", VIP]


async def test_another_plan_of_the_machine_than_was_agreed_upon_does_nothing() -> None:
    where = room()
    with pytest.raises(PlanChangedError):
        await run(where, Agreed.of([LINES[0]]))
    assert where.tried == []
    assert len(await run(where, Agreed.of(LINES))) == 2


def test_what_is_agreed_upon_goes_over_a_wire() -> None:
    agreed = Agreed.of(LINES)
    assert (
        Agreed.from_plain({"machine": agreed.machine, "table": agreed.table}) == agreed
    )
    assert Agreed.from_plain(None) is None
    assert agreed.table == Agreed.of(LINES[1:2]).table != Agreed.of([]).table


async def test_a_refusal_stops_nothing_else_and_is_told() -> None:
    where = room()
    where.refuses = {MODULE}
    planned = await where.upkeep.plan(Config())

    async def change_table(_: str | None, first: First) -> Outcome:
        await first()
        return Outcome(changes=(), refusals=())

    done = await install(where.upkeep, Config(), planned, change_table)
    assert [each["machine"] for each in done.changes] == ["make DeviceAddress"]
    (refusal,) = done.refusals
    assert refusal.startswith("make Module: no; root can: ")
