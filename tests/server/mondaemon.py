"""A whole daemon on a mon.cf, with monitors and alerts that are shell scripts."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from monlvs import daemon
from monlvs.config import Source
from monlvs.model.watch import ServiceKey
from tests.server.test_hashes import HASHES

AUTH = """
command section
ack: all
clear: all
disable: all
enable: all
get: all
list: all
loadstate: all
reload: all
reset: all
savestate: all
servertime: all
set: all
start: AUTH_ANY
stop: joe
term: joe
test: all
trap section
127.0.0.1 * *
"""

MON_CF = """
alertdir = {dir}/alert.d
mondir = {dir}/mon.d
statedir = {dir}/state
logdir = {dir}/log
cfbasedir = {dir}
authfile = auth.cf
authtype = userfile
userfile = users
pidfile = {dir}/mon.pid
serverbind = 127.0.0.1
trapbind = 127.0.0.1
serverport = {port}
trapport = {port}
native = no
dtlogging = yes
historicfile = history

hostgroup web 127.0.0.1 127.0.0.2 *127.0.0.5

hostgroup db 127.0.0.3

hostgroup other 127.0.0.4

view front web

alias www
    web http

watch web
    service http
        description the web
        interval 1h
        monitor bad.monitor -x "a b"
        exclude_hosts 127.0.0.2
        depend db:sql && other:trap
        period LBL: wd {{Sun-Sat}}
            alert exit=1-5 note.alert "a b" c
            upalert note.alert up
            alertevery 1h

watch db
    service sql
        interval 1h
        monitor ok.monitor
        period wd {{Sun-Sat}}
            alert note.alert down

watch other
    service trap
        traptimeout 1h
        period
            alert note.alert down
            upalert note.alert up
"""

SCRIPTS = {
    "mon.d/bad.monitor": 'echo "h1 it\'s down"; echo more; exit 3',
    "mon.d/ok.monitor": 'echo "fine $*"; exit 0',
    "alert.d/note.alert": 'echo "$MON_ALERTTYPE $MON_SERVICE $*" >> {dir}/told',
}


@dataclass(frozen=True)
class Site:
    """Where the daemon runs, and the daemon."""

    directory: Path
    port: int
    running: daemon.Daemon

    def opstatus(self, group: str, service: str) -> int:
        """Return a service's status as mon numbers it."""
        states = self.running.engine.states
        return int(states[ServiceKey(group, service)].standing.opstatus)

    async def until(self, fact: Callable[[], object]) -> None:
        """Wait for a fact."""
        async with asyncio.timeout(20):
            while not fact():
                await asyncio.sleep(0.02)

    def told(self) -> list[str]:
        """Return what alerts have noted."""
        path = self.directory / "told"
        return path.read_text().splitlines() if path.exists() else []


def furnish(directory: Path, *, cf: str = MON_CF, auth: str = AUTH) -> int:
    """Write a site's files; return the port that its configuration names."""
    for name in ("mon.d", "alert.d", "state", "log"):
        (directory / name).mkdir()
    for name, text in SCRIPTS.items():
        path = directory / name
        path.write_text(f"#!/bin/sh\n{text.replace('{dir}', str(directory))}\n")
        path.chmod(0o755)
    port = _free_port()
    (directory / "mon.cf").write_text(cf.format(dir=directory, port=port))
    (directory / "auth.cf").write_text(auth)
    (directory / "users").write_text(f"joe:{HASHES['SHA-512']}\n")
    return port


@asynccontextmanager
async def serving(
    directory: Path, port: int, beginning: daemon.Beginning = daemon.USUAL
) -> AsyncIterator[Site]:
    """Run the daemon of a furnished site."""
    source = Source(directory / "mon.cf")
    config, problems = source.load()
    assert config is not None, problems
    async with daemon.running(config, source=source, beginning=beginning) as running:
        yield Site(directory, port, running)


def _free_port() -> int:
    """Return a port that is free for TCP and UDP."""
    while True:
        with (
            socket.socket() as tcp,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        ):
            tcp.bind(("127.0.0.1", 0))
            port = int(tcp.getsockname()[1])
            try:
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
