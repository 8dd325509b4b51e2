"""Servers that say their lines when the client has said its own."""

import asyncio

from tests.monitors.loopback import Talk


def script(*turns: tuple[str, str]) -> Talk:
    """Serve turns of (what the server says, the line that the client has to say then);
    a client that says something else is left without an answer."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for says, awaits in turns:
            writer.write(says.encode())
            if awaits and (await reader.readline()).decode().strip() != awaits:
                await reader.read()
                return

    return talk
