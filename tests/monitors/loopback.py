"""Real servers on loopback, and the engine that checks them."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address

from monlvs.model.result import Outcome
from monlvs.wire.monitor import Exchanger, Target
from monlvs.wire.sockets import Sockets

LIMIT = 20.0
"""Seconds for what should be answered at once, on a busy machine."""
SHORT = 0.3
"""Seconds to wait for what never comes."""

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Served:
    """Where a server listens."""

    host: str
    port: int

    @property
    def target(self) -> Target:
        """The server's host as a target."""
        return Target(self.host, ip_address(self.host))


@asynccontextmanager
async def serving(
    talk: Talk,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Served]:
    """Serve `talk` to each client, at a port of the kernel's choice unless stated."""
    talks: list[asyncio.Task[None] | None] = []

    async def handle(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        talks.append(asyncio.current_task())
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await talk(reader, writer)
        finally:
            writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(handle, host, port, ssl=tls)
    try:
        yield Served(host, server.sockets[0].getsockname()[1])
    finally:
        await settle(server)
        server.close()
        await server.wait_closed()
        # Every client has gone by now: that is seen at the next read or write.
        async with asyncio.timeout(LIMIT):
            await asyncio.gather(*filter(None, talks), return_exceptions=True)


async def settle(server: asyncio.Server) -> None:
    """Accept nobody else, and let who was accepted last become a talk.

    That takes some turns of the loop, and of a server that is closed meanwhile asyncio
    drops the connection without closing it.
    """
    for listener in server.sockets:
        asyncio.get_running_loop().remove_reader(listener)
    for _ in range(20):
        await asyncio.sleep(0)


async def closed_port(host: str = "127.0.0.1") -> Served:
    """Return a port that nobody listens at any more."""

    async def nothing(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        return

    async with serving(nothing, host=host) as served:
        return served


async def check(
    monitor: Exchanger, target: Target, *, timeout: float = LIMIT
) -> Outcome:
    """Make one check of `target` through the engine."""
    with Sockets() as sockets:
        return await sockets.run(monitor.exchange(target, timeout=timeout))


async def silence(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Accept, listen until the client goes, and never say a word."""
    while await reader.read(4096):
        pass
