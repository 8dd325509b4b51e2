"""`monlvs demo`: the daemon on three small servers of its own, with a live view."""

import asyncio
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monlvs.cli.configuration import load_or_exit
from monlvs.cli.daemon import set_up_logging

if TYPE_CHECKING:
    from aiohttp import web

    from monlvs.daemon import Daemon

SERVERS = ("127.0.0.11", "127.0.0.12", "127.0.0.13")
VIP = "127.0.0.10"
INTERVAL = 1.0
TURN = 8.0
"""Seconds for which a server works or fails in turn."""
REFRESHES = 4
"""Pictures a second."""


@click.command()
@click.option(
    "--table",
    type=click.Choice(["auto", "kernel", "memory"]),
    default="auto",
    show_default=True,
    help="The kernel's table where it can be used, else one in memory.",
)
@click.option("--seconds", type=float, help="End by itself after this time.")
def command(table: str, seconds: float | None) -> None:
    """Run the daemon on three small HTTP servers on loopback, one failing in turn.

    In a terminal there is a live view; otherwise the log is printed. Ctrl-C ends it.
    """
    view = sys.stdout.isatty()
    set_up_logging("error" if view else "info", journal=False)
    try:
        asyncio.run(_run(table, seconds, view=view))
    except OSError as error:
        click.echo(f"monlvs demo: {error.strerror or error}", err=True)
        sys.exit(1)


async def _run(table: str, seconds: float | None, *, view: bool) -> None:
    from monlvs import daemon

    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end.set)
    if seconds is not None:
        loop.call_later(seconds, end.set)
    with tempfile.TemporaryDirectory(prefix="monlvs-demo-") as folder:
        async with _servers() as port:
            path = Path(folder) / "demo.toml"
            path.write_text(_configuration(folder, table, port), encoding="utf-8")
            config = load_or_exit(path)
            async with daemon.running(config, config_path=path) as running:
                await (_watch(running, end) if view else end.wait())
    click.echo("ended; nothing was left behind" if view else "ended")


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
upalert_first = true
"""


@asynccontextmanager
async def _servers() -> AsyncIterator[int]:
    """Run three servers on one free port; each in turn answers 503 for a while."""
    from aiohttp import web

    began = asyncio.get_running_loop().time()

    def answer_of(index: int) -> "web.Application":
        async def answer(_: "web.Request") -> "web.Response":
            turn = int((asyncio.get_running_loop().time() - began) / TURN)
            failing = turn % 2 == 1 and (turn // 2) % len(SERVERS) == index
            return web.Response(status=503 if failing else 200, text=f"rs{index + 1}\n")

        app = web.Application()
        app.router.add_get("/", answer)
        return app

    port = 0
    runners = []
    try:
        for index, host in enumerate(SERVERS):
            runner = web.AppRunner(answer_of(index), access_log=None)
            runners.append(runner)
            await runner.setup()
            await web.TCPSite(runner, host, port).start()
            port = runner.addresses[0][1]
        yield port
    finally:
        for runner in runners:
            await runner.cleanup()


async def _watch(running: "Daemon", end: asyncio.Event) -> None:
    from rich.live import Live

    from monlvs.cli.view import render
    from monlvs.runtime.clock import now

    with Live(render(running, now=now()), screen=True, auto_refresh=False) as live:
        while not end.is_set():
            live.update(render(running, now=now()), refresh=True)
            try:
                async with asyncio.timeout(1 / REFRESHES):
                    await end.wait()
            except TimeoutError:
                continue
