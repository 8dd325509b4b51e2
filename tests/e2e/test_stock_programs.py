"""Debian's own monitors and alerts run under the daemon, ipvs.alert with its table."""

import pytest

from monlvs.lab import DIRECTOR, Lab, Process
from monlvs.mon.trap import Trap, decode_trap
from tests.e2e import monsite
from tests.e2e.seen import PATIENCE, mails
from tests.e2e.stockprograms import (
    LDAP_SERVER,
    MONITORS,
    SLAPD,
    TEST_LOG,
    VICTIM,
    catch_traps,
    mon_cf,
    serve_ldap,
    serve_names,
)
from tests.e2e.watching import Home, Watch

pytestmark = pytest.mark.lab

LONG = 2 * PATIENCE
WATCHED = [f"{'directory' if n == 'ldap' else 'web'}/{n}" for n in MONITORS]
ENTRY = f"tcp 192.168.1.1:80 -> {VICTIM}:80 Masq 1"


def standing(home: Home) -> dict[str, str]:
    """The latest status of each service."""
    changes = home.entries("StatusChanged")
    return {change.told["service"]: change.told["after"] for change in changes}


def recorded(home: Home) -> dict[str, list[str]]:
    """What file.alert wrote: by service, each record's kind and summary."""
    found: dict[str, list[str]] = {}
    path = home.folder / "records"
    for line in path.read_text().splitlines() if path.exists() else []:
        words = line.split()
        # failure web http 1795499566 (Tue Nov 24 05:52:46) 10.1.1.2
        if words[:1] and words[0] in ("failure", "up") and len(words) > 7:
            found.setdefault(words[2], []).append(f"{words[0]} {words[8]}")
    return found


def caught(catcher: Process) -> list[Trap]:
    """The traps that trap.alert has sent."""
    lines = catcher.output().split()[1:]
    return [decode_trap(bytes.fromhex(line)) for line in lines]


async def noted(watch: Watch) -> list[str]:
    """What test.alert wrote, in the daemon's own /var/log/mon."""
    log = f"/proc/{watch.process.pid}/root{TEST_LOG}"
    return (await watch.home.lab.run(None, ["cat", log])).stdout.splitlines()


async def test_stock_programs_run_as_under_mon(nat_lab: Lab) -> None:
    lab = nat_lab
    await lab.receive_mail()
    await lab.run("rs3", SLAPD, check=True)
    slapd = await serve_ldap(lab)
    await serve_names(lab)
    catcher = await catch_traps(lab)
    lab.cluster.fill_table()
    primed = set(await lab.table())
    home = await monsite.make(lab)
    watch = await monsite.start(home, mon_cf(home))
    fine = dict.fromkeys([*WATCHED, "balanced/table"], "ok")
    await lab.until(lambda: standing(home) == fine, timeout=LONG)
    assert recorded(home) == {}

    await slapd.stop()
    pulled = (await lab.pull("rs1")).began
    down = dict.fromkeys(WATCHED, "fail") | {"balanced/table": "ok"}
    await lab.until(lambda: standing(home) == down, timeout=LONG)
    await lab.until_table(lambda table: set(table) == primed - {ENTRY})
    await lab.until(lambda: len(recorded(home)) == len(MONITORS))
    await lab.until(lambda: mails(lab, "ALERT", "web/http", after=pulled))
    (trap,) = await lab.until(lambda: caught(catcher))
    assert (trap.group, trap.service, trap.status) == ("web", "http", 1)

    await lab.plug("rs1")
    await serve_ldap(lab)
    await lab.until(lambda: standing(home) == fine, timeout=LONG)
    await lab.until_table(lambda table: set(table) == primed)
    await lab.until(lambda: mails(lab, "UPALERT", "web/http"))
    await lab.until(lambda: len(caught(catcher)) == 2)
    host = dict.fromkeys(MONITORS, VICTIM)
    host |= {"dns": f"{VICTIM}(example.org)", "ldap": f"{LDAP_SERVER}:389"}
    told = {name: [f"failure {host[name]}", f"up {host[name]}"] for name in MONITORS}
    await lab.until(lambda: recorded(home) == told)
    first, last = await noted(watch)
    assert f"-s http -g web -h {VICTIM} -t " in first
    assert (first.split()[-1], " -u " in first, " -u " in last) == (
        "tested",
        False,
        True,
    )

    await lab.run(DIRECTOR, "ipvsadm -C", check=True)
    await lab.until(lambda: standing(home)["balanced/table"] == "fail", timeout=LONG)
    await watch.stop()
