"""The daemon ends and begins again, and the table does not notice."""

import pytest

from monlvs.lab import Lab
from tests.e2e import configurations as say
from tests.e2e.configurations import INTERVAL, LIMIT, SLACK
from tests.e2e.seen import comes, leaves
from tests.e2e.watching import Home, Watch, pass_time

pytestmark = pytest.mark.lab


async def test_a_restart_changes_nothing_under_load_and_the_dead_stay_out(
    dr_lab: Lab,
) -> None:
    lab = dr_lab
    home = await Home.make(lab)
    text = say.general(home.state) + say.lvs(lab.topology, "http", 80)
    watch = await home.start(text)
    await lab.until_table(lambda table: len(table) == 4, timeout=15)
    await lab.watch_table()
    dead = " -> 192.168.1.4:80 "
    pulled = (await lab.pull("rs3")).began
    assert await leaves(lab, dead, after=pulled) <= LIMIT
    await pass_time(lab, INTERVAL)
    await lab.visit(interval=0.03)
    standing = await lab.table()

    for end in (Watch.kill, Watch.stop):
        ended = await end(watch)
        watch = await home.start(text)
        began = await lab.now()
        await pass_time(lab, 2.5 * INTERVAL)
        assert len(lab.table_watch().changes) == 1, end
        assert await lab.table() == standing
        assert began > ended
    requests = lab.requests()
    assert len(requests) > 100
    assert [request for request in requests if not request.ok] == []
    assert {request.server for request in requests} == {"rs1", "rs2"}

    plugged = (await lab.plug("rs3")).began
    assert await comes(lab, dead, after=plugged) <= LIMIT
    await watch.stop()


async def test_what_stands_stays_until_a_verdict_and_an_empty_table_fills(
    dr_lab: Lab,
) -> None:
    lab = dr_lab
    lab.cluster.fill_table()
    primed = await lab.table()
    await lab.watch_table()
    hosts = [server.host for server in lab.topology.servers]
    for host in hosts:
        await lab.hang_service(host, "httpd")
    home = await Home.make(lab)
    services = (
        say.service(
            f"LVS{number}",
            "http",
            [say.guard(f"{lab.vip}:80", f"{server.address}:80", MORE)],
        )
        for number, server in enumerate(lab.topology.servers, 1)
    )
    text = (
        say.general(home.state) + say.groups(lab.topology.servers) + "".join(services)
    )
    watch = await home.start(text)
    (adopted,) = home.entries("TableAdopted")
    assert adopted.told["servers"] == 6
    for number, server in enumerate(lab.topology.servers, 1):
        gone = await leaves(lab, f" -> {server.address}:80 ", after=adopted.at)
        verdict = verdicts(home, f"LVS{number}/http")[0]
        assert verdict - SLACK / 10 <= adopted.at + gone <= verdict + SLACK
    assert set(await lab.table()) == {line for line in primed if ":80 -> " not in line}
    await watch.stop()

    # Nothing is left or known, and the virtual service is missing: -B builds it.
    before = home
    lab.cluster.tidy()
    assert await lab.table() == ()
    home = await Home.make(lab)
    watch = await home.start(text.replace(str(before.state), str(home.state)))
    (adopted,) = home.entries("TableAdopted")
    built = await lab.until_table(lambda table: len(table) == 4, timeout=15)
    assert built == tuple(line for line in primed if f"{lab.vip}:80 " in line)
    for number, server in enumerate(lab.topology.servers, 1):
        built_after = await comes(lab, f" -> {server.address}:80 ", after=adopted.at)
        verdict = verdicts(home, f"LVS{number}/http")[0]
        assert verdict - SLACK / 10 <= adopted.at + built_after <= verdict + SLACK
    await watch.stop()


def verdicts(home: Home, where: str) -> list[float]:
    """When the status of a service has changed."""
    return [
        entry.at
        for entry in home.entries("StatusChanged")
        if entry.told["service"] == where
    ]


MORE = ', forwarding = "dr", build = true, scheduler = "rr"'
