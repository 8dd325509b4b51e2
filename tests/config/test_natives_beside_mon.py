"""Native monitors beside mon's own programs, at the same servers: the same first line."""

import asyncio
import os
import shlex
import subprocess
from contextlib import AsyncExitStack
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest

from monlvs.config import natives
from monlvs.mon.fold import fold
from monlvs.wire.monitor import Exchanger, Target
from monlvs.wire.sockets import Sockets
from tests.monitors.loopback import Talk, serving
from tests.monitors.scripted import script

PROGRAMS = Path("/usr/lib/mon/mon.d")


def web(reply: bytes) -> Talk:
    """Answer a request, and listen until the client goes: http.monitor dies of a
    SIGPIPE where a server is gone before it has said everything."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        writer.write_eof()
        await reader.read()

    return talk


fine = web(b"HTTP/1.0 200 OK\r\nServer: x\r\nContent-Length: 8\r\n\r\nWelcome\n")
broken = web(b"HTTP/1.0 500 Oh\r\nContent-Length: 0\r\n\r\n")


async def login(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"lvs3 login: ")
    await reader.read()


refusing_ftp = script(("421 no\r\n", ""))


async def ftp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 go\r\n")
    if (await reader.readline()).strip().lower() == b"quit":
        writer.write(b"221 bye\r\n")


CASES: dict[str, tuple[str, Talk, Talk | None]] = {
    "tcp": ("tcp.monitor", login, None),
    "telnet": ("telnet.monitor", login, None),
    "telnet without a prompt": ("telnet.monitor -l //", fine, None),
    "http": ("http.monitor", fine, broken),
    "http that says it": ("http.monitor -m Welcome", fine, broken),
    "http with a header": (
        "http.monitor -m '^HTTP/1.0 200 OK\\s+Server: x'",
        fine,
        broken,
    ),
    "http that does not say it": ("http.monitor -m Goodbye", fine, broken),
    "ftp": ("ftp.monitor", ftp, refusing_ftp),
}
"""Words, what a healthy server does, and what a sick one does (None: it is not there)."""


async def ours(words: list[str], hosts: list[str]) -> tuple[int, str]:
    """Return exit code and first line of the native monitor."""
    native = natives.monitor(words[0], words[1:])
    assert native is not None
    assert isinstance(native.monitor, Exchanger)
    found = []
    with Sockets() as sockets:
        for host in hosts:
            exchange = native.monitor.exchange(
                Target(host, ip_address(host)), timeout=20
            )
            found.append((host, await sockets.run(exchange)))
    result = fold(found, duration=timedelta(0))
    return result.exit, result.output.split("\n")[0]


async def theirs(words: list[str], hosts: list[str]) -> tuple[int, str]:
    """Return exit code and first line of mon's program."""
    run = await asyncio.to_thread(
        subprocess.run,
        [PROGRAMS / words[0], *words[1:], *hosts],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=os.environ,
        timeout=60,
        check=False,
    )
    return run.returncode, run.stdout.decode().split("\n")[0].strip()


async def both(case: str, hosts: list[str]) -> tuple[tuple[int, str], tuple[int, str]]:
    """Run both at 127.0.0.1 (healthy) and 127.0.0.20, 127.0.0.3 (sick)."""
    text, healthy, sick = CASES[case]
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(serving(healthy))
        if sick is not None:
            for host in ("127.0.0.20", "127.0.0.3"):
                await stack.enter_async_context(
                    serving(sick, host=host, port=served.port)
                )
        words = shlex.split(text)
        words = [words[0], "-p", str(served.port), *words[1:]]
        return await ours(words, hosts), await theirs(words, hosts)


@pytest.mark.parametrize("case", CASES)
async def test_some_hosts_are_down(case: str) -> None:
    one, other = await both(case, ["127.0.0.20", "127.0.0.1", "127.0.0.3"])

    assert one == other
    assert one[0] == 1
    assert one[1].startswith("127.0.0.")


@pytest.mark.parametrize("case", [case for case in CASES if "not say" not in case])
async def test_all_hosts_are_up(case: str) -> None:
    one, other = await both(case, ["127.0.0.1"])

    assert one == other == (0, "")
