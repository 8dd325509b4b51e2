"""The tests' own servers leave nothing open behind."""

import asyncio
import gc
import socket

import pytest

from tests.monitors.loopback import serving, silence


@pytest.mark.parametrize("turns", range(5))
async def test_a_server_that_ends_just_after_a_client_came_leaves_nothing_open(
    turns: int,
) -> None:
    async with serving(silence) as served:
        with socket.socket() as client:
            client.setblocking(False)
            client.connect_ex((served.host, served.port))
            for _ in range(turns):
                await asyncio.sleep(0)
    gc.collect()  # what was left open says so now, and that is an error
