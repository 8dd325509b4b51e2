"""The whole story of a watched LVS, told in under a minute.

Table, cable out, entry gone, client unharmed, cable in, entry back: LVS-HOWTO, 11.5.
"""

import signal
from collections.abc import Callable
from dataclasses import dataclass

from monlvs.lab.lab import Lab
from monlvs.lab.process import Process
from monlvs.lab.topology import DIRECTOR, Kind, RealServer, Topology

Say = Callable[[str], None]

VICTIM = 1
"""Index of the real server whose cable is pulled."""
INTERVAL = 1.0
"""Seconds between checks in the story."""
LIMIT = 15.0
"""Seconds that each turn of the story may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tale:
    """What the story showed."""

    removed_after: float
    """Seconds from the pulled cable to the entry's leaving."""
    returned_after: float
    """Seconds from the plugged cable to the entry's return."""
    requests: int
    lost_before: int
    """Requests that failed while the entry of the dead server still stood."""
    lost_after: int
    """Requests begun after the entry had left that failed: must be none."""
    mails: tuple[str, ...]
    """Subjects, in the order of arrival."""


def configuration(topology: Topology, folder: str) -> str:
    """Return the daemon's configuration for a lab: http on every real server."""
    words = {Kind.NAT: "nat", Kind.DR: "dr", Kind.TUN: "tun", Kind.LOCALNODE: "dr"}
    servers = [f'"{server.address}"' for server in topology.servers]
    if topology.local:
        servers.append('{ address = "127.0.0.1", forwarding = "local" }')
    return f"""
[settings]
state_dir = "{folder}/state"
resync = "1s"

[[lvs]]
name = "web"
vip = "{topology.vip}:80"
kind = "{words[topology.kind]}"
scheduler = "rr"
servers = [{", ".join(servers)}]
check = "http"
interval = "{INTERVAL:g}s"
mail = {{ to = ["root@client"], server = "192.168.1.5:25", tls = "none" }}
"""


async def start_daemon(lab: Lab, text: str, *, name: str = "mon_lvs") -> Process:
    """Start the daemon on the director with a configuration."""
    path = lab.write_file(f"{name}.toml", text)
    return await lab.start(
        DIRECTOR, [lab.python, "-m", "monlvs", "daemon", "-c", str(path)]
    )


async def tell(lab: Lab, say: Say) -> Tale:
    """Play the story in a lab, saying each turn; raises LabError where it fails."""
    victim = lab.topology.servers[VICTIM]
    daemon = await _begin(lab, say)
    removed_after, gone = await _lose(lab, victim, say)
    returned_after = await _regain(lab, victim, say)
    await lab.until(lambda: any("UPALERT" in m.text for m in lab.mails()))
    await daemon.signal(signal.SIGTERM)
    await daemon.wait()
    requests = lab.requests()
    tale = Tale(
        removed_after=removed_after,
        returned_after=returned_after,
        requests=len(requests),
        lost_before=sum(not r.ok for r in requests if r.began < gone),
        lost_after=sum(not r.ok for r in requests if r.began >= gone),
        mails=tuple(_subject(mail.text) for mail in lab.mails()),
    )
    for subject in tale.mails:
        say(f"mail: {subject}")
    say(
        f"client: {tale.requests} requests; {tale.lost_before} lost before the entry "
        f"left, {tale.lost_after} after"
    )
    return tale


async def _begin(lab: Lab, say: Say) -> Process:
    await lab.receive_mail()
    daemon = await start_daemon(lab, configuration(lab.topology, str(lab.folder)))
    say(f"monlvs runs on the director ({lab.kind.value}, virtual service {lab.vip}:80)")
    wanted = len(lab.topology.servers) + 1 + lab.topology.local
    table = await lab.until_table(lambda t: len(t) == wanted, timeout=LIMIT)
    _show(say, "every server has shown that it works; the table is", table)
    await lab.watch_table()
    await lab.visit(interval=0.05)
    await lab.until(lambda: len(lab.requests()) > 20)
    return daemon


async def _lose(lab: Lab, victim: RealServer, say: Say) -> tuple[float, float]:
    """Pull the cable; return how long the entry stood, and when it left."""
    line = f" -> {victim.address}:80 "
    pulled = (await lab.pull(victim.host)).ended
    say(f"the cable of {victim.host} ({victim.address}) is out")
    table = await lab.until_table(lambda t: not _has(t, line), timeout=LIMIT)
    gone = await lab.until(
        lambda: next(
            (c.at for c in lab.table_watch().changes if _has(c.removed, line)), None
        )
    )
    _show(say, f"its entry has left after {gone - pulled:.2f} s", table)
    count = len(lab.requests())
    await lab.until(lambda: len(lab.requests()) > count + 40)
    return gone - pulled, gone


async def _regain(lab: Lab, victim: RealServer, say: Say) -> float:
    """Plug the cable in; return how long the entry took to come back."""
    line = f" -> {victim.address}:80 "
    plugged = (await lab.plug(victim.host)).ended
    say(f"the cable of {victim.host} is in again")
    table = await lab.until_table(lambda t: _has(t, line), timeout=LIMIT)
    back = await lab.until(
        lambda: next(
            (
                c.at
                for c in lab.table_watch().changes
                if c.at > plugged and _has(c.added, line)
            ),
            None,
        )
    )
    _show(say, f"its entry is back after {back - plugged:.2f} s", table)
    return back - plugged


def _has(table: tuple[str, ...] | frozenset[str], line: str) -> bool:
    return any(line in entry for entry in table)


def _show(say: Say, words: str, table: tuple[str, ...]) -> None:
    say(words)
    for line in table:
        say(f"    {line}")


def _subject(text: str) -> str:
    lines = (line for line in text.splitlines() if line.startswith("Subject: "))
    return next(lines, "").removeprefix("Subject: ")
