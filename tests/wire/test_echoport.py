"""What the sweeps of one socket do to each other, and what nobody may make them believe."""

import asyncio
import os
from collections.abc import Callable
from functools import partial
from ipaddress import ip_address
from socket import htons

from monlvs.model.result import Outcome, Reason
from monlvs.model.values import Address
from monlvs.wire.echoport import EchoPort
from monlvs.wire.echosocket import Reply
from monlvs.wire.exchange import Echo
from monlvs.wire.icmp import Icmp
from monlvs.wire.sweep import Roster
from tests.wire.apart import apart, ip, quiet_network
from tests.wire.test_icmp import loopback

SILENT = ip_address("10.9.0.5")


def port_of(icmp: Icmp) -> EchoPort:
    [port] = icmp._ports.values()
    return port


async def until(fact: Callable[[], bool]) -> None:
    """Let the loop turn until `fact` holds."""
    async with asyncio.timeout(10):
        while not fact():
            await asyncio.sleep(0.001)


def _note(order: list[str], name: str, _: list[Outcome]) -> None:
    order.append(name)


async def each_alone(icmp: Icmp, hosts: list[Address], echo: Echo) -> list[Reason]:
    answers = await asyncio.gather(*(icmp.sweep([host], echo) for host in hosts))
    return [outcome.reason for found in answers for outcome in found.values()]


async def test_sweeps_of_a_host_each_that_begin_together_share_their_packets() -> None:
    with Icmp() as icmp:
        await each_alone(icmp, loopback(1), Echo())
        first = port_of(icmp)._sequence
        reasons = await each_alone(icmp, loopback(500), Echo(retries=0))
        used = (port_of(icmp)._sequence - first) % 65_536
        left = port_of(icmp)._rounds, port_of(icmp)._courses, port_of(icmp)._boarding

    assert reasons == [Reason.OK] * 500
    assert used == 4
    assert left == ({}, set(), {})


async def test_several_that_ask_for_the_same_host_at_once_are_all_answered() -> None:
    with Icmp() as icmp:
        reasons = await each_alone(icmp, loopback(3) * 20, Echo(retries=0))

    assert reasons == [Reason.OK] * 60


async def test_a_small_sweep_is_not_held_up_by_a_large_one() -> None:
    order: list[str] = []
    with Icmp(rate=4000) as icmp:
        for name, hosts in (("large", loopback(3000)), ("small", loopback(200, 3))):
            told = partial(_note, order, name)
            icmp.start(Roster(hosts), Echo(retries=0), told)
        await until(lambda: len(order) == 2)

    assert order == ["small", "large"]


def told(sender: bytes, sequence: int, when: int) -> Reply:
    """Spell a reply at `when` (ns) as the socket tells of it."""
    return (sender, *divmod(when, 10**9), htons(sequence))


async def answers_nobody_was_asked_for() -> object:
    quiet_network()
    found: list[list[Outcome]] = []
    with Icmp() as icmp:
        start = partial(icmp.start, echo=Echo(timeout=0.5, retries=0))
        start(Roster([SILENT, *loopback(1)]), done=found.append)
        other = ip_address("10.9.0.6").packed
        await until(lambda: bool(port_of(icmp)._rounds))
        port, (sequence, asked) = port_of(icmp), *port_of(icmp)._rounds.items()
        await until(lambda: all(asked.sent))
        now = asked.sent[0]
        port._hear([told(other, sequence, now), told(SILENT.packed, sequence + 1, now)])
        loud = loopback(1)[0].packed
        port._hear([told(loud, sequence, now + 5 * 10**9)] * 3)
        await until(lambda: bool(found))
        port._hear([told(SILENT.packed, sequence, now)])
    [outcomes] = found
    return [[o.reason, o.seconds < 0.1] for o in outcomes]


async def test_forged_duplicate_and_late_replies_change_nothing() -> None:
    assert await apart(answers_nobody_was_asked_for) == [
        ["timed out", False],
        ["ok", True],
    ]


async def early_answer() -> object:
    """Hear a host before its request has left."""
    quiet_network()
    found: list[list[Outcome]] = []
    with Icmp(rate=200) as icmp:
        hosts = [*loopback(200), SILENT]
        icmp.start(Roster(hosts), Echo(timeout=0.3, retries=0), found.append)
        await until(lambda: bool(port_of(icmp)._rounds))
        port, (sequence, asked) = port_of(icmp), *port_of(icmp)._rounds.items()
        port._hear([told(SILENT.packed, sequence, asked.sent[0] + 1000)])
        await until(lambda: bool(found))
    return [o.reason for o in found[0][-2:]]


async def test_a_reply_that_comes_before_the_request_is_none() -> None:
    assert await apart(early_answer) == ["ok", "timed out"]


async def test_a_fault_of_the_socket_is_nobodys_silence() -> None:
    found: list[list[Outcome]] = []
    with Icmp(rate=1000) as icmp:
        icmp.start(Roster(loopback(1000)), Echo(), found.append)
        await until(lambda: bool(port_of(icmp)._rounds))
        nothing = os.open("/dev/null", os.O_RDWR)
        os.dup2(nothing, port_of(icmp)._socket.fileno())
        os.close(nothing)
        await until(lambda: bool(found))

    reasons = {outcome.reason for outcome in found[0]}
    details = {o.detail for o in found[0] if o.reason is not Reason.OK}
    assert reasons <= {Reason.OK, Reason.BROKEN}
    assert "cannot receive: Socket operation on non-socket" in details


async def test_more_rounds_than_can_be_told_apart_are_not_begun() -> None:
    with Icmp() as icmp:
        await icmp.sweep(loopback(1), Echo())
        port, [asked] = port_of(icmp), [object()]
        port._rounds.update(dict.fromkeys(range(65_536), asked))  # type: ignore[arg-type]
        [outcome] = (await icmp.sweep(loopback(1), Echo())).values()
        port._rounds.clear()

    assert outcome.reason is Reason.NO_MEMORY
    assert outcome.detail == "no sequence left for one more sweep"


async def many_dead_neighbours() -> object:
    quiet_network()
    ip("addr add 10.9.0.1/16 dev near")
    dead = [ip_address(f"10.9.{n // 200 + 1}.{n % 200 + 1}") for n in range(600)]
    with Icmp() as icmp:
        echo = Echo(timeout=1.5, retries=0)
        async with asyncio.TaskGroup() as tasks:
            sweep = tasks.create_task(icmp.sweep(dead, echo))
            await until(lambda: bool(icmp._ports))
            loop = asyncio.get_running_loop()
            started = loop.time()
            await icmp.sweep(loopback(300), echo)
            took = loop.time() - started
    down = [outcome for outcome in sweep.result().values() if outcome.reason != "ok"]
    return [took < 0.5, len(down)]


async def test_requests_that_wait_for_dead_neighbours_hold_up_no_others() -> None:
    assert await apart(many_dead_neighbours) == [True, 600]


async def link_local() -> object:
    quiet_network()
    ip("addr add fe80::9/64 dev near nodad")
    with Icmp() as icmp:
        hosts = [ip_address(f"fe80::9%{zone}") for zone in ("near", "gone")]
        found = await icmp.sweep(hosts, Echo(timeout=0.4, retries=1))
        ip("link set near name gone")
        again = await icmp.sweep(Roster(hosts), Echo(timeout=0.4, retries=1))
    return [[o.reason, o.detail] for o in (*found.values(), *again.values())]


async def test_a_zone_is_looked_up_when_the_request_leaves() -> None:
    well = ["ok", ""]
    assert await apart(link_local) == [
        well,
        ["own network gone", "no interface gone"],
        ["own network gone", "no interface near"],
        well,
    ]


async def closed_by_a_receiver() -> object:
    """Close while requests leave, from inside a turn that takes replies in."""
    quiet_network()
    complaints: list[object] = []
    found: list[list[Outcome]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: complaints.append(context["message"]))
    with Icmp(rate=2000) as icmp:
        icmp.start(Roster(loopback(1000)), Echo(timeout=2), found.append)
        port = port_of(icmp)
        await until(lambda: not port._listening)
        icmp.start(Roster(loopback(1)), Echo(timeout=1), lambda _: icmp.close())
        await until(lambda: bool(found) and port._turn is None)
    return complaints


async def test_whoever_hears_of_a_sweep_may_close_the_port() -> None:
    assert await apart(closed_by_a_receiver) == []
