"""The engine: order, room, deadlines, lateness, and that nothing is left behind."""

import asyncio
import os
import re
import resource
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path

import pytest

from monlvs.model.result import Reason, Verdict
from monlvs.wire.exchange import Exchange, HttpReply, Says, http_request
from monlvs.wire.finding import Finding, verdict_of
from monlvs.wire.sockets import Sockets
from tests.wire.servers import (
    LOOPBACK,
    answers,
    closed_port,
    descriptors,
    http_check,
    says,
    serving,
    silence,
)

OK = answers(b"HTTP/1.1 200 OK\r\n\r\n")


@pytest.fixture
async def sockets() -> AsyncIterator[Sockets]:
    with Sockets() as engine:
        yield engine


async def test_a_thousand_checks_share_a_hundred_places() -> None:
    running = most = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await OK(reader, writer)
        running -= 1

    before = descriptors()
    with Sockets(limit=100) as sockets:
        async with serving(talk) as port:
            check = http_check(port, timeout=20.0)
            outcomes = await asyncio.gather(*(sockets.run(check) for _ in range(1000)))
        assert (sockets.running, sockets.waiting) == (0, 0)

    assert {outcome.reason for outcome in outcomes} == {Reason.OK}
    assert most <= 100
    assert descriptors() == before


@pytest.mark.parametrize("rest", [b"\r\n", b"\r\n" + b"x" * 1000])
async def test_a_check_ends_with_a_reset_however_little_it_has_read(
    rest: bytes, sockets: Sockets
) -> None:
    ended = asyncio.get_running_loop().create_future()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n" + rest)
        try:
            ended.set_result(await reader.read())
        except ConnectionResetError as error:
            ended.set_result(error)

    async with serving(talk) as port:
        outcome = await sockets.run(http_check(port))
        async with asyncio.timeout(5):
            last = await ended

    assert outcome.detail == "HTTP/1.1 200 OK"
    assert isinstance(last, ConnectionResetError)


async def test_what_waits_is_started_in_order() -> None:
    order: list[int] = []
    done = asyncio.Event()

    def take(number: int) -> None:
        order.append(number)
        if len(order) == 20:
            done.set()

    with Sockets(limit=1) as sockets:
        async with serving(OK) as port:
            for number in range(20):
                sockets.start(http_check(port), lambda *_, n=number: take(n))
            await done.wait()

    assert order == list(range(20))


@pytest.mark.parametrize("limit", [0.1, 0.25, 0.4])
async def test_silence_times_out_on_time(sockets: Sockets, limit: float) -> None:
    async with serving(silence) as port:
        outcome = await sockets.run(http_check(port, timeout=limit))

    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, Reason.TIMED_OUT)
    assert limit <= outcome.seconds < limit + 0.05


async def test_a_server_that_drips_forever_times_out_on_time(sockets: Sockets) -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with serving(talk) as port:
        outcome = await sockets.run(
            Exchange(
                address=LOOPBACK,
                port=port,
                expect=Says(pattern=re.compile(b"login")),
                timeout=0.3,
            )
        )

    assert outcome.reason is Reason.TIMED_OUT
    assert 0.3 <= outcome.seconds < 0.35


async def test_a_shorter_time_limit_started_later_ends_earlier(
    sockets: Sockets,
) -> None:
    async with serving(silence) as port:
        long = sockets.run(http_check(port, timeout=0.4))
        short = sockets.run(http_check(port, timeout=0.1))
        outcomes = await asyncio.gather(long, short)

    assert [round(outcome.seconds, 1) for outcome in outcomes] == [0.4, 0.1]


async def test_a_check_that_gets_no_place_in_time_is_late_not_down() -> None:
    with Sockets(limit=1) as sockets:
        async with serving(silence) as port:
            first = sockets.run(http_check(port, timeout=1.0))
            second = sockets.run(http_check(port, timeout=0.1))
            outcomes = await asyncio.gather(first, second)

    assert [outcome.reason for outcome in outcomes] == [Reason.TIMED_OUT, Reason.LATE]
    assert outcomes[1].verdict is Verdict.INCONCLUSIVE
    assert 0.1 <= outcomes[1].seconds < 0.15


async def launched() -> None:
    """Let a new task start its check, and the engine open the socket at the turn's end."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)


def reply_on(listener: socket.socket) -> socket.socket:
    """Accept one connection and answer it, in a blocking way."""
    connection, _ = listener.accept()
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    return connection


async def test_an_answer_that_came_while_the_loop_was_blocked_counts(
    sockets: Sockets,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        check = http_check(listener.getsockname()[1], timeout=0.1)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(sockets.run(check))
            await launched()
            with reply_on(listener):
                time.sleep(0.5)
                await running

    assert running.result().reason is Reason.OK


async def test_silence_that_a_blocked_loop_looked_at_too_late_proves_nothing(
    sockets: Sockets,
) -> None:
    async with serving(silence) as port, asyncio.TaskGroup() as tasks:
        running = tasks.create_task(sockets.run(http_check(port, timeout=0.2)))
        await launched()
        time.sleep(0.6)
        outcome = await running

    assert (outcome.verdict, outcome.reason) == (Verdict.INCONCLUSIVE, Reason.LATE)


async def test_time_that_we_lost_in_the_middle_of_a_check_is_not_the_host_s(
    sockets: Sockets,
) -> None:
    async with serving(silence) as port, asyncio.TaskGroup() as tasks:
        running = tasks.create_task(sockets.run(http_check(port, timeout=0.8)))
        await launched()
        time.sleep(0.6)
        outcome = await running

    assert 0.8 <= outcome.seconds < 0.85
    assert outcome.reason is Reason.LATE


@contextmanager
def no_descriptors_left() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(entry.name) for entry in Path("/proc/self/fd").iterdir())
    taken = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 2, hard))
    try:
        with suppress(OSError):  # EMFILE
            while True:
                taken.append(os.dup(0))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for fd in taken:
            os.close(fd)


async def test_no_descriptors_left_is_our_own_trouble(sockets: Sockets) -> None:
    with no_descriptors_left():
        outcome = await sockets.run(http_check(9))

    assert (outcome.verdict, outcome.reason) == (
        Verdict.INCONCLUSIVE,
        Reason.NO_DESCRIPTORS,
    )


async def test_cancelling_closes_the_socket(sockets: Sockets) -> None:
    before = descriptors()
    async with serving(silence) as port:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await sockets.run(http_check(port))

        assert sockets.running == 0
    assert descriptors() == before


async def test_closing_the_engine_ends_everything_as_inconclusive() -> None:
    before = descriptors()
    reasons: list[Reason] = []

    def take(finding: Finding, _: float) -> None:
        reasons.append(finding.reason)

    async with serving(silence) as port:
        with Sockets(limit=5) as sockets:
            for _ in range(10):
                sockets.start(http_check(port), take)
            assert (sockets.running, sockets.waiting) == (5, 5)

    assert reasons == [Reason.STOPPED] * 10
    assert verdict_of(Reason.STOPPED) is Verdict.INCONCLUSIVE
    assert descriptors() == before


async def test_a_closed_engine_still_answers_those_who_ask() -> None:
    with Sockets() as sockets:
        pass
    outcome = await sockets.run(http_check(closed_port()))

    assert outcome.reason is Reason.STOPPED


async def test_whoever_starts_thousands_does_most_of_the_launching() -> None:
    before = descriptors()
    async with serving(silence) as port:
        with Sockets() as sockets:
            for _ in range(200):
                sockets.start(http_check(port), lambda *_: None)
            opened = len(descriptors() - before)

    assert opened >= 150


async def test_the_answer_never_comes_from_inside_start(sockets: Sockets) -> None:
    told: list[Finding] = []
    sockets.start(http_check(closed_port()), lambda finding, _: told.append(finding))

    assert told == []


async def test_a_receiver_that_fails_does_not_stop_the_others(sockets: Sockets) -> None:
    told: list[str] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: told.append(context["message"])
    )

    def fail(*_: object) -> None:
        raise RuntimeError("broken receiver")

    async with serving(OK) as port:
        sockets.start(http_check(port), fail)
        outcome = await sockets.run(http_check(port))
        while not told:
            await asyncio.sleep(0)

    assert outcome.reason is Reason.OK
    assert told == ["the receiver of a check's outcome failed"]


async def test_a_receiver_may_start_the_next_check(sockets: Sockets) -> None:
    left, done = 50, asyncio.Event()

    async with serving(OK) as port:
        check = http_check(port)

        def again(finding: Finding, _: float) -> None:
            nonlocal left
            assert finding.reason is Reason.OK
            left -= 1
            if left:
                sockets.start(check, again)
            else:
                done.set()

        sockets.start(check, again)
        async with asyncio.timeout(10):
            await done.wait()

    assert left == 0


async def test_dead_hosts_do_not_delay_live_ones(sockets: Sockets) -> None:
    async with serving(silence) as dead, serving(OK) as live:
        held = [sockets.start(http_check(dead), lambda *_: None) for _ in range(200)]
        outcome = await sockets.run(http_check(live))
        for each in held:
            sockets.abandon(each)

    assert outcome.reason is Reason.OK
    assert outcome.seconds < 1


async def test_many_addresses_are_checked_each_for_itself(sockets: Sockets) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        own = writer.get_extra_info("sockname")[0]
        status = 200 if int(own.rpartition(".")[2]) % 2 else 503
        writer.write(b"HTTP/1.1 %d %s\r\n" % (status, own.encode()))

    async with serving(talk, host="0.0.0.0") as port:
        outcomes = await asyncio.gather(
            *(
                sockets.run(
                    Exchange(
                        address=ip_address(f"127.0.1.{last}"),
                        port=port,
                        send=http_request(host="x"),
                        expect=HttpReply(),
                    )
                )
                for last in range(1, 101)
            )
        )

    assert [outcome.verdict is Verdict.UP for outcome in outcomes] == [True, False] * 50
    assert all(
        outcome.detail.endswith(f"127.0.1.{last}")
        for last, outcome in enumerate(outcomes, 1)
    )


async def test_says_and_close_within_one_packet_is_seen(sockets: Sockets) -> None:
    async with serving(says(b"220 ready\r\n")) as port:
        expect = Says(pattern=re.compile(b"ready"))
        outcome = await sockets.run(
            Exchange(address=LOOPBACK, port=port, expect=expect)
        )

    assert outcome.detail == "220 ready"
