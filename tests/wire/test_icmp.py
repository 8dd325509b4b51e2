"""Sweeps on loopback and in namespaces where hosts are silent or out of reach."""

import asyncio
import ctypes
import json
import struct
import subprocess
import sys
import time
from ipaddress import ip_address
from pathlib import Path

from monlvs.model.result import Outcome, Reason, Verdict
from monlvs.model.values import Address
from monlvs.wire.exchange import Echo
from monlvs.wire.icmp import Icmp
from monlvs.wire.sweep import Roster
from tests.wire.apart import apart, ip, quiet_network
from tests.wire.servers import descriptors


def loopback(count: int, net: int = 2) -> list[Address]:
    return [ip_address(f"127.{net}.{i // 250}.{i % 250 + 1}") for i in range(count)]


async def test_hosts_of_both_families_answer() -> None:
    before = descriptors()
    hosts = [ip_address("127.0.0.1"), ip_address("::1"), ip_address("127.0.0.2")]
    with Icmp() as icmp:
        outcomes = await icmp.sweep(hosts, Echo())

    assert list(outcomes) == hosts
    assert {outcome.verdict for outcome in outcomes.values()} == {Verdict.UP}
    assert all(0 < outcome.seconds < 0.1 for outcome in outcomes.values())
    assert descriptors() == before


async def test_no_reply_of_ten_thousand_hosts_is_lost() -> None:
    hosts = loopback(10_000)
    with Icmp(rate=1e9) as icmp:
        outcomes = await icmp.sweep(hosts, Echo(retries=0, timeout=10))

    assert len(outcomes) == 10_000
    assert {outcome.reason for outcome in outcomes.values()} == {Reason.OK}


async def test_sweeps_at_the_same_time_do_not_hear_each_other() -> None:
    with Icmp() as icmp:
        sweeps = [
            icmp.sweep(loopback(300, net), Echo(retries=0)) for net in range(2, 8)
        ]
        same = [icmp.sweep(loopback(300), Echo(size=size)) for size in (0, 1, 1400)]
        results = await asyncio.gather(*sweeps, *same)

    for outcomes in results:
        assert {outcome.reason for outcome in outcomes.values()} == {Reason.OK}


async def test_two_engines_do_not_hear_each_other() -> None:
    with Icmp() as one, Icmp() as other:
        results = await asyncio.gather(
            *(each.sweep(loopback(500), Echo(retries=0)) for each in (one, other))
        )

    for outcomes in results:
        assert {outcome.reason for outcome in outcomes.values()} == {Reason.OK}


async def test_the_rate_is_kept() -> None:
    with Icmp(rate=2000) as icmp:
        started = time.monotonic()
        outcomes = await icmp.sweep(loopback(1000), Echo(retries=0))
        took = time.monotonic() - started

    assert {outcome.reason for outcome in outcomes.values()} == {Reason.OK}
    assert 0.35 < took < 1


async def test_an_empty_group_is_over_at_once() -> None:
    with Icmp() as icmp:
        assert await icmp.sweep([], Echo()) == {}


async def test_closing_ends_sweeps_as_inconclusive() -> None:
    before = descriptors()
    found: list[Outcome] = []
    with Icmp(rate=1000) as icmp:
        icmp.start(Roster(loopback(5000)), Echo(), found.extend)

    assert {outcome.reason for outcome in found} == {Reason.STOPPED}
    assert len(found) == 5000
    assert descriptors() == before


async def test_cancelling_a_sweep_leaves_the_others_alone() -> None:
    with Icmp(rate=2000) as icmp:
        async with asyncio.TaskGroup() as tasks:
            doomed = tasks.create_task(icmp.sweep(loopback(5000, 3), Echo()))
            other = tasks.create_task(icmp.sweep(loopback(10), Echo()))
            await asyncio.sleep(0)
            doomed.cancel()

    assert {outcome.reason for outcome in other.result().values()} == {Reason.OK}


async def ping(*hosts: str, **terms: float) -> list[list[str]]:
    echo = Echo(**{"timeout": 0.4, "retries": 1, **terms})  # type: ignore[arg-type]
    with Icmp() as icmp:
        outcomes = await icmp.sweep([ip_address(host) for host in hosts], echo)
    return [[o.verdict, o.reason, o.detail] for o in outcomes.values()]


async def silent_and_loud() -> object:
    quiet_network()
    started = time.monotonic()
    found = await ping("127.0.0.1", "10.9.0.5")
    return [found, time.monotonic() - started]


async def test_a_silent_host_is_down_at_the_time_limit() -> None:
    found, took = await apart(silent_and_loud)

    assert found == [["up", "ok", ""], ["down", "timed out", "no reply within 0.4 s"]]
    assert 0.4 <= took < 0.5


def packets_sent() -> int:
    """Count what has left through the quiet network (proc_pid_net(5), dev)."""
    lines = Path("/proc/thread-self/net/dev").read_text().splitlines()
    [counters] = [line.split() for line in lines if line.lstrip().startswith("near:")]
    return int(counters[10])


async def counted_requests() -> object:
    quiet_network()
    before = packets_sent()
    await ping("10.9.0.5", retries=3, timeout=0.4)
    await ping("10.9.0.5", retries=5, timeout=0.4, interval=0.15)
    return packets_sent() - before


async def test_a_silent_host_is_asked_again_as_often_as_time_allows() -> None:
    # Four requests, and then three, 0.15 s apart. IPv6 may add its own to the counter.
    assert await apart(counted_requests) >= 7


async def late_answer() -> object:
    """Answer nothing at first, and everything from then on."""
    ignore = Path("/proc/sys/net/ipv4/icmp_echo_ignore_all")
    ignore.write_text("1")
    asyncio.get_running_loop().call_later(0.1, ignore.write_text, "0")
    return await ping("127.0.0.1", retries=3, timeout=1.0)


async def test_a_retry_that_is_answered_is_enough() -> None:
    assert await apart(late_answer) == [["up", "ok", ""]]


async def out_of_reach() -> object:
    ip("route add unreachable 10.8.0.0/16")
    ip("route add prohibit 10.6.0.0/16")
    return await ping("10.8.0.1", "10.6.0.1", "192.0.2.1", "2001:db8::1")


async def test_no_route_at_all_is_our_own_trouble_and_an_unreachable_host_is_not() -> (
    None
):
    assert [found[:2] for found in await apart(out_of_reach)] == [
        ["down", "unreachable"],
        ["inconclusive", "not permitted"],
        ["inconclusive", "own network gone"],
        ["inconclusive", "own network gone"],
    ]


async def host_unreachable() -> object:
    quiet_network()
    # Nobody answers ARP for this one: the kernel says so after its tries (arp(7)).
    Path("/proc/sys/net/ipv4/neigh/near/retrans_time_ms").write_text("50")
    return await ping("10.9.0.77", timeout=2.0, retries=0)


async def test_an_icmp_error_tells_why_a_host_is_silent() -> None:
    assert await apart(host_unreachable) == [
        ["down", "unreachable", "destination unreachable"]
    ]


async def unprivileged() -> object:
    Path("/proc/sys/net/ipv4/ping_group_range").write_text("0 0")
    subprocess.run(
        ["iptables-legacy", "-A", "OUTPUT", "-d", "127.0.0.7", "-j", "DROP"], check=True
    )
    with Icmp() as icmp:
        hosts = [ip_address("127.0.0.1"), ip_address("::1"), ip_address("127.0.0.7")]
        found = await icmp.sweep(hosts, Echo(timeout=0.3))
        raw = [port._socket.is_raw for port in icmp._ports.values()]
    return [raw, [o.reason for o in found.values()]]


async def test_the_unprivileged_socket_is_used_where_the_kernel_allows_it() -> None:
    assert await apart(unprivileged) == [
        [False, False],
        ["ok", "ok", "not permitted"],
    ]


async def without_privilege() -> object:
    code = "import asyncio, json, tests.wire.test_icmp as t\n"
    code += "print(json.dumps(asyncio.run(t.ping('127.0.0.1', '::1'))))"
    drop = ("setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw")
    done = subprocess.run(
        [*drop, sys.executable, "-c", code], stdout=subprocess.PIPE, check=True
    )
    return json.loads(done.stdout)


async def test_without_any_privilege_nobody_is_down() -> None:
    found = await apart(without_privilege)

    assert [each[:2] for each in found] == [["inconclusive", "not permitted"]] * 2


async def blocked_loop() -> object:
    quiet_network()
    loop = asyncio.get_running_loop()
    loop.call_later(0.1, time.sleep, 1.0)
    return await ping("10.9.0.5", "127.0.0.1", timeout=0.3, retries=0)


async def test_silence_that_was_looked_at_too_late_proves_nothing() -> None:
    silent, loud = await apart(blocked_loop)

    assert silent[:2] == ["inconclusive", "checker was late"]
    assert loud[:2] == ["up", "ok"]


async def from_a_source() -> object:
    ip("addr add 10.5.0.1/32 dev lo")
    four = await ping("127.0.0.1", source=ip_address("127.0.0.9"))  # type: ignore[arg-type]
    none = await ping("127.0.0.1", source=ip_address("10.77.0.1"))  # type: ignore[arg-type]
    six = await ping("::1", source=ip_address("::1"))  # type: ignore[arg-type]
    return [found[0][:2] for found in (four, six, none)]


async def test_the_source_address_is_ours_to_choose() -> None:
    four, six, none = await apart(from_a_source)

    assert four == six == ["up", "ok"]
    assert none[0] == "inconclusive"


async def powerless() -> list[str]:
    # capset(2): header of version 3 for this process, no bit in any of the three sets.
    header, nothing = struct.pack("Ii", 0x20080522, 0), bytes(24)
    assert ctypes.CDLL(None).capset(header, nothing) == 0
    with Icmp() as icmp:
        (outcome,) = (await icmp.sweep(loopback(1), Echo(timeout=1))).values()
    return [outcome.verdict.value, outcome.reason.value, outcome.detail]


async def test_without_the_privilege_it_is_named_and_nobody_is_down() -> None:
    assert await apart(powerless) == [
        "inconclusive",
        "not permitted",
        "ICMP needs CAP_NET_RAW",
    ]
