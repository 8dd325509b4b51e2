"""The fping monitor over real ICMP: on loopback, and where nobody answers."""

import asyncio
import json
import shutil
import sys
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from monlvs.model.result import Result, Verdict
from monlvs.mon.fold import fold
from monlvs.monitors.fping import Fping
from monlvs.wire.icmp import Icmp
from monlvs.wire.monitor import Sweeper

ROOT = Path(__file__).parents[2]
LOOPBACK = tuple(f"127.0.0.{n}" for n in range(1, 20))
# A network of our own, in which IPv4 echo requests stay without an answer.
SILENT_IPV4 = (
    "ip link set lo up && echo 1 >/proc/sys/net/ipv4/icmp_echo_ignore_all && "
    f"PYTHONPATH={ROOT} exec {sys.executable} -c '"
    "import asyncio; from tests.monitors.test_fping import main; asyncio.run(main())'"
)


async def sweep(monitor: Fping, hosts: tuple[str, ...], *, timeout: float) -> Result:
    """Ping hosts with the monitor's options, and fold what was found."""
    with Icmp() as icmp:
        addresses = [ip_address(host) for host in hosts]
        found = await icmp.sweep(addresses, monitor.echo(timeout=timeout))
    return fold([(str(address), outcome) for address, outcome in found.items()])


async def main() -> None:
    """Ping where IPv4 is silent, and print what was found: the inner half of a test."""
    monitor = Fping(retries=2, interval=timedelta(milliseconds=100))
    loop = asyncio.get_running_loop()
    started = loop.time()
    result = await sweep(monitor, ("127.0.0.1", "::1", "127.0.0.2"), timeout=10)
    print(json.dumps([result.output, result.exit, loop.time() - started]))


def test_it_is_a_monitor_of_the_sweeping_kind() -> None:
    assert isinstance(Fping(), Sweeper)


async def test_hosts_that_answer_are_up_and_nothing_is_said() -> None:
    result = await sweep(Fping(), (*LOOPBACK, "::1"), timeout=20)
    assert (result.verdict, result.output) == (Verdict.UP, "")
    assert len(result.outcomes) == 20


async def test_a_ping_can_be_large_or_empty() -> None:
    for size in (0, 1400):
        result = await sweep(Fping(size=size), LOOPBACK[:2], timeout=20)
        assert result.verdict is Verdict.UP, result


@pytest.mark.timeout(60)
async def test_hosts_that_stay_silent_are_named_after_the_last_request() -> None:
    unshare = shutil.which("unshare")
    assert unshare is not None
    inner = await asyncio.create_subprocess_exec(
        unshare, "-r", "-n", "sh", "-c", SILENT_IPV4, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await inner.communicate()
    output, code, seconds = json.loads(printed)
    assert code == 1
    summary, first, second = output.splitlines()
    assert summary == "127.0.0.1 127.0.0.2"
    assert first.startswith("127.0.0.1: no answer in time")
    assert second.startswith("127.0.0.2: no answer in time")
    assert seconds >= 0.3


def test_the_defaults_wait_as_long_as_the_howto_says() -> None:
    echo = Fping().echo(timeout=60)
    assert (echo.retries, echo.interval, echo.timeout) == (3, 1.0, 4.0)


def test_a_time_limit_that_is_too_short_is_shared_out() -> None:
    echo = Fping().echo(timeout=2)
    assert (echo.retries, echo.interval, echo.timeout) == (3, None, 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"retries": -1}, "retries: expected 0 to 100, not -1"),
        ({"interval": timedelta(0)}, "interval: expected a duration longer"),
        ({"size": 70_000}, "size: expected 0 to 65507 bytes, not 70000"),
    ],
)
def test_wrong_options_are_refused_in_a_sentence(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Fping(**options)
