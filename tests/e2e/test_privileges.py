"""An ordinary user with CAP_NET_ADMIN and CAP_NET_RAW runs all of it; without, it says so."""

import itertools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import monlvs
from monlvs.lab import DIRECTOR, Lab, Process
from tests.e2e import configurations as say
from tests.e2e.configurations import LIMIT
from tests.e2e.seen import comes, leaves, run
from tests.e2e.watching import START_LIMIT, pass_time, until_said

pytestmark = pytest.mark.lab

USER = ("--reuid", "4711", "--regid", "4711", "--clear-groups", "--no-new-privs")
GRANTED = (
    *("--inh-caps", "-all,+net_admin,+net_raw"),
    *("--ambient-caps", "-all,+net_admin,+net_raw"),
    *("--bounding-set", "-all,+net_admin,+net_raw"),
)
DENIED = ("--inh-caps", "-all", "--ambient-caps", "-all", "--bounding-set", "-all")
# The program and the code by a way that every user may go, wherever they lie.
OPEN_WAY = """
mkdir -p /run/way/code /run/way/env
mountpoint -q /run/way/code || mount --bind {code} /run/way/code
mountpoint -q /run/way/env || mount --bind {env} /run/way/env
mkdir -p {home}/state
cat >{home}/mon_lvs.toml
chown -R 4711:4711 {home}
"""
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Homely:
    """What an ordinary user has in a guest: in its memory, for modes hold there alone."""

    lab: Lab
    folder: str

    @property
    def config(self) -> str:
        return f"{self.folder}/mon_lvs.toml"

    @property
    def state(self) -> str:
        return f"{self.folder}/state"


async def prepare(lab: Lab, spell: Callable[[str], str]) -> Homely:
    """Give the user a home, with what `spell` says for its state directory."""
    home = Homely(lab=lab, folder=f"/run/home-{next(_numbers)}")
    code = Path(monlvs.__file__).parent.parent
    way = OPEN_WAY.format(code=code, env=sys.prefix, home=home.folder)
    await lab.run(DIRECTOR, way, stdin=spell(home.state), check=True)
    return home


async def launch(home: Homely, capabilities: tuple[str, ...]) -> Process:
    """Start the daemon as the ordinary user."""
    python = f"/run/way/env/{Path(home.lab.python).relative_to(sys.prefix)}"
    daemon = [python, "-m", "monlvs", "daemon", "-c", home.config]
    return await home.lab.start(
        DIRECTOR,
        ["setpriv", *USER, *capabilities, *daemon],
        env={"PYTHONPATH": "/run/way/code", "HOME": home.folder},
        cwd=Path("/"),
    )


async def start(lab: Lab, capabilities: tuple[str, ...], settings: str) -> Process:
    """Start the daemon as an ordinary user, with what is its own in the guest alone."""
    block = say.lvs(lab.topology, "http", 80)
    checked = block.replace('check = "http"', 'check = ["fping", "http"]')
    home = await prepare(lab, lambda state: say.general(state, settings) + checked)
    return await launch(home, capabilities)


async def test_two_capabilities_are_enough_for_an_ordinary_user(nat_lab: Lab) -> None:
    lab = nat_lab
    daemon = await start(lab, GRANTED, 'table = "kernel"\nresync = "1s"')
    whole = await lab.until_table(lambda table: len(table) == 4, timeout=START_LIMIT)
    status = (await lab.run(DIRECTOR, f"cat /proc/{daemon.pid}/status")).stdout
    assert "Uid:\t4711\t4711\t4711\t4711" in status
    assert "CapEff:\t0000000000003000" in status  # capability.h: bits 12 and 13
    await lab.watch_table()
    pulled = (await lab.pull("rs2")).began
    assert await leaves(lab, " -> 10.1.1.3:80 ", after=pulled) <= LIMIT
    plugged = (await lab.plug("rs2")).began
    assert await comes(lab, " -> 10.1.1.3:80 ", after=plugged) <= LIMIT
    cleared = await run(lab, DIRECTOR, "ipvsadm -C")
    for line in whole:
        repaired = await comes(lab, line, after=cleared.began)
        assert repaired <= 1 + say.SLACK + cleared.took
    assert await daemon.stop() == 0


async def test_without_capabilities_it_says_so_and_keeps_a_table_in_memory(
    nat_lab: Lab,
) -> None:
    lab = nat_lab
    lab.cluster.fill_table()
    standing = await lab.table()
    daemon = await start(lab, DENIED, 'table = "auto"')
    await until_said(lab, daemon, "THE TABLE IS IN MEMORY, NOTHING IS BALANCED: ")
    (line,) = (s for s in daemon.output().splitlines() if "IN MEMORY" in s)
    assert "CAP_NET_ADMIN" in line
    # http needs no privilege; ICMP says what it lacks, and moves nothing.
    await until_said(lab, daemon, "http-10.1.1.2/http: untested → ok")
    await until_said(lab, daemon, "http-10.1.1.2/fping: check inconclusive, 3 in a row")
    assert "CAP_NET_RAW" in daemon.output()
    await pass_time(lab, 1)
    assert await lab.table() == standing
    assert await daemon.stop() == 0
    assert "Traceback" not in daemon.output()


async def test_without_capabilities_the_kernel_s_table_is_refused_clearly(
    nat_lab: Lab,
) -> None:
    daemon = await start(nat_lab, DENIED, 'table = "kernel"')
    assert await daemon.wait(START_LIMIT) == 1
    (line,) = daemon.output().splitlines()
    assert line.startswith("monlvs: ")
    assert "CAP_NET_ADMIN" in line
