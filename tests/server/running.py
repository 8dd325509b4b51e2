"""Clients' ports to be tested, and clients."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from monlvs.model.mon import MonSettings
from monlvs.mon.replies import QUITTING, done
from monlvs.server.clients import Clients
from monlvs.server.door import Door
from monlvs.server.reply import Awaited, Stream
from monlvs.server.session import Session
from tests.runtime.tasks import passing_tasks

EOF = "<EOF>"
"""Stands for the end of a connection."""


@dataclass
class Wire:
    """One client's connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, line: str) -> list[str]:
        """Send a line; return the lines of the reply, the one with the code last."""
        self.writer.write(line.encode() + b"\n")
        await self.writer.drain()
        return await self.reply()

    async def reply(self) -> list[str]:
        """Return the lines of the next reply."""
        told: list[str] = []
        async with asyncio.timeout(30):
            while True:
                try:
                    data = await self.reader.readline()
                except ConnectionError:
                    data = b""
                line = data.decode(errors="replace").removesuffix("\n") if data else EOF
                told.append(line)
                if not data or (line[:3].isdecimal() and line[3:4] == " "):
                    return told


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Wire]:
    """A client of a port on this machine."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    try:
        yield Wire(reader, writer)
    finally:
        writer.transport.abort()


@dataclass
class Echo:
    """Answers with what it was asked, with long lists where it is asked for them."""

    asked: list[str] = field(default_factory=list)
    made: int = 0
    """Lines of long lists that were made."""

    def answer(self, session: Session, line: str) -> Awaited:
        line = line.rstrip("\r\n")
        self.asked.append(line)
        if line == "quit":
            return QUITTING
        if line == "break":
            raise RuntimeError("meant")
        if line.startswith("many "):
            return Stream(self._lines(int(line.split()[1])), done("many completed"))
        return done(f"{line} completed")

    def _lines(self, count: int) -> Iterator[str]:
        for _ in range(count):
            self.made += 1
            yield "x" * 999


@asynccontextmanager
async def echoing(
    settings: MonSettings | None = None, *, limit: int = 256, pace: float = 0.0
) -> AsyncIterator[tuple[int, Echo]]:
    """A clients' port that answers with what it is asked."""
    told = settings or MonSettings()
    async with passing_tasks() as tasks:
        echo = Echo()
        clients = Clients(echo, lambda: told, tasks, door=Door(limit), pace=pace)
        port = await clients.listen("127.0.0.1", 0)
        try:
            yield port, echo
        finally:
            clients.close()
