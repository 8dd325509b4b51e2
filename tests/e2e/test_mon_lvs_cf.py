"""LVS-HOWTO 11.5 with mon's own file: a mon_lvs.cf, killed, edited and started again.

telnet with mail and virtualserver first, for one server of a primed table; then the
running configuration: http for every server, a pair of mail.alert lines and a pair of
virtualserver.alert lines each, into a virtual service that has no servers yet.
"""

import pytest

from monlvs.lab import DIRECTOR, Lab
from monlvs.lab.topology import RealServer
from tests.e2e import monsite
from tests.e2e.configurations import SLACK
from tests.e2e.seen import PATIENCE, comes, is_regular, leaves, mails
from tests.e2e.watching import Home, pass_until_after_check

pytestmark = pytest.mark.lab

INTERVAL = 2.0
LIMIT = INTERVAL + 1.0 + SLACK  # -t 1
PORTS = {"telnet": 23, "http": 80}


def mon_lvs_cf(home: Home, active: dict[str, tuple[RealServer, ...]]) -> str:
    """Return the file with some services of some servers, and others commented out."""
    servers = home.lab.topology.servers
    groups = "".join(
        f"hostgroup LVS{n} {s.address}\n" for n, s in enumerate(servers, 1)
    )
    watches = []
    for number, server in enumerate(servers, 1):
        blocks = "".join(
            _service(server, name, active=server in active.get(name, ()))
            for name in PORTS
        )
        if any(server in chosen for chosen in active.values()):
            watches.append(f"watch LVS{number}\n{blocks}\n")
    return "".join([monsite.head(home), groups, "\n", *watches])


def _service(server: RealServer, name: str, *, active: bool) -> str:
    entry = f"virtualserver.alert -V 192.168.1.1:{PORTS[name]} -R {server.address}:{PORTS[name]}"
    lines = f"""\
    service {name}
        interval {INTERVAL:g}s
        monitor {name}.monitor -t 1
        #monitor fping.monitor
        period wd {{Sun-Sat}}
            #alert test.alert
            #upalert test.alert
            alert mail.alert root@client
            upalert mail.alert root@client
            alert {entry}
            upalert {entry}
"""
    mark = "" if active else "#"
    return "".join(f"{mark}{line}" for line in lines.splitlines(keepends=True))


async def test_mon_lvs_cf_drives_the_table(nat_lab: Lab) -> None:
    lab = nat_lab
    await lab.receive_mail()
    lab.cluster.fill_table()
    primed = set(await lab.table())
    await lab.watch_table()
    home = await monsite.make(lab)
    victim, *_ = lab.topology.servers
    text = mon_lvs_cf(home, {"telnet": (victim,)})
    watch = await monsite.start(home, text)
    await lab.until(lambda: home.entries("StatusChanged"), timeout=PATIENCE)

    where, entry = "LVS1/telnet", f" -> {victim.address}:23 "
    await pass_until_after_check(home, where, INTERVAL)
    assert set(await lab.table()) == primed
    pulled = (await lab.pull(victim.host)).began
    assert await leaves(lab, entry, after=pulled) <= LIMIT
    await lab.until(lambda: len(mails(lab, "ALERT", where)) >= 3, timeout=PATIENCE)
    down = mails(lab, "ALERT", where)
    assert down[0] - pulled <= LIMIT + SLACK  # sendmail
    assert is_regular(down, every=INTERVAL)
    plugged = (await lab.plug(victim.host)).began
    assert await comes(lab, entry, after=plugged) <= LIMIT
    await lab.until(lambda: mails(lab, "UPALERT", where), timeout=PATIENCE)
    await watch.stop()
    assert set(await lab.table()) == primed

    # "The ipvsadm table could have been empty."
    await lab.run(
        DIRECTOR,
        "ipvsadm -D -t 192.168.1.1:80; ipvsadm -A -t 192.168.1.1:80 -s rr",
        check=True,
    )
    watch = await monsite.start(home, mon_lvs_cf(home, {"http": lab.topology.servers}))
    await lab.until_table(lambda table: set(table) == primed, timeout=PATIENCE)
    await lab.visit(interval=0.05)
    for number, server in enumerate(lab.topology.servers, 1):
        where, entry = f"LVS{number}/http", f" -> {server.address}:80 "
        pulled = (await lab.pull(server.host)).began
        gone = pulled + await leaves(lab, entry, after=pulled)
        await lab.until(lambda w=where: mails(lab, "ALERT", w), timeout=PATIENCE)  # type: ignore[misc]
        plugged = (await lab.plug(server.host)).began
        back = plugged + await comes(lab, entry, after=plugged)
        assert max(gone - pulled, back - plugged) <= LIMIT
        await lab.until(
            lambda b=back, s=server: any(  # type: ignore[misc]
                r.server == s.host for r in lab.requests() if r.began > b
            ),
            timeout=PATIENCE,
        )
        between = [r for r in lab.requests() if gone < r.began < plugged]
        assert [r for r in between if not r.ok] == []
        assert {r.server for r in between}.isdisjoint({server.host})
        await lab.until(lambda w=where: mails(lab, "UPALERT", w), timeout=PATIENCE)  # type: ignore[misc]
    await watch.stop()
    assert set(await lab.table()) == primed
