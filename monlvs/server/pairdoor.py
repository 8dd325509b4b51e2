"""Where the other director may ask how this one sees things.

Rule 1: only the other director's address is heard at all, and only who knows the secret
is answered. Rule 2: a question is of one length, has a short time, and changes nothing.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from monlvs.model.pair import Endpoint
from monlvs.wire import sealed

log = logging.getLogger("monlvs.pair")

AT_ONCE = 8
"""Connections at a time; the other director has one, or two while one is cut."""
PATIENCE = 3.0
"""Seconds for a question to come, and for an answer to be taken."""

Say = Callable[[sealed.Question], bytes]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A question that was not answered."""

    count: int
    """How many there were by then."""
    why: str
    at: float
    """On the loop's clock."""


class PairDoor:
    """Answers questions with what `say` returns, sealed."""

    def __init__(self, process: str, say: Say) -> None:
        """`process` names this one: what asks by that name is a mirror."""
        self._process = process.encode()
        self._say = say
        self._server: asyncio.Server | None = None
        self._peer = ""
        self._secret = b""
        self._guests: set[asyncio.StreamWriter] = set()
        self.place: Endpoint | None = None
        """Where it is open."""
        self.refusal: Refusal | None = None
        """The last one."""

    async def open(self, place: Endpoint) -> None:
        """Listen at `place`; raises OSError."""
        self.close()
        self._server = await asyncio.start_server(
            self._talk, str(place.address), place.port, limit=sealed.QUESTION_LENGTH
        )
        self.place = place

    @property
    def port(self) -> int:
        """The port that is open."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def admit(self, peer: Endpoint, secret: bytes) -> None:
        """Answer who asks from `peer`'s address and knows `secret`."""
        self._peer, self._secret = str(peer.address), secret

    def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
        for guest in self._guests:
            guest.transport.abort()
        self._server = self.place = None

    async def _talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._guests.add(writer)
        try:
            await self._answer(reader, writer)
        except sealed.SealError as error:
            self._refuse(writer, str(error))
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            writer.transport.abort()  # it has left, or says or takes nothing
        finally:
            self._guests.discard(writer)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if _address(writer) != self._peer or not self._secret:
            raise sealed.SealError("it is not the other director")
        if len(self._guests) > AT_ONCE:
            raise sealed.SealError("too many at once")
        async with asyncio.timeout(PATIENCE):
            line = await reader.readexactly(sealed.QUESTION_LENGTH)
        question = sealed.read_question(line, self._secret)
        if question.asker == self._process:
            raise sealed.SealError("it is this director itself")
        said = sealed.answer(question, self._say(question), self._secret)
        async with asyncio.timeout(PATIENCE):
            writer.write(said)
            await writer.drain()

    def _refuse(self, writer: asyncio.StreamWriter, why: str) -> None:
        before, words = self.refusal, f"from {_address(writer)}: {why}"
        count = 1 if before is None else before.count + 1
        now = asyncio.get_running_loop().time()
        self.refusal = Refusal(count, words, now)
        if before is None or words != before.why:  # who asks again is told once
            log.warning("a question was refused, %s", words)


def _address(writer: asyncio.StreamWriter) -> str:
    with suppress(TypeError, IndexError):
        return str(writer.get_extra_info("peername")[0])
    return "nowhere"
