"""A service of a server fails, or only its port does, and nothing else is moved."""

import pytest

from monlvs.lab import CLIENT, DIRECTOR, Lab
from tests.e2e import configurations as say
from tests.e2e.configurations import INTERVAL, LIMIT
from tests.e2e.seen import comes, leaves, run, start, stop
from tests.e2e.watching import Home, pass_time

pytestmark = pytest.mark.lab

BOTH = 'check = ["fping", "%s"]'


def remapped(lab: Lab) -> str:
    """http at 8080 of server-1 as in LVS-HOWTO 7.3, at 80 of the others."""
    return say.lvs(lab.topology, "http", 80).replace('"10.1.1.2"', '"10.1.1.2:8080"')


def reject(port: int) -> str:
    return f"-p tcp --dport {port} -j REJECT --reject-with tcp-reset"


async def test_only_the_http_entry_leaves_while_the_server_answers_ping(
    nat_lab: Lab,
) -> None:
    lab = nat_lab
    home = await Home.make(lab)
    text = say.general(home.state)
    for name, port in (("http", 80), ("telnet", 23)):
        block = say.lvs(lab.topology, name, port)
        text += block.replace(f'check = "{name}"', BOTH % name)
    watch = await home.start(text)
    whole = await lab.until_table(lambda table: len(table) == 8, timeout=15)
    await lab.watch_table()

    stopped = await stop(lab, "rs2")
    assert (
        await leaves(lab, " -> 10.1.1.3:80 ", after=stopped.began)
        <= LIMIT + stopped.took
    )
    await pass_time(lab, 2.5 * INTERVAL)
    assert set(whole) - set(await lab.table()) == {
        "tcp 192.168.1.1:80 -> 10.1.1.3:80 Masq 1"
    }
    started = await start(lab, "rs2")
    assert (
        await comes(lab, " -> 10.1.1.3:80 ", after=started.began)
        <= LIMIT + started.took
    )
    assert len(lab.table_watch().changes) == 2
    assert await lab.table() == whole
    await watch.stop()


async def test_a_remapped_port_is_checked_where_the_server_listens(
    nat_lab: Lab,
) -> None:
    lab = nat_lab
    home = await Home.make(lab)
    watch = await home.start(say.general(home.state) + remapped(lab))
    await lab.until_table(lambda table: len(table) == 4, timeout=15)
    await lab.watch_table()
    fetch = f"for i in 1 2 3; do curl -sm5 http://{lab.vip}/; done"
    pages = (await lab.run(CLIENT, fetch, check=True)).stdout.split()
    assert set(pages) == {"rs1", "rs2", "rs3"}

    entry = " -> 10.1.1.2:8080 "
    try:
        shut = await run(lab, "rs1", f"iptables-legacy -I INPUT {reject(8080)}")
        assert await leaves(lab, entry, after=shut.began) <= LIMIT + shut.took
        opened = await run(lab, "rs1", f"iptables-legacy -R INPUT 1 {reject(80)}")
        assert await comes(lab, entry, after=opened.began) <= LIMIT + opened.took
        await pass_time(lab, 2.5 * INTERVAL)
        assert len(lab.table_watch().changes) == 2
        direct = ["curl", "-sm1", "http://10.1.1.2:80/"]
        assert (await lab.run(DIRECTOR, direct)).status == 7  # curl(1): refused
    finally:
        await lab.run("rs1", "iptables-legacy -F INPUT")
    await watch.stop()


async def test_an_ipv6_service_is_kept_true_as_well(nat_lab: Lab) -> None:
    lab = nat_lab
    home = await Home.make(lab)
    servers = ", ".join(f'"{server.address6}"' for server in lab.topology.servers)
    watch = await home.start(
        say.general(home.state)
        + f'[[lvs]]\nname = "six"\nvip = "[{lab.topology.vip6}]:80"\nkind = "nat"\n'
        f'scheduler = "rr"\nservers = [{servers}]\ncheck = ["fping", "http"]\n'
    )
    await lab.until_table(lambda table: len(table) == 4, timeout=15)
    await lab.watch_table()
    fetch = f"for i in 1 2 3; do curl -sgm5 'http://[{lab.topology.vip6}]/'; done"
    pages = (await lab.run(CLIENT, fetch, check=True)).stdout.split()
    assert set(pages) == {"rs1", "rs2", "rs3"}

    entry = f" -> [{lab.topology.servers[1].address6}]:80 "
    stopped = await stop(lab, "rs2")
    assert await leaves(lab, entry, after=stopped.began) <= LIMIT + stopped.took
    pages = (await lab.run(CLIENT, fetch, check=True)).stdout.split()
    assert set(pages) == {"rs1", "rs3"}
    started = await start(lab, "rs2")
    assert await comes(lab, entry, after=started.began) <= LIMIT + started.took
    await watch.stop()
