"""mon's client port: one request a line, one reply at a time, many clients.

Rule 1: a client that is slow, silent, flooding or speaking nonsense costs a place at the
door, 64 KiB to read into and 64 KiB to write from, and nobody else's time. Rule 2: a
request of one client is answered before its next one is read.
"""

import asyncio
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from struct import pack
from typing import Protocol

from monlvs.model.mon import MonSettings
from monlvs.mon.escape import to_text
from monlvs.mon.replies import Reply
from monlvs.server.door import AllowedClients, Door, Guest
from monlvs.server.reply import Answer, Awaited, Stream, closes, encoded
from monlvs.server.reserved import BACKLOG
from monlvs.server.session import Session
from monlvs.server.turns import Turns

log = logging.getLogger("monlvs.server")

LINE_LIMIT = 65_536
"""Bytes of one request."""
_BATCH = 65_536
"""Bytes written before waiting for the client to take them."""
_BATCH_SECONDS = 0.004
"""Seconds that one turn of making lines may take."""
PACE = 0.1
"""Seconds from a client's coming, or its last reply, to its next reply at the earliest."""
_FAREWELL = 5.0
"""Seconds that a client has to take its last reply."""


class Answers(Protocol):
    """What answers requests."""

    def answer(self, session: Session, line: str) -> Awaited:
        """Return the reply to one request, or what it is awaited from."""


class Clients:
    """The listening socket and all connections; an async context manager's inside."""

    kind = socket.SOCK_STREAM

    def __init__(
        self,
        answers: Answers,
        settings: Callable[[], MonSettings],
        tasks: asyncio.TaskGroup,
        *,
        door: Door | None = None,
        pace: float = PACE,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`settings` is asked at each connection: a reset may have changed them.

        `tell` is given what mon would write to syslog.
        """
        self._answers = answers
        self._settings = settings
        self._tasks = tasks
        self._tell = tell
        self._pace = pace
        self._door = Door() if door is None else door
        self._turns = Turns()
        self._writers: dict[Guest, asyncio.StreamWriter] = {}
        self._server: asyncio.Server | None = None
        self._allowed: tuple[str | None, AllowedClients] = (None, AllowedClients(None))

    async def listen(
        self, host: str, port: int, *, opened: socket.socket | None = None
    ) -> int:
        """Open the port, unless it is `opened` already; return its number.

        Raises OSError.
        """
        place = {"sock": opened} if opened else {"host": host, "port": port}
        self._server = await asyncio.start_server(
            self._greet, **place, limit=LINE_LIMIT, backlog=BACKLOG
        )
        return int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Take no more clients, and drop those that are there."""
        if self._server is not None:
            self._server.close()
        for writer in self._writers.values():
            writer.transport.abort()

    def _greet(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        peer = writer.get_extra_info("peername")
        if peer is None:  # gone already
            writer.transport.abort()
            return
        address = str(peer[0])
        if address not in self._allowance():
            log.warning("client %s is not allowed (clientallow)", address)
            writer.transport.abort()
            return
        guest, leaving = self._door.admit(address, now=self._now())
        if leaving is not None and leaving in self._writers:
            self._writers.pop(leaving).transport.abort()
        if guest is None:
            writer.write(b"520 too many clients\n")
            writer.close()  # one short line: it is in the kernel by now
            return
        self._writers[guest] = writer
        session = Session(address=address, name=f"{address}:{peer[1]}")
        self._tasks.create_task(self._serve(guest, session, reader, writer))

    async def _serve(
        self,
        guest: Guest,
        session: Session,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._tell(f"client connection from {session.name}")
        try:
            while await self._one(guest, session, reader, writer):
                guest.busy, guest.since = False, self._now()
            await _end(writer)
        except TimeoutError:
            seconds = self._settings().cltimeout.total_seconds()
            if not guest.told_to_go:
                self._tell(f"closing client {session.name}: timeout after {seconds:g}s")
        except OSError as error:
            log.debug("client %s: %s", session.name, error)
        except Exception:  # one client's request must not end the daemon
            log.exception("client %s: could not be answered", session.name)
        finally:
            _drop(writer)
            self._writers.pop(guest, None)
            self._door.leave(guest)

    async def _one(
        self,
        guest: Guest,
        session: Session,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool:
        """Answer one request; return whether the client may send another one."""
        limit = self._settings().cltimeout.total_seconds()
        async with asyncio.timeout(limit):
            try:
                data = await reader.readuntil(b"\n")
            except asyncio.IncompleteReadError:
                return False
            except asyncio.LimitOverrunError:
                writer.write(b"520 line too long\n")
                return False
        guest.busy = True
        await asyncio.sleep(max(guest.since + self._pace - self._now(), 0.0))
        async with self._turns:
            answer = self._answers.answer(session, to_text(data))
        reply = answer if isinstance(answer, Reply | Stream) else await answer
        await self._write(reply, writer, limit)
        return not closes(reply)

    async def _write(
        self, answer: Answer, writer: asyncio.StreamWriter, limit: float
    ) -> None:
        """Write a reply, no faster than the client takes it."""
        lines = encoded(answer)
        while True:
            async with self._turns:
                batch = self._batch(lines)
                writer.write(batch)
            if not batch:
                return
            async with asyncio.timeout(limit):
                await writer.drain()

    def _batch(self, lines: Iterator[bytes]) -> bytes:
        until = self._now() + _BATCH_SECONDS
        batch, size = list[bytes](), 0
        for line in lines:
            batch.append(line)
            size += len(line)
            if size >= _BATCH or self._now() >= until:
                break
        return b"".join(batch)

    def _allowance(self) -> AllowedClients:
        pattern = self._settings().clientallow
        if pattern != self._allowed[0]:
            self._allowed = (pattern, AllowedClients(pattern))
        return self._allowed[1]

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def _drop(writer: asyncio.StreamWriter) -> None:
    """End a connection; what the client has not taken, the kernel keeps no more."""
    if writer.transport.get_write_buffer_size():
        sock = writer.get_extra_info("socket")
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, pack("ii", 1, 0))
    writer.transport.abort()


async def _end(writer: asyncio.StreamWriter) -> None:
    """Close once the client has all of its last reply, or has had time for it."""
    writer.close()
    with suppress(TimeoutError, OSError):
        async with asyncio.timeout(_FAREWELL):
            await writer.wait_closed()
