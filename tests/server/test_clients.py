"""What clients may do, and what they cannot do to others."""

import asyncio
import logging
import socket
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from monlvs.model.mon import MonSettings
from tests.server.running import EOF, connected, echoing


async def test_a_client_gives_any_number_of_commands() -> None:
    async with echoing() as (port, _), connected(port) as wire:
        assert await wire.ask("one") == ["220 one completed"]
        assert await wire.ask("two") == ["220 two completed"]


async def test_lines_may_end_as_on_the_internet() -> None:
    async with echoing() as (port, _), connected(port) as wire:
        assert await wire.ask("one\r") == ["220 one completed"]


async def test_commands_sent_at_once_are_answered_in_order() -> None:
    async with echoing() as (port, _), connected(port) as wire:
        wire.writer.write(b"one\ntwo\nthree\n")
        told = [await wire.reply() for _ in range(3)]
        assert told == [[f"220 {w} completed"] for w in ("one", "two", "three")]


async def test_the_connection_ends_with_quit() -> None:
    async with echoing() as (port, _), connected(port) as wire:
        assert await wire.ask("quit") == ["220 quitting"]
        assert await wire.reply() == [EOF]


async def test_a_half_closed_client_gets_its_replies() -> None:
    async with echoing() as (port, _), connected(port) as wire:
        wire.writer.write(b"one\nmany 3\nincomplete")
        wire.writer.write_eof()
        assert await wire.reply() == ["220 one completed"]
        assert len(await wire.reply()) == 4
        assert await wire.reply() == [EOF]


async def test_binary_junk_is_answered_like_any_line() -> None:
    async with echoing() as (port, echo), connected(port) as wire:
        wire.writer.write(bytes(range(256)).replace(b"\n", b"") + b"\n")
        assert len(await wire.reply()) == 1
        assert len(echo.asked) == 1


async def test_a_line_that_is_too_long_ends_the_connection() -> None:
    async with echoing() as (port, echo), connected(port) as wire:
        wire.writer.write(b"x" * 200_000)
        assert await wire.reply() in (["520 line too long"], [EOF])
        assert echo.asked == []


async def test_a_silent_client_is_sent_away() -> None:
    settings = MonSettings(cltimeout=timedelta(milliseconds=200))
    async with echoing(settings) as (port, _), connected(port) as wire:
        assert await wire.reply() == [EOF]


async def test_a_client_that_takes_nothing_is_made_little_for_and_sent_away() -> None:
    settings = MonSettings(cltimeout=timedelta(milliseconds=300))
    async with echoing(settings) as (port, echo):
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.connect(("127.0.0.1", port))
            sock.sendall(b"many 1000000\n" * 50)
            async with connected(port) as wire:  # others go on meanwhile
                assert await wire.ask("one") == ["220 one completed"]
            sock.setblocking(False)
            async with asyncio.timeout(20):
                while not _is_reset(sock):
                    await asyncio.sleep(0.02)
        assert echo.made < 20_000
        assert echo.asked.count("many 1000000") == 1


def _is_reset(sock: socket.socket) -> bool:
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0


async def test_a_long_list_is_not_made_faster_than_it_is_taken() -> None:
    async with echoing() as (port, _), connected(port) as wire:
        told = await wire.ask("many 20000")
        assert len(told) == 20_001
        assert told[-1] == "220 many completed"


async def test_a_command_that_breaks_ends_one_connection_only(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with echoing() as (port, _), connected(port) as other:
        async with connected(port) as wire:
            assert await wire.ask("break") == [EOF]
        assert await other.ask("one") == ["220 one completed"]
    assert [r.levelno for r in caplog.records] == [logging.ERROR]


async def test_a_flood_of_connections_is_refused_beyond_the_limit() -> None:
    async with echoing(limit=5) as (port, _), AsyncExitStack() as stack:
        first = [await stack.enter_async_context(connected(port)) for _ in range(5)]
        for wire in first:
            assert await wire.ask("one") == ["220 one completed"]
        late = await stack.enter_async_context(connected(port))
        assert await late.reply() == ["520 too many clients"]
        assert await first[0].ask("two") == ["220 two completed"]


async def test_a_thousand_connections_at_once_leave_the_port_usable() -> None:
    async with echoing(limit=50) as (port, _):
        socks = []
        try:
            for _ in range(800):
                sock = socket.socket()
                sock.setblocking(False)
                sock.connect_ex(("127.0.0.1", port))
                socks.append(sock)
            await asyncio.sleep(0)
        finally:
            for sock in socks:
                sock.close()
        async with asyncio.timeout(30):
            while True:
                async with connected(port) as wire:
                    if await wire.ask("one") == ["220 one completed"]:
                        return


@pytest.mark.parametrize(
    ("pattern", "allowed"),
    [
        (r"127\.0\.0\.\d+", True),
        (r"127\.0\.0", False),
        (r"10\..*", False),
        ("(", False),
    ],
)
async def test_only_clients_that_match_clientallow_wholly_are_served(
    pattern: str, allowed: bool
) -> None:
    settings = MonSettings(clientallow=pattern)
    async with echoing(settings) as (port, _), connected(port) as wire:
        wire.writer.write(b"one\n")
        assert await wire.reply() == (["220 one completed"] if allowed else [EOF])


async def test_a_client_is_not_answered_faster_than_the_pace() -> None:
    loop = asyncio.get_running_loop()
    async with echoing(pace=0.05) as (port, _), connected(port) as wire:
        begun = loop.time()
        for _ in range(4):
            await wire.ask("one")
        assert loop.time() - begun >= 0.19
