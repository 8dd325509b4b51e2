"""Real servers on loopback that talk as a test tells them to."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from monlvs.wire.exchange import Exchange, Expect, HttpReply, http_request
from tests.monitors.loopback import settle

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

LOOPBACK = ip_address("127.0.0.1")
REQUEST = http_request(host="localhost")


@asynccontextmanager
async def serving(
    talk: Talk, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[int]:
    """Serve `talk` and yield the port; what still talks at the end is cancelled."""
    talking: set[asyncio.Task[Any]] = set()

    async def handle(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        talking.add(task)
        try:
            await talk(reader, writer)
        except (ConnectionError, EOFError):
            pass  # the check has what it wanted and has gone
        finally:
            writer.close()

    server = await asyncio.start_server(handle, host, 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        await settle(server)
        server.close()
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)
        await server.wait_closed()


def says(*pieces: bytes, after: bytes = b"", close: bool = True) -> Talk:
    """Make a server that reads up to `after` and then sends each piece as a packet."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if after:
            await reader.readuntil(after)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)  # let the engine see this piece alone
        if not close:
            await silence(reader, writer)

    return talk


def answers(*pieces: bytes, close: bool = True) -> Talk:
    """Make a server that waits for an HTTP request and then sends each piece."""
    return says(*pieces, after=b"\r\n\r\n", close=close)


async def silence(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Say nothing for as long as the peer stays."""
    while await reader.read(4096):
        pass


async def reset(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close with a reset, at once."""
    on_for_no_time = struct.pack("ii", 1, 0)
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, on_for_no_time)
    writer.transport.abort()


def http_check(port: int, expect: Expect | None = None, **terms: Any) -> Exchange:
    """Make an HTTP check of a server on loopback, with short patience."""
    terms.setdefault("timeout", 5.0)
    return Exchange(
        address=LOOPBACK, port=port, send=REQUEST, expect=expect or HttpReply(), **terms
    )


def closed_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def descriptors() -> set[str]:
    """Name the open descriptors of this process and what they are of."""
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found.add(f"{entry.name} {entry.readlink()}")
        except FileNotFoundError:
            continue  # the descriptor that lists the directory
    return found
