"""Two directors with real keepalived; one dies, is cut off, or sees less than the other.

Times are the guest's. A guest on a busy machine may be kept away for a while, so what is
bounded is bounded by VRRP's own time and a margin.
"""

import signal
from collections.abc import Callable

import pytest

from monlvs.lab import Lab, Request, Word
from tests.e2e.directors import LIMIT, TAKEOVER, pair

pytestmark = [pytest.mark.lab, pytest.mark.timeout(400)]

MARGIN = 1.5
"""Seconds beyond VRRP's own: a visit's limit, and a machine that is busy."""


def since(lab: Lab, moment: float) -> list[Request]:
    return [request for request in lab.requests() if request.began >= moment]


async def until_served(lab: Lab, moment: float, count: int) -> list[Request]:
    """Wait until so many requests that began after a moment were answered."""
    answered: Callable[[], list[Request]] = lambda: [  # noqa: E731
        request for request in since(lab, moment) if request.ok
    ]
    return await lab.until(
        lambda: found if len(found := answered()) >= count else None, timeout=LIMIT
    )


async def until_heard(lab: Lab, moment: float, count: int = 5) -> list[Word]:
    """Wait until the held connection has carried so many words after a moment."""

    def heard() -> list[Word] | None:
        words = lab.words()
        assert [word.error for word in words if word.error] == []
        later = [word for word in words if word.sent >= moment]
        return later if len(later) >= count else None

    return await lab.until(heard, timeout=LIMIT)


async def port_of_talker(lab: Lab) -> str:
    """Return the client's port of the held connection, as /proc/net/ip_vs_conn has it."""
    found = await lab.run("client", f"ss -Htn state established dst {lab.vip}:7")
    local = found.stdout.split()[2]
    return f" {int(local.rpartition(':')[2]):04X} "


async def take_over(lab: Lab, moment: float) -> None:
    """New connections are served within VRRP's time, and the held one goes on."""
    served = await until_served(lab, moment, 20)
    assert served[0].ended - moment < TAKEOVER + MARGIN
    late = [r for r in since(lab, moment + TAKEOVER + MARGIN) if not r.ok]
    assert late == []
    await until_heard(lab, served[0].ended)


async def test_connections_outlive_a_director_and_new_ones_wait_for_vrrp_alone(
    pair_lab: Lab,
) -> None:
    lab = pair_lab
    a, b = await pair(lab)
    await lab.talk(interval=0.1)
    await lab.visit(interval=0.1)
    port = await port_of_talker(lab)
    await b.until_connection(port)

    # A's cable is pulled.
    pulled = (await lab.pull("dirA")).ended
    await take_over(lab, pulled)
    await b.until_role("master")
    status = await b.until(lambda s: not s["pair"]["peer"]["heard"])
    assert not status["pair"]["standby"]
    told = await b.told()
    assert "this director, dirB: master since " in told
    assert "UNREACHABLE  the other, dirA (192.168.1.1:2584): last heard " in told
    await a.until_role("fault")

    # It is plugged in again: A, of the higher priority, takes the VIP back.
    await lab.plug("dirA")
    await a.until_vip(times=2)
    back = await lab.now()
    await until_heard(lab, back)
    await until_served(lab, back, 20)
    assert [r for r in since(lab, back + MARGIN) if not r.ok] == []
    await a.until_role("master", times=2)
    await b.until_role("backup", times=2)
    await b.until(lambda s: s["pair"]["standby"] and s["pair"]["agree"])

    # A server goes down, and then all of A's programs are killed at once: what B has in
    # its table is what it has seen itself, from its first moment as master.
    await lab.stop_service("rs2", "httpd")
    for side in (a, b):
        await lab.until_table(_is_gone, director=side.name, timeout=LIMIT)
    await lab.watch_table(director=b.name)
    killed = await lab.now()
    await a.kill()
    # A's kernel has the VIP and its table still, and serves on until B's gratuitous ARP.
    await b.until_vip(times=2)
    cut = (await lab.pull("dirA")).ended
    await until_served(lab, cut, 20)
    await until_heard(lab, cut)
    served = {request.server for request in since(lab, killed) if request.ok}
    assert served == {"rs1", "rs3"}
    assert [r for r in since(lab, killed) if r.error and "refused" in r.error] == []
    assert [r for r in since(lab, cut + MARGIN) if not r.ok] == []
    assert _is_gone(lab.table_watch().first)
    assert lab.table_watch().changes == ()
    assert len({word.server for word in lab.words()}) == 1


def _is_gone(table: tuple[str, ...]) -> bool:
    return bool(table) and not any("192.168.1.3:80 " in line for line in table)


async def test_what_only_one_director_sees_is_shown_on_both(pair_lab: Lab) -> None:
    lab = pair_lab
    a, b = await pair(lab, sync="by-role")
    for side, role in ((a, "master"), (b, "backup")):
        status = await side.until(lambda s: len(s["pair"]["sync"]["running"]) == 1)
        (daemon,) = status["pair"]["sync"]["running"]
        assert daemon["role"] == role
    block = "OUTPUT -d 192.168.1.3 -j DROP"
    await lab.run(b.name, f"iptables-legacy -I {block}", check=True)
    try:
        await b.until(lambda s: s["pair"]["disagreement_count"] == 4)
        await a.until(lambda s: s["pair"]["disagreement_count"] == 4)
        here, there = await a.told(), await b.told()
    finally:
        await lab.run(b.name, f"iptables-legacy -D {block}", check=True)
    assert (
        "DISAGREE web-192.168.1.3/http: host 192.168.1.3: up here, down at dirB" in here
    )
    assert (
        "DISAGREE web-192.168.1.3/http: host 192.168.1.3: down here, up at dirA"
        in there
    )
    entry = "TCP 192.168.1.110:80 → 192.168.1.3:80"
    assert f"DISAGREE {entry}: in here, out at dirB" in here
    assert f"DISAGREE {entry}: out here, in at dirA" in there
    assert b.daemon is not None
    assert "standby: the other director is the master and tells" in b.daemon.output()
    await a.until(lambda s: s["pair"]["agree"])

    # keepalived is stopped on A: it hands the VIP over, and says so. B is the master, and
    # its kernel tells instead of hearing.
    assert a.keepalived is not None
    await a.keepalived.signal(signal.SIGTERM)
    await a.until_role("fault")
    await b.until_role("master")
    await b.until(
        lambda s: [d["role"] for d in s["pair"]["sync"]["running"]] == ["master"]
    )


async def test_the_gateway_of_vs_nat_goes_along_and_connections_outlive_a_director(
    nat_pair_lab: Lab,
) -> None:
    lab = nat_pair_lab
    a, b = await pair(lab)
    moving = {f"{lab.vip}/32", f"{lab.topology.gateway}/24"}
    assert (await a.holds(), await b.holds()) == (moving, set())
    await lab.talk(interval=0.1)
    await lab.visit(interval=0.1)
    port = await port_of_talker(lab)
    await until_served_by_all(lab, await lab.now())
    await b.until_connection(port)
    await reach_outside(lab)

    # A's inner cable is pulled: it is of no use to clients, and gives up both addresses.
    table = await lab.table(a.name)
    pulled = (await lab.pull(a.name, device="eth1")).ended
    await take_over(lab, pulled)
    await a.until_role("fault")
    assert (await a.holds(), await b.holds()) == (set(), moving)
    await until_served_by_all(lab, pulled)

    # It is plugged in again, and A takes them back. What it could not check is in still.
    await lab.plug(a.name, device="eth1")
    await a.until_vip(times=2)
    back = await lab.now()
    await until_heard(lab, back)
    await until_served_by_all(lab, back)
    assert [r for r in since(lab, back + MARGIN) if not r.ok] == []
    await b.until_role("backup", times=2)
    assert (await a.holds(), await b.holds()) == (moving, set())
    assert await lab.table(a.name) == table

    # A dies, and its cables with it.
    await a.kill()
    died = (await lab.pull(a.name)).ended
    await take_over(lab, died)
    assert await b.holds() == moving
    await until_served_by_all(lab, died)
    await reach_outside(lab)
    await b.until_role("master", times=2)
    assert len({word.server for word in lab.words()}) == 1


async def until_served_by_all(lab: Lab, moment: float) -> None:
    """Wait until each real server has answered a request that began after a moment."""
    names = {server.host for server in lab.topology.servers}

    def all_met() -> bool:
        return names <= {request.server for request in since(lab, moment)}

    await lab.until(all_met, timeout=LIMIT)


async def reach_outside(lab: Lab) -> None:
    """What a real server opens to the outside leaves by the master's address."""
    (client,) = lab.topology.cables_of("client")
    address = client.addresses[0].partition("/")[0]
    ping = ["busybox", "ping", "-c", "1", "-W", "5", address]
    await lab.run(lab.topology.servers[0].host, ping, check=True)
