"""`monlvs demo`: the daemon on three small servers of its own, with a live view."""

import asyncio
import errno
import logging
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

import click

from monlvs.cli.configuration import fail, load_or_exit
from monlvs.cli.daemon import set_up_logging

if TYPE_CHECKING:
    from aiohttp import web

    from monlvs.cli.screen import Screen
    from monlvs.daemon import Daemon

SERVERS = ("127.0.0.11", "127.0.0.12", "127.0.0.13")
VIP = "127.0.0.10"
INTERVAL = 0.5
"""Seconds between checks: a failure is seen within a second."""
TURN = 6.0
"""Seconds for which all servers work, then one fails, and so on."""
LAST_WORDS = 1.0
"""Seconds that the terminal gets at the end to show what it has not shown yet."""
REFRESHES = 4
"""Pictures a second."""
_ENDED = "ended; nothing was left behind"
TRIES = 10
"""Ports tried until one is free at all addresses: another demo may run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Farm:
    """The demo's servers."""

    port: int
    began: float
    """On the loop's clock."""

    def failing(self) -> str | None:
        """Return the server that answers 503 now."""
        turn = int(self._age() / TURN)
        return SERVERS[turn // 2 % len(SERVERS)] if turn % 2 else None

    def left(self) -> float:
        """Return the seconds until that changes."""
        return TURN - self._age() % TURN

    def _age(self) -> float:
        return asyncio.get_running_loop().time() - self.began


@click.command(epilog="Example: monlvs demo --table memory --seconds 30")
@click.option(
    "--table",
    type=click.Choice(["auto", "kernel", "memory"]),
    default="auto",
    show_default=True,
    help="The kernel's table where it can be used, else one in memory.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, max=86400),
    help="End by itself after this time.",
)
def command(table: str, seconds: float | None) -> None:
    """Run the daemon on three small HTTP servers on loopback, one failing in turn.

    In a terminal there is a live view; otherwise the log is printed. Ctrl-C ends it; what
    it has put into the table is taken out again.

    Exit status: 0 after Ctrl-C, 1 when it cannot be run here.
    """
    from monlvs.director.table import TableError

    seen = sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    set_up_logging("info", journal=False)
    if seen:  # a line of the log would go through the picture, which tells it anyway
        logging.disable(logging.CRITICAL)
    try:
        if seen:
            _show(table, seconds)
        else:
            asyncio.run(_run(table, seconds, None))
            click.echo(_ENDED)
    except TableError as error:
        fail(f"demo: {error}")


def _show(table: str, seconds: float | None) -> None:
    """Run it with a view that never holds it up, whatever the terminal does."""
    from monlvs.cli.screen import Screen

    screen = Screen()
    try:
        asyncio.run(_run(table, seconds, screen))
        screen.write(f"{_ENDED}\n")
    finally:
        screen.close(LAST_WORDS)


async def _run(table: str, seconds: float | None, view: "Screen | None") -> None:
    from monlvs import daemon
    from monlvs.config import Source

    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, end.set)
    if seconds is not None:
        loop.call_later(seconds, end.set)
    with tempfile.TemporaryDirectory(prefix="monlvs-demo-") as folder:
        async with _farm() as farm:
            path = Path(folder) / "demo.toml"
            path.write_text(_configuration(folder, table, farm.port), encoding="utf-8")
            config = load_or_exit(path)
            async with daemon.running(config, source=Source(path)) as running:
                await (_watch(running, farm, end, view) if view else end.wait())
                await _clear(running)


async def _clear(running: "Daemon") -> None:
    """Take out what the demo has put in: declare nothing, and converge."""
    from monlvs.model.config import Config

    running.dispatcher.stop()
    running.director.declare(Config(), {})
    await running.director.once()


def _configuration(folder: str, table: str, port: int) -> str:
    servers = ", ".join(f'"{host}"' for host in SERVERS)
    return f"""
[settings]
state_dir = "{folder}/state"
table = "{table}"
resync = "1s"

[[lvs]]
name = "demo"
vip = "{VIP}:{port}"
kind = "local"
scheduler = "rr"
servers = [{servers}]
check = "http"
interval = "{INTERVAL:g}s"
log = "{folder}/alert.log"
alertevery = "1m"
upalert_first = true
"""


@asynccontextmanager
async def _farm() -> AsyncIterator[Farm]:
    """Run three servers on one free port; each in turn answers 503 for a while."""
    began = asyncio.get_running_loop().time()
    for left in reversed(range(TRIES)):
        async with AsyncExitStack() as servers:
            farm = Farm(port=0, began=began)
            try:
                for host in SERVERS:
                    port = await servers.enter_async_context(_server(host, farm))
                    farm = Farm(port=port, began=began)
            except OSError as error:
                if error.errno == errno.EADDRINUSE and left:
                    continue
                raise
            yield farm
            return


@asynccontextmanager
async def _server(host: str, farm: Farm) -> AsyncIterator[int]:
    from aiohttp import web

    async def answer(_: "web.Request") -> "web.Response":
        failing = farm.failing() == host
        return web.Response(status=503 if failing else 200, text=f"{host}\n")

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, farm.port).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _watch(
    running: "Daemon", farm: Farm, end: asyncio.Event, screen: "Screen"
) -> None:
    """Show pictures until the end, or until nobody can see them any more."""
    from rich.console import Console
    from rich.live import Live

    from monlvs.cli.view import View
    from monlvs.runtime.clock import now

    async def picture() -> View:
        reading = await running.table.read()
        return View(daemon=running, reading=reading, now=now(), foot=_foot(farm))

    try:
        console = Console(file=cast("TextIO", screen))
        first = await picture()
        with Live(first, console=console, screen=True, auto_refresh=False) as live:
            while sys.stdout.isatty() and not end.is_set():
                screen.flush()
                if not screen.full:  # a picture that is not seen is not drawn either
                    live.update(await picture(), refresh=True)
                await _sleep(1 / REFRESHES, end)
    except OSError:  # the terminal is gone
        end.set()


async def _sleep(seconds: float, end: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await end.wait()
    except TimeoutError:
        pass


def _foot(farm: Farm) -> str:
    failing = farm.failing()
    acts = f"{failing} answers 503 on purpose" if failing else "all servers work"
    return f"{acts}, for {farm.left():.0f} s more · Ctrl-C ends it"
