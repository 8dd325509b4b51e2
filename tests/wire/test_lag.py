"""When silence proves nothing."""

import asyncio
import time

import pytest

from monlvs.wire.lag import LagMeter, is_late


@pytest.mark.parametrize(
    ("overdue", "timeout", "late"),
    [
        (0.0, 1.0, False),
        (0.2, 0.1, False),
        (0.21, 0.1, True),
        (0.25, 1.0, False),
        (0.26, 1.0, True),
        (2.0, 10.0, False),
        (2.6, 10.0, True),
    ],
)
def test_a_quarter_of_the_time_limit_is_tolerated(
    overdue: float, timeout: float, late: bool
) -> None:
    assert is_late(overdue, timeout) is late


async def test_a_stall_is_noticed_with_its_length() -> None:
    loop = asyncio.get_running_loop()
    needed = True
    lag = LagMeter(lambda: needed)
    before = loop.time()
    lag.start()
    time.sleep(0.5)
    needed = False
    async with asyncio.timeout(5):
        while lag.is_running:
            await asyncio.sleep(0)

    assert 0.3 < lag.worst_since(before) < 1
    assert lag.worst_since(loop.time()) == 0.0


async def test_it_ends_by_itself_when_it_is_not_needed() -> None:
    lag = LagMeter(lambda: False)
    lag.start()
    async with asyncio.timeout(5):
        while lag.is_running:
            await asyncio.sleep(0.01)

    assert lag.worst_since(0.0) < 0.2
