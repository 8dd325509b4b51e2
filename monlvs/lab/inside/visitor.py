"""A client that never tires: asks a web server for its page, again and again.

    visitor.py LOG URL INTERVAL LIMIT

Every INTERVAL seconds a new connection, each with LIMIT seconds in all; a slow one
does not hold up the next. One JSON line per request, when it is over: `began`,
`ended` (CLOCK_MONOTONIC), `body` or `error`.
"""

import asyncio
import json
import sys
import time
from typing import TextIO
from urllib.parse import urlsplit


async def visit(url: str, limit: float) -> dict[str, object]:
    """Fetch `url` once over a connection of its own; return what to log."""
    began = time.monotonic()
    result: dict[str, object]
    try:
        async with asyncio.timeout(limit):
            result = {"body": await fetch(url)}
    except (OSError, ValueError) as error:  # TimeoutError is an OSError
        result = {"error": str(error) or type(error).__name__}
    return {"began": began, "ended": time.monotonic(), **result}


async def fetch(url: str) -> str:
    """Return the body of the page at `url`; ValueError unless its status is 200."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
    try:
        request = f"GET {parts.path or '/'} HTTP/1.0\r\nHost: {parts.netloc}\r\n\r\n"
        writer.write(request.encode())
        reply = await reader.read(-1)
    finally:
        writer.close()
    head, _, body = reply.decode(errors="replace").partition("\r\n\r\n")
    status = head.partition("\r\n")[0]
    if " 200 " not in f"{status} ":
        raise ValueError(f"not a good reply: {status!r}")
    return body


async def keep_visiting(log: TextIO, url: str, interval: float, limit: float) -> None:
    """Visit `url` for ever."""

    async def log_one() -> None:
        log.write(json.dumps(await visit(url, limit)) + "\n")

    due = time.monotonic()
    async with asyncio.TaskGroup() as group:
        while True:
            group.create_task(log_one())
            due = max(due + interval, time.monotonic())
            await asyncio.sleep(due - time.monotonic())


def main() -> None:
    """Visit as the arguments say, until killed."""
    path, url, interval, limit = sys.argv[1:]
    with open(path, "a", buffering=1, encoding="utf-8") as log:  # noqa: PTH123  # pathlib costs its import
        asyncio.run(keep_visiting(log, url, float(interval), float(limit)))


if __name__ == "__main__":
    main()
