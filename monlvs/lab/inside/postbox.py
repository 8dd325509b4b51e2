"""A mail server that keeps what it is given (RFC 5321, as much as senders need).

    postbox.py LOG ADDRESS PORT

One JSON line per message: `at` (CLOCK_MONOTONIC), `sender`, `recipients`, `text`
(headers and body). It accepts every address and relays nothing.
"""

import asyncio
import json
import sys
import time
from typing import TextIO


class Session:
    """One sender's connection."""

    def __init__(
        self, log: TextIO, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._log = log
        self._reader = reader
        self._writer = writer
        self._sender: str | None = None
        self._recipients: list[str] = []

    async def serve(self) -> None:
        """Answer commands until QUIT or the end of the connection."""
        self._say("220 postbox ESMTP")
        try:
            while line := await self._reader.readline():
                verb, _, rest = line.decode(errors="replace").strip().partition(" ")
                await self._obey(verb.upper(), rest)
                if verb.upper() == "QUIT":
                    return
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            self._writer.close()

    async def _obey(self, verb: str, rest: str) -> None:
        match verb:
            case "EHLO":
                self._say("250-postbox", "250-8BITMIME", "250 SMTPUTF8")
            case "HELO" | "NOOP":
                self._say("250 OK")
            case "RSET":
                self._clear()
                self._say("250 OK")
            case "MAIL":
                self._clear()
                self._sender = mailbox(rest)
                self._say("250 OK")
            case "RCPT" if self._sender is not None:
                self._recipients.append(mailbox(rest))
                self._say("250 OK")
            case "DATA" if self._recipients:
                await self._receive()
            case "QUIT":
                self._say("221 Bye")
            case "RCPT" | "DATA":
                self._say("503 Bad sequence of commands")
            case _:
                self._say("502 Command not implemented")
        await self._writer.drain()

    async def _receive(self) -> None:
        self._say("354 End data with <CR><LF>.<CR><LF>")
        text = []
        while (line := await self._reader.readuntil(b"\n")) != b".\r\n":
            text.append(line.removeprefix(b"."))  # dot stuffing, RFC 5321 4.5.2
        entry = {
            "at": time.monotonic(),
            "sender": self._sender,
            "recipients": self._recipients,
            "text": b"".join(text).decode(errors="replace").replace("\r\n", "\n"),
        }
        self._log.write(json.dumps(entry) + "\n")
        self._say("250 OK")
        self._clear()

    def _clear(self) -> None:
        self._sender = None
        self._recipients = []

    def _say(self, *lines: str) -> None:
        self._writer.write("".join(f"{line}\r\n" for line in lines).encode())


def mailbox(argument: str) -> str:
    """Return the address in the argument of MAIL or RCPT: FROM:<who@where> …"""
    return argument.partition("<")[2].partition(">")[0]


async def serve(log: TextIO, address: str, port: int) -> None:
    """Accept mail for ever."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Session(log, reader, writer).serve()

    server = await asyncio.start_server(talk, address, port)
    async with server:
        await server.serve_forever()


def main() -> None:
    """Serve as the arguments say, until killed."""
    path, address, port = sys.argv[1:]
    with open(path, "a", buffering=1, encoding="utf-8") as log:  # noqa: PTH123  # pathlib costs its import
        asyncio.run(serve(log, address, int(port)))


if __name__ == "__main__":
    main()
