"""A client that never tires: asks a web server for its page, again and again.

    visitor.py LOG URL INTERVAL LIMIT

Every INTERVAL seconds a new connection, each with LIMIT seconds in all; a slow one
does not hold up the next. One JSON line per request, when it is over: `began`,
`ended` (CLOCK_MONOTONIC), `port` (its own), `body` or `error`.

Each visit comes from a port of its own, as if from a client who was never here. The
kernel's choice goes to another place every ten seconds and soon comes back to ports
that it has used; but IPVS remembers a port's connection for up to two minutes after
its end, and drops the packets of one whose server has left the table
(expire_nodest_conn in the kernel's ipvs-sysctl). The next port stands in a file beside
LOG, for the visitors after this one.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

FIRST, LAST = 1024, 32767
"""Below the ports that the kernel gives to other programs (ip_local_port_range)."""


def take_ports(memory: Path) -> Iterator[int]:
    """Yield ports, none twice until all were taken; `memory` is the file of the next."""
    file = os.open(memory, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        port = int(os.pread(file, 5, 0) or FIRST)
        while True:
            following = port + 1 if port < LAST else FIRST
            # In place and at once: a visitor may be killed at any moment.
            os.pwrite(file, b"%05d" % following, 0)
            yield port
            port = following
    finally:
        os.close(file)


async def visit(url: str, limit: float, port: int = 0) -> dict[str, object]:
    """Fetch `url` once, from `port` or any if 0; return what to log."""
    began = time.monotonic()
    result: dict[str, object]
    try:
        async with asyncio.timeout(limit):
            result = {"body": await fetch(url, port)}
    except (OSError, ValueError) as error:  # TimeoutError is an OSError
        result = {"error": str(error) or type(error).__name__}
    return {"began": began, "ended": time.monotonic(), "port": port, **result}


async def fetch(url: str, port: int = 0) -> str:
    """Return the body of the page at `url`; ValueError unless its status is 200."""
    parts = urlsplit(url)
    anywhere = "::" if ":" in (parts.hostname or "") else "0.0.0.0"  # noqa: S104  # a client's end
    reader, writer = await asyncio.open_connection(
        parts.hostname, parts.port or 80, local_addr=(anywhere, port)
    )
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

    ports = take_ports(Path(log.name).with_name("visitor.port"))

    async def log_one() -> None:
        log.write(json.dumps(await visit(url, limit, next(ports))) + "\n")

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
