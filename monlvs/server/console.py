"""The operator's door: a unix socket that `monlvs status`, `why`, `ack` … speak to.

One JSON object per line in, one per line out. Who may open the socket may speak; who is
speaking is told by the kernel (unix(7), SO_PEERCRED), not by the speaker.
"""

import asyncio
import json
import logging
import os
import pwd
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

log = logging.getLogger("monlvs.console")

SOCKET = "console.sock"
LONGEST = 65_536
"""Bytes a question may have."""
PATIENCE = 10.0
"""Seconds that a client has for a question."""
_CREDENTIALS = struct.Struct("3i")

Plain = dict[str, Any]
Answer = Callable[[Plain, str], Awaitable[Plain]]


class QuestionError(Exception):
    """A question cannot be answered; the message says why."""


class Console:
    """Answers on a socket in `directory`; an async context manager."""

    def __init__(self, directory: Path, answer: Answer) -> None:
        self._path = directory / SOCKET
        self._answer = answer
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "Console":
        """Open the socket; a daemon that cannot do so watches on without it."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
        try:
            self._server = await asyncio.start_unix_server(
                self._talk, self._path, limit=LONGEST
            )
            self._path.chmod(0o660)
        except OSError as error:
            log.error("%s: %s; `monlvs status` cannot ask", self._path, error.strerror)  # noqa: TRY400  people get a sentence
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        if self._server is not None:
            self._server.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    async def _talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError, TimeoutError, ValueError):
            async with asyncio.timeout(PATIENCE):
                line = await reader.readline()
            # An act is not cut short, however long it takes and whoever has left.
            reply = await self._reply(line, _speaker(writer))
            async with asyncio.timeout(PATIENCE):
                writer.write(json.dumps(reply).encode() + b"\n")
                await writer.drain()
        writer.close()

    async def _reply(self, line: bytes, who: str) -> Plain:
        try:
            question = json.loads(line)
        except ValueError:
            question = None
        if not isinstance(question, dict):
            return {"error": "expected a JSON object in one line"}
        try:
            return {"answer": await self._answer(question, who)}
        except QuestionError as error:
            return {"error": str(error)}


def _speaker(writer: asyncio.StreamWriter) -> str:
    sock = writer.get_extra_info("socket")
    data = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, uid, _ = _CREDENTIALS.unpack(data)
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def ask(directory: Path, question: Plain, *, limit: float = PATIENCE) -> Plain:
    """Ask a running daemon; raises QuestionError with what it says against it.

    Raises OSError when no daemon listens in `directory`, or none answers in `limit`
    seconds.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(limit)
        sock.connect(os.fspath(directory / SOCKET))
        sock.sendall(json.dumps(question).encode() + b"\n")
        with sock.makefile("rb") as file:
            reply = json.loads(file.readline() or b"{}")
    if "answer" not in reply:
        raise QuestionError(reply.get("error", "the daemon said nothing"))
    answer = reply["answer"]
    assert isinstance(answer, dict)
    return answer
