"""The director rests after a long pass, and not while a real server has to go."""

import asyncio
import contextlib

import pytest

from monlvs.director.changes import Cause, Why
from monlvs.director.memory import MemoryTable
from monlvs.director.reconcile import Director
from monlvs.model.config import Config
from tests.director.strategies import pool, table
from tests.director.worlds import DOWN, UP, WEB, guard, rs, stands

GUARDS = tuple(guard(n) for n in range(1, 10))
TOOK = 0.2


class SlowTable(MemoryTable):
    """A table in memory whose reading takes a while; remembers when it was read."""

    def __init__(self, *servers):
        super().__init__(table(pool(WEB, *servers)))
        self.read_at = []

    async def read(self):
        self.read_at.append(asyncio.get_running_loop().time())
        await asyncio.sleep(TOOK)
        return await super().read()

    def servers(self):
        return set(self._entries[WEB.key])


@contextlib.asynccontextmanager
async def resting(live):
    """A director that has just made its first pass, and rests."""
    loop = asyncio.get_running_loop()
    director = Director(live, now=loop.time, on_event=lambda _: None)
    director.declare(Config(guards=GUARDS))
    async with asyncio.TaskGroup() as group:
        task = group.create_task(director.run())
        await until(lambda: director.desired)
        await asyncio.sleep(0)
        yield director
        task.cancel()


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)


async def test_servers_that_come_up_one_by_one_in_a_rest_come_in_with_one_pass():
    live = SlowTable(stands(1))
    async with resting(live) as director:
        for each in GUARDS:
            director.report(each, UP)
            await asyncio.sleep(TOOK / 10)
        await until(lambda: len(live.servers()) == len(GUARDS))
        assert len(live.read_at) == 2
        assert live.read_at[1] - live.read_at[0] >= 3.5 * TOOK


@pytest.mark.parametrize("ask", ["failure", "operator"])
async def test_neither_a_failure_nor_an_operator_waits_for_the_end_of_a_rest(ask):
    live = SlowTable(stands(1), stands(2))
    async with resting(live) as director:
        director.report(GUARDS[2], UP)
        asked = asyncio.get_running_loop().time()
        if ask == "failure":
            director.report(GUARDS[1], DOWN)
        else:
            director.converge(Cause(why=Why.OPERATOR, text="ann: now"))
        await until(lambda: len(live.read_at) == 2)
        assert live.read_at[1] - asked < TOOK
        if ask == "failure":
            await until(lambda: rs(2) not in live.servers())


async def test_a_failure_during_a_pass_makes_the_rest_after_it_short():
    live = SlowTable(stands(1), stands(2))
    async with resting(live) as director:
        director.converge()
        await until(lambda: len(live.read_at) == 2)
        director.report(GUARDS[1], DOWN)
        await until(lambda: len(live.read_at) == 3)
        assert live.read_at[2] - live.read_at[1] < 2 * TOOK
