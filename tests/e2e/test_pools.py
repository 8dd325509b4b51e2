"""A pool under load on the real kernel: drained, slowly started, kept, replaced, unseen."""

from collections import Counter

import pytest

from monlvs.lab import CLIENT, DIRECTOR, Lab
from tests.e2e import configurations as say
from tests.e2e.watching import Home, pass_time

pytestmark = pytest.mark.lab

RISE = 8.0
HELD = """
import socket, struct, time
sock = socket.create_connection(("{vip}", 80))
sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
print("connected", flush=True)
time.sleep(600)
"""


def pool(lab: Lab, home: Home, more: str, *, servers: int = 2) -> str:
    """Return a configuration of so many servers, with what is asked of their pool."""
    named = ", ".join(f'"{each.address}"' for each in lab.topology.servers[:servers])
    head = say.general(home.state, 'resync = "1s"', interval=0.5, timeout=0.4)
    return f"""{head}
[[lvs]]
name = "web"
vip = "{lab.vip}:80"
kind = "nat"
scheduler = "wrr"
servers = [{named}]
check = "http"
log = {{ file = "{home.log_file}", detail = true }}
{more}
"""


async def told(lab: Lab, home: Home, *words: str) -> str:
    """Give the daemon a command; return what it says."""
    command = [lab.python, "-m", "monlvs", *words, "--state-dir", str(home.state)]
    return (await lab.run(DIRECTOR, command, check=True, timeout=60)).stdout


async def adopt(lab: Lab, servers: int = 2) -> None:
    """Have servers in the table before a daemon comes: they need no start."""
    rules = [f"-A -t {lab.vip}:80 -s wrr"]
    rules += [
        f"-a -t {lab.vip}:80 -r {each.address}:80 -m -w 1"
        for each in lab.topology.servers[:servers]
    ]
    await lab.run(DIRECTOR, ["ipvsadm", "-R"], stdin="\n".join(rules), check=True)


def weight(table: tuple[str, ...], address: str) -> int | None:
    """Return a server's weight in the table; None: it is not there."""
    found = [line for line in table if f" -> {address}:80 " in line]
    return int(found[0].rpartition(" ")[2]) if found else None


async def until_weight(lab: Lab, address: str, wanted: int | None) -> float:
    """Wait until a server stands with a weight; return the time after it."""
    await lab.until_table(lambda table: weight(table, address) == wanted, timeout=30)
    return await lab.now()


async def test_a_drained_server_loses_no_request_and_comes_back_slowly(
    fresh_nat_lab: Lab,
) -> None:
    lab = fresh_nat_lab  # a drain waits for connections of tests before, too
    one, two = (each.address for each in lab.topology.servers[:2])
    home = await Home.make(lab)
    await adopt(lab)
    asked = f'slow_start = "{RISE:g}s"\ndrain = '
    watch = await home.start(pool(lab, home, f'{asked}"40s"'))
    await until_weight(lab, one, 100)

    # The entry goes with its last connection.
    before = await _active(lab)
    client = await lab.start(CLIENT, [lab.python, "-c", HELD.format(vip=lab.vip)])
    await lab.until(lambda: "connected" in client.output(), timeout=30)
    after = await _active(lab)
    (held,) = [a for a in (one, two) if after[a] > before[a]]
    assert "drained: no new connections" in await told(
        lab, home, "drain", f"web/{held}", "--why", "new kernel"
    )
    await until_weight(lab, held, 0)
    await pass_time(lab, 1)
    await watch.kill()
    watch = await home.start(home.config.read_text())
    await pass_time(lab, 2)
    assert weight(await lab.table(), held) == 0
    assert "drain by root: new kernel" in await told(lab, home, "why", held)
    client.kill()
    await until_weight(lab, held, None)
    await told(lab, home, "release", held)
    await until_weight(lab, held, 100)

    # Under load, the deadline ends it, and what comes back gets its share by and by.
    home.write(pool(lab, home, f'{asked}"3s"'))
    await watch.reload()
    await lab.watch_table()
    await lab.visit(interval=0.02)
    await pass_time(lab, 2)
    await told(lab, home, "drain", f"web/{held}", "--why", "new disk")
    quiet, gone = await _drained(lab, held)
    assert 2.5 <= gone - quiet <= 5
    assert not [r for r in lab.requests() if r.server == _name(lab, held) and r.began > quiet + 0.2]  # fmt: skip
    await told(lab, home, "release", held)
    back = await _came_back(lab, held, gone)
    await pass_time(lab, 1)
    await watch.kill()
    watch = await home.start(home.config.read_text())
    again = await lab.now()
    whole = await until_weight(lab, held, 100)
    # However long the start took, the time in between counts.
    assert RISE - 1 <= whole - back <= max(RISE, again - back) + 3
    await pass_time(lab, 4)
    assert _share(lab, held, back, back + 0.35 * RISE) < 0.3
    assert 0.4 <= _share(lab, held, whole, whole + 4) <= 0.6
    assert [r for r in lab.requests() if not r.ok] == []
    await watch.stop()


async def _active(lab: Lab) -> dict[str, int]:
    """Count active connections by server: one that was there before, and has been taken
    out meanwhile, comes back with those that it had."""
    told = (await lab.run(DIRECTOR, ["ipvsadm", "-Ln"], check=True)).stdout
    lines = [line.split() for line in told.splitlines() if "->" in line]
    return {words[1].rpartition(":")[0]: int(words[-2]) for words in lines[1:]}


def _name(lab: Lab, address: str) -> str:
    return next(s.host for s in lab.topology.servers if s.address == address)


async def _drained(lab: Lab, address: str) -> tuple[float, float]:
    """Return when a server got weight 0 and when its entry went."""
    await until_weight(lab, address, None)
    await pass_time(lab, 0.2)
    changes = lab.table_watch().changes
    line = f" -> {address}:80 Masq "
    quiet = [c.at for c in changes if any(f"{line}0" in each for each in c.added)]
    gone = [
        c.at
        for c in changes
        if any(line in each for each in c.removed)
        and not any(line in each for each in c.added)
    ]
    return quiet[-1], gone[-1]


async def _came_back(lab: Lab, address: str, gone: float) -> float:
    """Return when a server whose entry went came in again, with the least weight.

    It is the watch that has seen it: that weight stands for a second only.
    """

    def came() -> list[float]:
        line = f" -> {address}:80 Masq 10"
        changes = lab.table_watch().changes
        return [
            change.at
            for change in changes
            if change.at > gone and any(each.endswith(line) for each in change.added)
        ]

    await lab.until(came, timeout=30)
    return came()[0]


def _share(lab: Lab, address: str, start: float, end: float) -> float:
    found = Counter(r.server for r in lab.requests() if start <= r.began < end)
    return found[_name(lab, address)] / found.total()


async def test_a_pool_is_replaced_or_kept_and_not_moved_by_our_own_trouble(
    nat_lab: Lab,
) -> None:
    lab = nat_lab
    one, two, three = (each.address for each in lab.topology.servers)
    home = await Home.make(lab)
    await adopt(lab)
    watch = await home.start(pool(lab, home, f'fallback = "{three}"'))
    await lab.visit(interval=0.05)

    # Nobody is kept: the fallback answers.
    for name in ("rs1", "rs2"):
        await lab.stop_service(name, "httpd")
    await until_weight(lab, three, 1)
    assert {weight(await lab.table(), each) for each in (one, two)} == {None}
    await lab.until(lambda: lab.requests()[-1].server == "rs3")
    assert "the fallback is in" in await told_status(lab, home)
    for name in ("rs1", "rs2"):
        await lab.start_service(name, "httpd")
    await until_weight(lab, two, 1)
    await until_weight(lab, one, 1)

    # One is to be kept, and is, though all fail at once.
    home.write(pool(lab, home, "keep_at_least = 1"))
    await watch.reload()
    await until_weight(lab, three, None)
    for name in ("rs1", "rs2"):
        await lab.stop_service(name, "httpd")
    await watch.until_said("keep_at_least 1:")
    await pass_time(lab, 2)
    standing = [weight(await lab.table(), each) for each in (one, two)]
    assert sorted(standing, key=str) == [1, None]
    (said,) = [line for line in home.logged() if "too few real servers" in line]
    assert "too few real servers would be left" in said
    for name in ("rs1", "rs2"):
        await lab.start_service(name, "httpd")
    await until_weight(lab, two, 1)
    await until_weight(lab, one, 1)

    # Our own cable is out: nothing moves, and people are told once, and once more.
    await lab.watch_table()
    before = len(home.logged())
    inside = lab.topology.cables_of(DIRECTOR)[-1].device
    await lab.pull(DIRECTOR, device=inside)
    await watch.until_said("own network gone")
    await lab.until(lambda: len(home.logged()) > before, timeout=30)
    await pass_time(lab, 3)
    assert lab.table_watch().changes == ()
    await lab.plug(DIRECTOR, device=inside)
    await lab.until(lambda: len(home.logged()) > before + 1, timeout=30)
    await pass_time(lab, 1)
    assert len(home.logged()) == before + 2
    assert "has no carrier" in home.logged()[-2]
    assert "monlvs can check again" in home.logged()[-1]
    assert lab.table_watch().changes == ()
    await watch.stop()


async def told_status(lab: Lab, home: Home) -> str:
    """Return what `monlvs status` says; it ends with 3, since something fails."""
    command = [lab.python, "-m", "monlvs", "status", "--state-dir", str(home.state)]
    return (await lab.run(DIRECTOR, command, timeout=60)).stdout
