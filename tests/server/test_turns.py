"""Turns at the loop."""

import asyncio
import time

from monlvs.server.turns import Turns


async def test_after_a_turn_the_others_have_the_loop_for_as_long() -> None:
    turns, loop = Turns(), asyncio.get_running_loop()
    begun = loop.time()
    for _ in range(3):
        async with turns:
            until = time.monotonic() + 0.02
            while time.monotonic() < until:
                pass
    assert loop.time() - begun >= 0.11


async def test_turns_come_in_the_order_of_asking() -> None:
    turns, order = Turns(), list[int]()

    async def one(number: int) -> None:
        async with turns:
            order.append(number)

    async with asyncio.TaskGroup() as tasks:
        for number in range(20):
            tasks.create_task(one(number))
    assert order == list(range(20))
