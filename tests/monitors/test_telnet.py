"""The telnet monitor against real servers that negotiate as telnetd does."""

import asyncio
from ipaddress import ip_address

import pytest

from monlvs.model.result import Reason, Verdict
from monlvs.monitors.telnet import Telnet
from monlvs.wire.monitor import Exchanger, Target
from tests.monitors.loopback import SHORT, check, closed_port, serving, silence

IAC, DONT, DO, REFUSE, WILL = b"\xff", b"\xfe", b"\xfd", b"\xfc", b"\xfb"
# What telnetd opens with: DO TTYPE, TSPEED, XDISPLOC, NEW-ENVIRON.
OPENING = b"".join(IAC + DO + option for option in (b"\x18", b"\x20", b"\x23", b"\x27"))
REFUSALS = OPENING.replace(DO, REFUSE)


async def telnetd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Negotiate first; ask for a login only once every option was answered."""
    writer.write(OPENING)
    assert await reader.readexactly(len(REFUSALS)) == REFUSALS
    writer.write(IAC + WILL + b"\x01" + b"\r\nDebian GNU/Linux 12\r\nlvs3 ")
    assert await reader.readexactly(3) == IAC + DONT + b"\x01"
    writer.write(b"login: ")
    await reader.read()


async def busy(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say that there is no terminal left, and hang up."""
    writer.write(b"telnetd: All network ports in use.\r\n")


def test_it_is_a_monitor_of_the_exchanging_kind() -> None:
    assert isinstance(Telnet(), Exchanger)


async def test_a_server_that_asks_for_a_login_is_up() -> None:
    async with serving(telnetd) as served:
        outcome = await check(Telnet(port=served.port), served.target)
    assert outcome.verdict is Verdict.UP, outcome


async def test_it_works_over_ipv6() -> None:
    async with serving(telnetd, host="::1") as served:
        outcome = await check(Telnet(port=served.port), served.target)
    assert outcome.verdict is Verdict.UP, outcome


async def test_a_server_that_hangs_up_without_a_prompt_is_down() -> None:
    async with serving(busy) as served:
        outcome = await check(Telnet(port=served.port), served.target)
    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, Reason.CLOSED_EARLY)


async def test_a_server_that_never_speaks_is_down_at_the_time_limit() -> None:
    async with serving(silence) as served:
        outcome = await check(Telnet(port=served.port), served.target, timeout=SHORT)
    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, Reason.TIMED_OUT)


async def test_a_closed_port_is_down() -> None:
    served = await closed_port()
    outcome = await check(Telnet(port=served.port), served.target)
    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, Reason.REFUSED)


async def test_an_empty_prompt_asks_for_nothing_but_the_connection() -> None:
    async with serving(silence) as served:
        outcome = await check(Telnet(port=served.port, prompt=""), served.target)
    assert outcome.verdict is Verdict.UP, outcome


async def test_a_prompt_of_ones_own_is_looked_for() -> None:
    async with serving(telnetd) as served:
        monitor = Telnet(port=served.port, prompt=r"(?m)^lvs3 login: $")
        outcome = await check(monitor, served.target)
    assert outcome.verdict is Verdict.UP, outcome


async def test_another_address_than_the_hosts_can_be_checked() -> None:
    async with serving(telnetd) as served:
        monitor = Telnet(port=served.port, address="127.0.0.1")
        target = Target("lvs3", ip_address("127.0.0.77"))
        outcome = await check(monitor, target)
    assert outcome.verdict is Verdict.UP, outcome


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"port": 0}, "port: expected a port from 1 to 65535, not 0"),
        ({"port": 65536}, "port: expected a port"),
        ({"prompt": "(login"}, "prompt: expected a regular expression"),
        ({"address": "lvs3"}, "address: expected an IPv4 or IPv6 address, not 'lvs3'"),
    ],
)
def test_wrong_options_are_refused_in_a_sentence(
    options: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Telnet(**options)  # type: ignore[arg-type]
