"""The udp monitor against real ports."""

from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest

from monlvs.model.result import Reason, Verdict
from monlvs.monitors.udp import Udp
from monlvs.wire.monitor import Prober, Target
from tests.monitors.loopback import LIMIT, SHORT
from tests.wire.test_datagram import port, refusing

HERE = Target("127.0.0.1", ip_address("127.0.0.1"))
ELSEWHERE = Target("192.0.2.1", ip_address("192.0.2.1"))


def test_it_is_a_monitor_of_the_probing_kind() -> None:
    assert isinstance(Udp(port=53), Prober)


async def test_what_is_said_and_expected_can_be_chosen() -> None:
    async with port(lambda data: [data.upper()]) as number:
        text = Udp(port=number, send="hello", expect="^HELLO$")
        raw = Udp(port=number, send_hex="00 61", expect=r"^\x00A$")
        outcomes = [await each.probe(HERE, timeout=LIMIT) for each in (text, raw)]

    assert [each.verdict for each in outcomes] == [Verdict.UP, Verdict.UP]
    assert outcomes[0].detail == "HELLO"


async def test_without_an_answer_to_expect_the_patience_is_waited_for() -> None:
    async with port(lambda _: []) as number:
        fine = Udp(port=number, patience=timedelta(milliseconds=50))
        mute = Udp(port=number, expect=".")
        up = await fine.probe(HERE, timeout=LIMIT)
        down = await mute.probe(HERE, timeout=SHORT)

    assert up.verdict is Verdict.UP
    assert up.seconds < LIMIT / 2
    assert (down.verdict, down.reason) == (Verdict.DOWN, Reason.TIMED_OUT)
    assert down.seconds < SHORT + 0.5


async def test_a_port_that_refuses_is_down_at_once() -> None:
    outcome = await Udp(port=refusing()).probe(HERE, timeout=LIMIT)
    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, Reason.REFUSED)


async def test_another_address_can_be_asked() -> None:
    async with port(lambda data: [b"x"]) as number:
        monitor = Udp(port=number, address="127.0.0.1", expect="x")
        outcome = await monitor.probe(ELSEWHERE, timeout=LIMIT)
    assert outcome.verdict is Verdict.UP


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"port": 0}, "port: expected a port"),
        ({"port": 1, "retries": -1}, "retries: expected a number"),
        ({"port": 1, "patience": timedelta(0)}, "patience: expected a duration"),
        ({"port": 1, "send_hex": "0"}, "send_hex: expected pairs"),
        ({"port": 1, "send_hex": "00", "send": "x"}, "send_hex: expected no send"),
        ({"port": 1, "expect": "("}, "expect: expected a regular expression"),
        ({"port": 1, "address": "x"}, "address: expected an IPv4"),
    ],
)
def test_wrong_options_are_refused_in_a_sentence(
    options: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        Udp(**options)
