"""Datagrams to real ports of this machine."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import Any

from monlvs.model.result import Reason
from monlvs.wire.datagram import Datagram, converse
from tests.monitors.loopback import LIMIT, SHORT

HOME = ip_address("127.0.0.1")


@asynccontextmanager
async def port(answer: Callable[[bytes], list[bytes]]) -> AsyncIterator[int]:
    """Listen at a port; `answer` makes datagrams of one."""

    class Protocol(asyncio.DatagramProtocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            for each in answer(data):
                self.transport.sendto(each, addr)

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        Protocol, local_addr=("127.0.0.1", 0)
    )
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()


def refusing() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind(("127.0.0.1", 0))
        return int(wire.getsockname()[1])


async def test_an_answer_that_is_expected_is_a_success() -> None:
    said = Datagram(send=b"ping", expect=re.compile(b"^pong"))
    async with port(lambda data: [b"noise", b"pong " + data]) as number:
        found = await converse(said, HOME, number, timeout=LIMIT)

    assert found == (Reason.OK, "pong ping")


async def test_another_answer_is_unexpected_once_the_time_is_over() -> None:
    said = Datagram(send=b"ping", expect=re.compile(b"^pong"))
    async with port(lambda _: [b"who\x07?"]) as number:
        found = await converse(said, HOME, number, timeout=SHORT)

    assert found == (Reason.UNEXPECTED, "who\\x07?")


async def test_silence_is_no_answer_and_yet_no_refusal() -> None:
    heard: list[bytes] = []
    async with port(lambda data: heard.append(data) or []) as number:  # type: ignore[func-returns-value]
        mute = await converse(
            Datagram(send=b"a", expect=re.compile(b"."), tries=3),
            HOME,
            number,
            timeout=SHORT,
        )
        fine = await converse(Datagram(send=b"b"), HOME, number, timeout=SHORT)

    assert mute.reason is Reason.TIMED_OUT
    assert fine == (Reason.OK, "nothing was refused")
    assert heard == [b"a"] * 3 + [b"b"] * 2


async def test_a_port_that_nobody_listens_at_refuses() -> None:
    for expect in (None, re.compile(b".")):
        said = Datagram(send=b"x", expect=expect)
        found = await converse(said, HOME, refusing(), timeout=LIMIT)
        assert found.reason is Reason.REFUSED


async def test_a_try_that_is_lost_is_made_again() -> None:
    heard: list[bytes] = []

    def second(data: bytes) -> list[bytes]:
        heard.append(data)
        return [b"here"] if len(heard) > 1 else []

    said = Datagram(send=b"x", expect=re.compile(b"here"))
    async with port(second) as number:
        found = await converse(said, HOME, number, timeout=2 * SHORT)

    assert found.reason is Reason.OK
