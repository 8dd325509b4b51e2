"""Exchanges with real servers: every reason that a peer can cause."""

import asyncio
import re
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import ExitStack
from ipaddress import ip_address
from pathlib import Path

import pytest

from monlvs.model.result import Outcome, Reason, Verdict
from monlvs.wire.exchange import Dialogue, Exchange, Expect, HttpReply, Says, Step
from monlvs.wire.sockets import Sockets
from tests.wire.apart import apart, ip, quiet_network
from tests.wire.servers import (
    LOOPBACK,
    Talk,
    answers,
    closed_port,
    http_check,
    reset,
    says,
    serving,
    silence,
)

HELLO = HttpReply(body=re.compile(b"hello"))
HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
async def sockets() -> AsyncIterator[Sockets]:
    with Sockets() as engine:
        yield engine


def to(port: int, **terms: object) -> Exchange:
    terms.setdefault("timeout", 5.0)
    return Exchange(address=LOOPBACK, port=port, **terms)  # type: ignore[arg-type]


async def ask(sockets: Sockets, talk: Talk, expect: Expect) -> Outcome:
    async with serving(talk) as port:
        return await sockets.run(http_check(port, expect))


async def test_an_accepted_connection_is_up(sockets: Sockets) -> None:
    async with serving(silence) as port:
        outcome = await sockets.run(to(port))

    assert (outcome.verdict, outcome.reason) == (Verdict.UP, Reason.OK)
    assert 0 < outcome.seconds < 1


async def test_a_closed_port_is_refused(sockets: Sockets) -> None:
    outcome = await sockets.run(to(closed_port()))

    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, Reason.REFUSED)


async def test_ipv6_works_alike(sockets: Sockets) -> None:
    async with serving(says(b"220 six\r\n"), host="::1") as port:
        outcome = await sockets.run(
            Exchange(
                address=ip_address("::1"),
                port=port,
                expect=Says(pattern=re.compile(b"^220")),
            )
        )

    assert outcome.detail == "220 six"


SERVERS = {
    "a plain reply": (answers(HEAD + b"\r\nhello"), HELLO, Reason.OK),
    "a status that is not wanted": (
        answers(b"HTTP/1.1 503 Busy\r\n\r\n"),
        HttpReply(),
        Reason.UNEXPECTED,
    ),
    "a body without the words": (answers(HEAD + b"\r\nbye"), HELLO, Reason.UNEXPECTED),
    "a header that drips byte by byte": (
        answers(*(bytes([b]) for b in HEAD + b"X: y\r\n\r\nhello")),
        HELLO,
        Reason.OK,
    ),
    "chunks in packets of their own": (
        answers(
            HEAD,
            b"Transfer-Encoding: chunked\r\n\r\n",
            b"2\r\nhe\r\n",
            b"3\r\nllo\r\n",
            b"0\r\n\r\n",
        ),
        HELLO,
        Reason.OK,
    ),
    "words split across packets": (answers(HEAD + b"\r\nhel", b"lo"), HELLO, Reason.OK),
    "a large body": (
        answers(HEAD + b"\r\n" + b"x" * 200_000 + b"hello"),
        HELLO,
        Reason.OK,
    ),
    "a body without an end": (
        answers(HEAD + b"\r\n" + b"x" * 400_000, close=False),
        HELLO,
        Reason.TOO_LARGE,
    ),
    "closed without a word": (answers(), HttpReply(), Reason.CLOSED_EARLY),
    "closed within the body": (
        answers(HEAD + b"Content-Length: 9\r\n\r\nhe"),
        HELLO,
        Reason.CLOSED_EARLY,
    ),
    "a reset instead of a reply": (reset, HttpReply(), Reason.RESET),
}


@pytest.mark.parametrize(("talk", "expect", "reason"), SERVERS.values(), ids=SERVERS)
async def test_a_server_gets_its_reason(
    sockets: Sockets, talk: Talk, expect: Expect, reason: Reason
) -> None:
    outcome = await ask(sockets, talk, expect)

    assert outcome.reason is reason, outcome


async def test_a_server_that_stays_open_after_its_status_line_is_decided(
    sockets: Sockets,
) -> None:
    outcome = await ask(sockets, answers(HEAD, close=False), HttpReply())

    assert outcome.detail == "HTTP/1.1 200 OK"


async def test_a_server_that_has_closed_its_half_may_still_be_spoken_to(
    sockets: Sockets,
) -> None:
    heard = asyncio.get_running_loop().create_future()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hi\r\n")
        writer.write_eof()
        heard.set_result(await reader.read())

    steps = (Step(expect=re.compile(b"220"), send=b"QUIT\r\n"),)
    async with serving(talk) as port:
        outcome = await sockets.run(to(port, expect=Dialogue(steps=steps), reset=False))
        assert await heard == b"QUIT\r\n"

    assert outcome.reason is Reason.OK


async def test_a_telnet_prompt_behind_negotiation_is_found(sockets: Sockets) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\xff\xfd\x18\xff\xfb\x01")
        assert await reader.readexactly(6) == b"\xff\xfc\x18\xff\xfe\x01"
        writer.write(b"\r\nrs1 login: ")
        await silence(reader, writer)

    steps = (Step(expect=re.compile(rb"login: $")),)
    async with serving(talk) as port:
        outcome = await sockets.run(to(port, expect=Dialogue(steps=steps, telnet=True)))

    assert outcome.detail == "rs1 login:"


async def test_a_request_larger_than_the_send_buffer_is_sent_whole(
    sockets: Sockets,
) -> None:
    words = b"x" * 8_000_000 + b"\n"

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        count = 0
        while count < len(words):
            count += len(await reader.read(1 << 16))
        writer.write(b"got %d" % count)

    async with serving(talk) as port:
        expect = Says(pattern=re.compile(b"got 8000001"))
        outcome = await sockets.run(to(port, send=words, expect=expect))

    assert outcome.reason is Reason.OK


async def test_the_source_address_is_ours_to_choose(sockets: Sockets) -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(writer.get_extra_info("peername")[0].encode())

    async with serving(talk) as port:
        expect = Says(pattern=re.compile(rb"127\.0\.0\.9"))
        source = ip_address("127.0.0.9")
        outcome = await sockets.run(to(port, source=source, expect=expect))

    assert outcome.reason is Reason.OK


async def test_a_source_address_that_we_do_not_have_is_our_own_trouble(
    sockets: Sockets,
) -> None:
    source = ip_address("192.0.2.1")
    outcome = await sockets.run(to(closed_port(), source=source))

    assert outcome.verdict is Verdict.INCONCLUSIVE
    assert outcome.reason is Reason.NO_PORTS


async def test_a_port_that_cannot_be_is_a_broken_check(sockets: Sockets) -> None:
    outcome = await sockets.run(to(70_000))

    assert (outcome.verdict, outcome.reason) == (Verdict.INCONCLUSIVE, Reason.BROKEN)


async def test_a_check_that_is_done_leaves_no_port_in_time_wait(
    sockets: Sockets,
) -> None:
    closed = asyncio.get_running_loop().create_future()

    async def talk(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        try:
            await reader.read()
        except ConnectionResetError:
            closed.set_result("reset")

    async with serving(talk) as port:
        await sockets.run(to(port))

        assert await closed == "reset"


async def test_a_listener_that_accepts_nothing_more_times_out(sockets: Sockets) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        # The kernel drops a SYN when the queue of the listener is full.
        outcomes = await asyncio.gather(
            *(sockets.run(to(port, expect=HttpReply(), timeout=0.3)) for _ in range(4))
        )

    assert {outcome.reason for outcome in outcomes} == {Reason.TIMED_OUT}
    assert {outcome.detail for outcome in outcomes} == {
        "no answer before any reply within 0.3 s",
        "no connection within 0.3 s",
    }


async def test_what_nothing_satisfies_needs_a_connection_all_the_same(
    sockets: Sockets,
) -> None:
    says = Says(pattern=re.compile(b".*"))
    with socket.socket() as listener, ExitStack() as stack:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        for _ in range(4):  # its queue is full then, and the kernel drops what comes
            held = stack.enter_context(socket.socket())
            held.setblocking(False)
            held.connect_ex(address)
        check = to(address[1], send=b"hi", expect=says, timeout=0.3)
        outcome = await sockets.run(check)

    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, Reason.TIMED_OUT)
    assert outcome.detail == "no connection within 0.3 s"


async def reasons(*exchanges: Exchange) -> list[list[str]]:
    with Sockets() as sockets:
        outcomes = [await sockets.run(exchange) for exchange in exchanges]
    return [[outcome.verdict, outcome.reason] for outcome in outcomes]


async def troubled_network() -> object:
    quiet_network()
    ip("route add unreachable 10.8.0.0/16")
    ip("route add prohibit 10.6.0.0/16")
    drop = ["iptables-legacy", "-A", "OUTPUT", "-d", "127.0.0.7", "-j", "DROP"]
    subprocess.run(drop, check=True)
    hosts = (
        "10.8.0.1", "10.6.0.1", "127.0.0.7", "192.0.2.1", "2001:db8::1", "10.9.0.5",
    )  # fmt: skip
    return await reasons(
        *(Exchange(address=ip_address(host), port=80, timeout=0.3) for host in hosts)
    )


async def test_trouble_at_home_is_told_from_trouble_over_there() -> None:
    assert await apart(troubled_network) == [
        ["down", "unreachable"],
        ["inconclusive", "not permitted"],
        ["down", "timed out"],
        ["inconclusive", "own network gone"],
        ["inconclusive", "own network gone"],
        ["down", "timed out"],
    ]


async def few_ports() -> object:
    limits = Path("/proc/sys/net/ipv4/ip_local_port_range")
    limits.write_text("40000 40001")
    async with serving(silence) as port:
        with Sockets() as sockets:
            exchange = to(port, expect=HttpReply(), timeout=0.3)
            return sorted(
                outcome.reason
                for outcome in await asyncio.gather(
                    *(sockets.run(exchange) for _ in range(4))
                )
            )


async def test_no_local_ports_left_is_our_own_trouble() -> None:
    found = await apart(few_ports)

    assert set(found) == {"no local ports left", "timed out"}


async def marked() -> object:
    """Only what carries the mark finds its way."""
    rule = "-A OUTPUT -d 127.0.0.7 -m mark ! --mark 0x80000001 -j DROP"
    subprocess.run(["iptables-legacy", *rule.split()], check=True)
    async with serving(says(b"220 hi\r\n"), host="0.0.0.0") as port:
        with_mark, without = (
            Exchange(
                address=ip_address("127.0.0.7"),
                port=port,
                expect=Says(pattern=re.compile(b"220")),
                mark=mark,
                timeout=0.5,
            )
            for mark in (0x80000001, None)
        )
        return await reasons(with_mark, without)


async def test_a_mark_is_on_what_we_send() -> None:
    assert await apart(marked) == [["up", "ok"], ["down", "timed out"]]
