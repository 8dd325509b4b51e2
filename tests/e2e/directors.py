"""Two directors in a lab: monlvs and real keepalived on each, as contrib/ has them."""

import asyncio
import itertools
import json
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monlvs.config import load
from monlvs.director.machine.director_side import director_settings
from monlvs.director.machine.settings import Sysctl
from monlvs.lab import PAIR, Kind, Lab, Process

CONTRIB = Path(__file__).parents[2] / "contrib" / "keepalived"
ADVERT = 0.5
TAKEOVER = 3 * ADVERT + ADVERT * (256 - 100) / 256
"""Seconds until dirB, of priority 100, takes over from a silent master (RFC 5798, 6.1)."""
LIMIT = 60.0
"""Seconds that anything may take in a guest on a busy machine."""
PAUSE = 0.3
"""Seconds between looks at what only the guest can tell."""
ASK = """
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(20)
s.connect(sys.argv[1] + "/console.sock")
s.sendall(b'{"ask": "status"}\\n')
print(s.makefile().readline())
"""
_numbers = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Style:
    """What differs between directors of one kind and those of another."""

    kind: str
    keepalived: str
    """A director's file in contrib; {} is the director's name."""
    sync_device: str


ADDRESSES = dict(zip(PAIR, ("192.168.1.1", "192.168.1.111"), strict=True))
STYLES = {
    Kind.DR: Style(kind="dr", keepalived="{}.conf", sync_device="eth0"),
    Kind.NAT: Style(kind="nat", keepalived="nat-{}.conf", sync_device="eth1"),
}


@dataclass(kw_only=True)
class Side:
    """One director."""

    lab: Lab
    name: str
    sync: str = "both"
    daemon: Process | None = None
    keepalived: Process | None = None
    folder: Path = field(init=False)

    def __post_init__(self) -> None:
        self.folder = self.lab.folder / f"{self.name}-{next(_numbers)}"
        self.folder.mkdir()
        self.folder.chmod(0o777)

    @property
    def address(self) -> str:
        return ADDRESSES[self.name]

    @property
    def style(self) -> Style:
        return STYLES[self.lab.kind]

    @property
    def other(self) -> str:
        (other,) = set(PAIR) - {self.name}
        return other

    def write(self) -> None:
        """Write what monlvs and keepalived run by."""
        servers = ", ".join(f'"{each.address}"' for each in self.lab.topology.servers)
        blocks = "".join(
            f"""
[[lvs]]
name = "{name}"
vip = "{self.lab.vip}:{port}"
kind = "{self.style.kind}"
scheduler = "rr"
servers = [{servers}]
check = "{check}"
interval = "500ms"
timeout = "400ms"
fall = 2
log = "{self.folder}/alert.log"
"""
            for name, port, check in (("web", 80, "http"), ("echo", 7, "tcp"))
        )
        gateway = self.lab.topology.gateway
        secret = self.lab.folder / "pair.secret"
        secret.write_text("what only the two directors know\n")
        secret.chmod(0o640)
        (self.folder / "monlvs.toml").write_text(f"""
[settings]
state_dir = "{self.folder}/state"
resync = "1s"
table = "kernel"

[machine]
vips = false
modules = false
gateway = {json.dumps([gateway] if gateway else [])}

[pair]
name = "{self.name}"
listen = "{self.address}"
peer = "{ADDRESSES[self.other]}"
secret_file = "{secret}"
interval = "250ms"
patience = "3s"

[pair.sync]
device = "{self.style.sync_device}"
id = 51
roles = "{self.sync}"
{blocks}""")
        wrapper = self.folder / "monlvs"
        wrapper.write_text(f'#!/bin/sh\nexec {self.lab.python} -m monlvs "$@"\n')
        wrapper.chmod(0o755)
        # As shipped, but for paths, and an advertisement every half second.
        text = (CONTRIB / self.style.keepalived.format(self.name)).read_text()
        for shipped, here in (
            ("/etc/keepalived/monlvs-notify", f"{self.own}/monlvs-notify"),
            ("advert_int 1\n", f"advert_int {ADVERT}\n"),
        ):
            assert shipped in text
            text = text.replace(shipped, here)
        (self.folder / "keepalived.conf").write_text(text)

    @property
    def own(self) -> str:
        """A folder that is the guest's root's alone."""
        return f"/run/{self.folder.name}"

    async def start(self) -> None:
        """Start monlvs, then keepalived; returns when monlvs watches."""
        self.write()
        await self.prepare()
        await self.watch()
        await self.join()

    async def prepare(self) -> None:
        """Make the machine as monlvs wants it; a bare one by what monlvs has for it."""
        path = self.folder / "monlvs.toml"
        if self.name in self.lab.topology.bare:
            apply = [
                self.lab.python,
                "-m",
                "monlvs",
                "director",
                "apply",
                "-c",
                str(path),
            ]
            await self.lab.run(self.name, apply, check=True, timeout=LIMIT)
            return
        config, _ = load(path)
        assert config is not None
        for each in director_settings(config):
            if isinstance(each, Sysctl) and ".vs." in each.name:
                setting = f"{each.name}={each.value}"
                await self.lab.run(self.name, ["sysctl", "-qw", setting], check=True)

    async def watch(self) -> None:
        """Start monlvs."""
        command = ["daemon", "-c", str(self.folder / "monlvs.toml")]
        self.daemon = daemon = await self.lab.start(
            self.name,
            [self.lab.python, "-m", "monlvs", *command],
            name=f"{self.folder.name}-monlvs",
        )
        await self.lab.until(lambda: "table: adopted" in daemon.output(), timeout=LIMIT)

    async def join(self) -> None:
        """Start keepalived, which finds nothing wrong with its file."""
        config = f"{self.folder}/keepalived.conf"
        # It runs no script that others than root could change.
        install = f"mkdir -p {self.own}; chmod 755 /run {self.own}; cp -p {CONTRIB}/monlvs-notify"
        script = f"umask 022; {install} {self.own}; keepalived -t -f {config}"
        await self.lab.run(self.name, script, check=True, timeout=LIMIT)
        state = {
            "MONLVS": self.folder / "monlvs",
            "MONLVS_STATE_DIR": self.folder / "state",
        }
        self.keepalived = await self.lab.start(
            self.name,
            ["keepalived", "-P", "-n", "-l", "-G", "-D",
             "-f", config,
             "-p", f"/run/{self.name}.pid", "-r", f"/run/{self.name}.vrrp.pid"],
            name=f"{self.folder.name}-keepalived",
            env={name: str(value) for name, value in state.items()},
        )  # fmt: skip

    async def kill(self) -> None:
        """Kill monlvs and keepalived, both of its processes."""
        for process in (self.keepalived, self.daemon):
            if process is not None:
                await process.signal(signal.SIGKILL)
                await process.wait()

    async def status(self) -> dict[str, Any]:
        """Return what `monlvs status --json` would print."""
        # As the command does, without the time that its start takes in a guest.
        ask = [self.lab.python, "-I", "-S", "-c", ASK, f"{self.folder}/state"]
        done = await self.lab.run(self.name, ask, check=True)
        found = json.loads(done.stdout)["answer"]
        assert isinstance(found, dict)
        return found

    async def told(self) -> str:
        """Return what `monlvs status` prints."""
        words = ["status", "--state-dir", f"{self.folder}/state"]
        command = [self.lab.python, "-m", "monlvs", *words]
        return (await self.lab.run(self.name, command, timeout=LIMIT)).stdout

    async def until(self, wanted: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """Ask for the status until it is as `wanted`; return it."""
        async with asyncio.timeout(LIMIT):
            while not wanted(found := await self.status()):
                await asyncio.sleep(PAUSE)  # each question costs the guest a program
        return found

    async def until_role(self, role: str, *, times: int = 1) -> None:
        """Wait until keepalived has told monlvs a role (so many times)."""
        daemon, words = self.daemon, f"this director is {role} now, says keepalived"
        assert daemon is not None
        await self.lab.until(
            lambda: daemon.output().count(words) >= times, timeout=LIMIT
        )

    async def until_vip(self, *, times: int = 1) -> None:
        """Wait until keepalived has given the VIP to this director (so many times)."""
        program = self.keepalived
        assert program is not None
        await self.lab.until(
            lambda: program.output().count("setting VIPs") >= times, timeout=LIMIT
        )

    async def holds(self) -> set[str]:
        """Tell which addresses this director has that are not its own."""
        cables = self.lab.topology.cables_of(self.name)
        own = {address for cable in cables for address in cable.addresses}
        look = ["ip", "-br", "-4", "address", "show", "up"]
        found = (await self.lab.run(self.name, look, check=True)).stdout.split()
        return {word for word in found if "/" in word} - own - {"127.0.0.1/8"}

    async def until_connection(self, port: str) -> None:
        """Wait until the kernel knows a connection of the client's port."""
        look = ["cat", "/proc/net/ip_vs_conn"]
        async with asyncio.timeout(LIMIT):
            while port not in (await self.lab.run(self.name, look)).stdout:
                await asyncio.sleep(PAUSE)


async def pair(lab: Lab, *, sync: str = "both") -> tuple[Side, Side]:
    """Start both directors; dirA, which has the higher priority, is the master then."""
    a, b = (Side(lab=lab, name=name, sync=sync) for name in PAIR)
    await a.start()
    await a.until_role("master")
    await b.start()
    await b.until_role("backup")
    await b.until(lambda s: s["pair"]["standby"] and s["pair"]["agree"])
    return a, b
