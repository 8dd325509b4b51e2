"""Sockets that serve one check after the other, and what must not be left on them."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from ipaddress import ip_address

import pytest

from monlvs.model.result import Reason
from monlvs.wire.exchange import Exchange, Says
from monlvs.wire.sockets import Sockets
from monlvs.wire.spares import Spares
from tests.wire.servers import (
    answers,
    closed_port,
    descriptors,
    http_check,
    serving,
    silence,
)

OK = answers(b"HTTP/1.1 200 OK\r\n\r\n")


@pytest.fixture
async def sockets() -> AsyncIterator[Sockets]:
    with Sockets() as engine:
        yield engine


async def test_a_socket_serves_the_next_check_and_another_server(
    sockets: Sockets,
) -> None:
    before = descriptors()
    ports: list[int] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ports.append(writer.get_extra_info("peername")[1])
        await OK(reader, writer)

    async with serving(talk) as one, serving(talk) as other:
        listeners = descriptors() - before
        for port in (one, other, one, other):
            assert (await sockets.run(http_check(port))).reason is Reason.OK
        kept = {name for name in descriptors() - before - listeners if "socket" in name}

    assert len(set(ports)) == 4
    assert len(kept) == 1


async def test_nothing_that_one_server_said_reaches_the_check_of_the_next(
    sockets: Sockets,
) -> None:
    loud = answers(b"HTTP/1.1 200 OK\r\n\r\n" + b"HTTP/1.1 500 Bad\r\n" * 4000)
    async with serving(loud) as one, serving(OK) as other, serving(silence) as mute:
        for _ in range(50):
            assert (await sockets.run(http_check(one))).reason is Reason.OK
            assert (await sockets.run(http_check(other))).reason is Reason.OK
        last = await sockets.run(http_check(mute, timeout=0.2))

    assert last.reason is Reason.TIMED_OUT


async def test_a_spare_finds_a_closed_port_closed(sockets: Sockets) -> None:
    async with serving(OK) as port:
        assert (await sockets.run(http_check(port))).reason is Reason.OK
    refused = await sockets.run(http_check(closed_port()))

    assert refused.reason is Reason.REFUSED


async def test_the_socket_of_a_check_that_failed_is_closed(sockets: Sockets) -> None:
    before = descriptors()
    bad = answers(b"HTTP/1.1 500 Broken\r\n\r\n")
    async with serving(bad) as port, serving(silence) as mute:
        for where in (port, mute, closed_port()):
            found = await sockets.run(http_check(where, timeout=0.2))
            assert found.reason is not Reason.OK

    assert descriptors() == before


async def test_each_server_that_speaks_first_is_heard_on_a_spare(
    sockets: Sockets,
) -> None:
    """A check that waits for nothing but words, after one that said its own first."""

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        await writer.drain()

    expect = Says(pattern=re.compile(b"hello"))
    async with serving(OK) as web, serving(greet) as other:
        for _ in range(20):
            assert (await sockets.run(http_check(web))).reason is Reason.OK
            check = http_check(other, expect, timeout=2.0)
            assert (await sockets.run(check)).reason is Reason.OK
            banner = await sockets.run(http_check(other, timeout=2.0))
            assert banner.detail == "not HTTP: 220 hello"


@pytest.mark.parametrize(
    ("address", "terms", "reusable"),
    [
        ("10.1.1.2", {}, True),
        ("2001:db8::2", {}, True),
        ("fe80::2%1", {}, False),
        ("fe80::2", {}, False),
        ("::ffff:10.1.1.2", {}, False),
        ("10.1.1.2", {"source": ip_address("10.1.1.1")}, False),
        ("10.1.1.2", {"mark": 1}, False),
        ("10.1.1.2", {"reset": False}, False),
    ],
)
def test_what_leaves_a_trace_on_its_socket_does_not_share_it(
    address: str, terms: dict[str, object], reusable: bool
) -> None:
    exchange = Exchange(address=ip_address(address), port=80, **terms)  # type: ignore[arg-type]

    assert exchange.reusable is reusable


def test_no_more_are_kept_than_were_asked_for() -> None:
    spares = Spares(most=2)
    made = [socket.socket() for _ in range(3)]
    kept = [spares.keep(socket.AF_INET, each, each.fileno(), 1) for each in made]
    made[2].close()

    assert kept == [True, True, False]
    assert len(spares) == 2
    assert spares.take(socket.AF_INET6) is None
    assert spares.take(socket.AF_INET) == (made[1], made[1].fileno(), 1)
    made[1].close()
    spares.close()
    assert made[0].fileno() == -1


def test_what_cannot_be_dissolved_is_not_kept() -> None:
    listener = socket.socket()
    listener.close()

    assert not Spares().keep(socket.AF_INET, listener, -1, 0)
