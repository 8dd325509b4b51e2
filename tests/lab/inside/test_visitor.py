"""A client that writes down what came of each visit."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monlvs.lab.inside.visitor import FIRST, LAST, take_ports, visit
from tests.lab.loopback import loopback


@contextlib.asynccontextmanager
async def server(reply: bytes | None) -> AsyncIterator[str]:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if reply is None:
            await reader.read()  # silent until the client gives up
        else:
            writer.write(reply)
            await writer.drain()

    async with loopback(talk) as port:
        yield f"http://127.0.0.1:{port}/"


async def test_a_page_is_logged_with_its_times() -> None:
    async with server(b"HTTP/1.0 200 OK\r\nA: b\r\n\r\nrs2\n") as url:
        entry = await visit(url, 5)
    assert entry["body"] == "rs2\n"
    assert entry["began"] < entry["ended"]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (b"HTTP/1.0 503 Busy\r\n\r\n", "not a good reply: 'HTTP/1.0 503 Busy'"),
        (b"", "not a good reply: ''"),
        (None, "TimeoutError"),
    ],
)
async def test_anything_else_is_an_error(reply: bytes | None, error: str) -> None:
    async with server(reply) as url:
        entry = await visit(url, 0.3 if reply is None else 5)
    assert entry["error"] == error


async def test_a_refused_connection_is_an_error() -> None:
    async with server(b"") as url:
        pass
    assert "Connect call failed" in (await visit(url, 5))["error"]


def test_no_port_comes_twice_whichever_visitor_takes_it(tmp_path: Path) -> None:
    memory = tmp_path / "visitor.port"
    first = list(itertools.islice(take_ports(memory), 3))
    then = list(itertools.islice(take_ports(memory), LAST - FIRST - 1))
    assert first == [FIRST, FIRST + 1, FIRST + 2]
    assert then == [*range(FIRST + 3, LAST + 1), FIRST]
