"""The tcp monitor against real servers."""

import asyncio

import pytest

from monlvs.model.result import Reason, Verdict
from monlvs.monitors.tcp import Tcp
from monlvs.wire.monitor import Exchanger
from tests.monitors.loopback import SHORT, check, closed_port, serving, silence


async def redis(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer PING as Redis does."""
    line = await reader.readline()
    writer.write(b"+PONG\r\n" if line == b"PING\r\n" else b"-ERR unknown command\r\n")
    await reader.read()


async def banner(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Greet in two pieces, as a slow server may."""
    writer.write(b"SSH-2")
    await writer.drain()
    writer.write(b".0-OpenSSH_9.2\r\n")
    await reader.read()


async def flood(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Talk until the client has had enough."""
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


def test_it_is_a_monitor_of_the_exchanging_kind() -> None:
    assert isinstance(Tcp(port=1), Exchanger)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1"])
async def test_an_open_port_is_up(host: str) -> None:
    async with serving(silence, host=host) as served:
        outcome = await check(Tcp(port=served.port), served.target)
    assert outcome.verdict is Verdict.UP, outcome


async def test_a_closed_port_is_down() -> None:
    served = await closed_port()
    outcome = await check(Tcp(port=served.port), served.target)
    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, Reason.REFUSED)


async def test_a_greeting_is_found_wherever_it_is_split() -> None:
    async with serving(banner) as served:
        outcome = await check(
            Tcp(port=served.port, expect=r"^SSH-2\.0-"), served.target
        )
    assert outcome.verdict is Verdict.UP, outcome


@pytest.mark.parametrize(
    ("say", "verdict"), [("PING\r\n", Verdict.UP), ("PONG\r\n", Verdict.DOWN)]
)
async def test_the_answer_to_what_is_said_decides(say: str, verdict: Verdict) -> None:
    async with serving(redis) as served:
        monitor = Tcp(port=served.port, send=say, expect=r"\+PONG")
        outcome = await check(monitor, served.target, timeout=2 * SHORT)
    assert (outcome.verdict is Verdict.UP) == (verdict is Verdict.UP), outcome


async def test_a_server_that_never_speaks_is_down_at_the_time_limit() -> None:
    async with serving(silence) as served:
        monitor = Tcp(port=served.port, expect="x")
        outcome = await check(monitor, served.target, timeout=SHORT)
    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, Reason.TIMED_OUT)


async def test_a_flood_without_the_word_is_down_and_ends_early() -> None:
    async with serving(flood) as served:
        outcome = await check(Tcp(port=served.port, expect="y"), served.target)
    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, Reason.TOO_LARGE)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"port": -1}, "port: expected a port from 1 to 65535, not -1"),
        ({"port": 1, "expect": "["}, "expect: expected a regular expression"),
        ({"port": 1, "address": "::g"}, "address: expected an IPv4 or IPv6 address"),
    ],
)
def test_wrong_options_are_refused_in_a_sentence(
    options: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Tcp(**options)  # type: ignore[arg-type]
