"""Any kind of monitor, run by the real engines against real servers and programs."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from monlvs.model.result import Outcome, Reason, Result, Verdict
from monlvs.monitors.dns import Dns
from monlvs.monitors.external import External
from monlvs.monitors.fping import Fping
from monlvs.monitors.tcp import Tcp
from monlvs.wire.exchange import Exchange
from monlvs.wire.monitor import Target
from monlvs.wire.names import Names
from tests.nameserver import NameServer, nameserver
from tests.runtime.checking import bench, listening, watch_of
from tests.wire.apart import apart, quiet_network
from tests.wire.servers import closed_port


def verdicts(result: Result) -> dict[str, tuple[Verdict, Reason]]:
    return {host: (o.verdict, o.reason) for host, o in result.outcomes}


UP = (Verdict.UP, Reason.OK)
REFUSED = (Verdict.DOWN, Reason.REFUSED)


async def test_one_host_that_answers_is_up() -> None:
    with listening() as port:
        async with bench() as it:
            result = await it.check(Tcp(port=port), "127.0.0.1")

    assert (result.verdict, result.reason, result.exit) == (*UP, 0)
    assert result.output == ""
    assert verdicts(result) == {"127.0.0.1": UP}
    assert timedelta(0) < result.duration < timedelta(seconds=20)


async def test_one_host_that_refuses_is_down() -> None:
    async with bench() as it:
        result = await it.check(Tcp(port=closed_port()), "127.0.0.1")

    assert (result.verdict, result.exit) == (Verdict.DOWN, 1)
    assert result.summary == "127.0.0.1"
    assert verdicts(result) == {"127.0.0.1": REFUSED}


async def test_several_hosts_are_told_one_by_one_in_the_groups_order() -> None:
    with listening("127.0.0.2") as port:
        async with bench() as it:
            hosts = ("127.0.0.3", "127.0.0.2", "127.0.0.1")
            result = await it.check(Tcp(port=port), *hosts)

    assert list(result.outcomes) == [(h, dict(result.outcomes)[h]) for h in hosts]
    assert verdicts(result) == {
        "127.0.0.1": REFUSED,
        "127.0.0.2": UP,
        "127.0.0.3": REFUSED,
    }
    assert result.summary == "127.0.0.1 127.0.0.3"


async def test_a_silent_host_is_down_at_the_time_limit() -> None:
    with listening() as port:
        async with bench() as it:
            monitor = Tcp(port=port, expect="hello")
            result = await it.check(monitor, "127.0.0.1", limit=0.2)

    assert verdicts(result) == {"127.0.0.1": (Verdict.DOWN, Reason.TIMED_OUT)}


async def test_a_check_can_be_made_again_and_again() -> None:
    with listening() as port:
        async with bench() as it:
            one = watch_of(Tcp(port=port), "127.0.0.1")
            two = watch_of(Tcp(port=port), "127.0.0.1", "127.0.0.1")
            for watch in (one, one, two, two):
                it.checks.job(watch, watch.checked).start()
                assert (await it.result()).verdict is Verdict.UP


async def test_a_host_is_found_by_its_name() -> None:
    address = await Names().resolve("localhost")
    with listening(str(address)) as port:
        async with bench() as it:
            result = await it.check(Tcp(port=port), "localhost")

    assert verdicts(result) == {"localhost": UP}
    assert result.duration > timedelta(0)


async def test_a_name_that_does_not_resolve_says_nothing_about_the_others() -> None:
    with listening() as port:
        async with bench() as it:
            result = await it.check(Tcp(port=port), "no-such.invalid", "127.0.0.1")

    assert result.verdict is Verdict.UP
    assert verdicts(result) == {
        "no-such.invalid": (Verdict.INCONCLUSIVE, Reason.NAME),
        "127.0.0.1": UP,
    }


async def test_hosts_that_are_compared_are_told_in_the_groups_order() -> None:
    async with nameserver(NameServer()) as server, bench() as it:
        monitor = Dns(zone=("example.org",), port=server.port)
        hosts = ("no-such.invalid", "127.0.0.2", "127.0.0.1")
        result = await it.check(monitor, *hosts)
        nobody = await it.check(monitor, "no-such.invalid")

    assert (result.verdict, result.summary) == (Verdict.DOWN, "127.0.0.2(example.org)")
    assert list(verdicts(result).items()) == [
        ("no-such.invalid", (Verdict.INCONCLUSIVE, Reason.NAME)),
        ("127.0.0.2", REFUSED),
        ("127.0.0.1", UP),
    ]
    assert result.duration > timedelta(0)
    assert nobody.verdict is Verdict.INCONCLUSIVE


async def test_names_alone_that_do_not_resolve_are_inconclusive() -> None:
    async with bench() as it:
        for monitor in (Tcp(port=80), Fping()):
            result = await it.check(monitor, "no-such.invalid")

            assert (result.verdict, result.reason) == (
                Verdict.INCONCLUSIVE,
                Reason.NAME,
            )


@pytest.mark.parametrize("monitor", [Tcp(port=80), Fping()], ids=["tcp", "fping"])
async def test_a_group_without_hosts_is_up(monitor: Any) -> None:
    async with bench() as it:
        assert (await it.check(monitor)).verdict is Verdict.UP


async def test_a_sweep_pings_all_hosts_at_once() -> None:
    async with bench() as it:
        result = await it.check(Fping(), "127.0.0.1", "127.0.0.2", "::1", "127.0.0.1")

    assert (result.verdict, result.output) == (Verdict.UP, "")
    assert result.duration < timedelta(seconds=1)


async def test_a_sweep_finds_hosts_by_name() -> None:
    async with bench() as it:
        result = await it.check(Fping(), "localhost", "127.0.0.1", "no-such.invalid")

    assert verdicts(result) == {
        "localhost": UP,
        "127.0.0.1": UP,
        "no-such.invalid": (Verdict.INCONCLUSIVE, Reason.NAME),
    }


async def _sweep_a_network() -> list[Any]:
    quiet_network()
    monitor = Fping(retries=1, interval=timedelta(milliseconds=100))
    async with bench() as it:
        result = await it.check(monitor, "10.9.0.5", "127.0.0.1")
    return [result.verdict, result.summary, verdicts(result)]


async def test_a_sweep_names_the_hosts_that_are_silent() -> None:
    verdict, summary, told = await apart(_sweep_a_network)

    assert (verdict, summary) == ("down", "10.9.0.5")
    assert told == {"10.9.0.5": ["down", "timed out"], "127.0.0.1": ["up", "ok"]}


def _shell(script: str) -> External:
    return External(command="/bin/sh", args=("-c", script, "monitor"))


@pytest.mark.parametrize(
    ("script", "verdict", "reason", "summary"),
    [
        ("exit 0", Verdict.UP, Reason.OK, ""),
        ("echo 127.0.0.2; exit 1", Verdict.DOWN, Reason.EXITED, "127.0.0.2"),
        ('echo "$MON_TEST" "$@"; exit 3', Verdict.DOWN, Reason.EXITED, "told a b"),
        (
            "kill -9 $$",
            Verdict.INCONCLUSIVE,
            Reason.SIGNALLED,
            "died by signal 9 (SIGKILL)",
        ),
        (
            "trap '' TERM; sleep 60",
            Verdict.DOWN,
            Reason.TIMED_OUT,
            "still running after 0.3 s, ended",
        ),
    ],
)
async def test_a_program_is_run_and_judged(
    script: str, verdict: Verdict, reason: Reason, summary: str
) -> None:
    limit = 0.3 if "sleep" in script else 20.0
    async with bench() as it:
        result = await it.check(_shell(script), "a", "b", limit=limit)

    assert (result.verdict, result.reason, result.summary) == (verdict, reason, summary)


@dataclass(frozen=True, kw_only=True)
class Coroutine:
    """A monitor of the rare kind: one coroutine per host."""

    ask: Callable[[Target], Awaitable[Outcome]] = field(compare=False)

    async def probe(self, target: Target, *, timeout: float) -> Outcome:
        return await self.ask(target)


async def _up(_: Target) -> Outcome:
    return Outcome(verdict=Verdict.UP, reason=Reason.OK)


async def _hangs(_: Target) -> Outcome:
    await asyncio.Event().wait()
    raise AssertionError


async def _blocks(_: Target) -> Outcome:
    await asyncio.sleep(0)
    time.sleep(0.8)  # a monitor that holds up the whole loop
    await asyncio.Event().wait()
    raise AssertionError


async def _raises(target: Target) -> Outcome:
    if target.host == "127.0.0.1":
        raise ValueError("no\nsuch thing")
    return await _up(target)


async def _cancels(_: Target) -> Outcome:
    raise asyncio.CancelledError


async def test_a_coroutine_answers_for_its_host() -> None:
    async with bench() as it:
        result = await it.check(Coroutine(ask=_up), "127.0.0.1", "::1")

    assert verdicts(result) == {"127.0.0.1": UP, "::1": UP}


async def test_a_coroutine_that_hangs_is_ended_at_the_time_limit() -> None:
    async with bench() as it:
        result = await it.check(Coroutine(ask=_hangs), "127.0.0.1", limit=0.05)

    assert verdicts(result) == {"127.0.0.1": (Verdict.DOWN, Reason.TIMED_OUT)}


async def test_a_limit_noticed_far_too_late_says_nothing_about_the_host() -> None:
    async with bench() as it:
        result = await it.check(Coroutine(ask=_blocks), "127.0.0.1", limit=0.05)

    assert verdicts(result) == {"127.0.0.1": (Verdict.INCONCLUSIVE, Reason.LATE)}


async def test_a_coroutine_that_raises_spoils_its_own_host_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.ERROR)
    async with bench() as it:
        watch = watch_of(Coroutine(ask=_raises), "127.0.0.1", "127.0.0.2")
        for _ in range(2):
            it.checks.job(watch, watch.checked).start()
            await it.result()
        result = await it.check(Coroutine(ask=_raises), "127.0.0.1", "127.0.0.2")

    assert verdicts(result) == {
        "127.0.0.1": (Verdict.INCONCLUSIVE, Reason.BROKEN),
        "127.0.0.2": UP,
    }
    assert dict(result.outcomes)["127.0.0.1"].detail == "ValueError: no such thing"
    assert caplog.messages == [
        "the monitor of web/http is broken: ValueError: no such thing"
    ]


async def test_a_coroutine_that_cancels_itself_still_ends_its_check(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with bench() as it:
        result = await it.check(Coroutine(ask=_cancels), "127.0.0.1")

    assert (result.verdict, result.reason) == (Verdict.INCONCLUSIVE, Reason.BROKEN)


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A monitor that cannot say what it wants."""

    def exchange(self, target: Target, *, timeout: float) -> Exchange:
        raise LookupError("no port")


@dataclass(frozen=True, kw_only=True)
class Nothing:
    """A monitor that can do nothing at all."""


@pytest.mark.parametrize(
    ("monitor", "hosts", "words"),
    [
        pytest.param(Broken(), ("127.0.0.1",), "LookupError: no port", id="address"),
        pytest.param(Nothing(), ("127.0.0.1",), "offers no kind of", id="nothing"),
    ],
)
async def test_a_broken_monitor_is_inconclusive_and_told_once(
    monitor: Any, hosts: tuple[str, ...], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench() as it:
        for _ in range(3):
            result = await it.check(monitor, *hosts)

            assert (result.verdict, result.reason) == (
                Verdict.INCONCLUSIVE,
                Reason.BROKEN,
            )
            assert words in result.summary
        it.checks.forget()
        await it.check(monitor, *hosts)

    assert len(caplog.messages) == 2


async def test_a_broken_monitor_of_a_host_by_name_is_told_of_that_host(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with bench() as it:
        result = await it.check(Broken(), "localhost")

    assert verdicts(result) == {"localhost": (Verdict.INCONCLUSIVE, Reason.BROKEN)}


async def test_a_changed_service_is_prepared_anew() -> None:
    with listening() as port:
        async with bench() as it:
            assert (await it.check(Tcp(port=closed_port()), "127.0.0.1")).exit == 1
            assert (await it.check(Tcp(port=port), "127.0.0.1")).exit == 0
            assert (await it.check(Tcp(port=port), "127.0.0.9")).exit == 1
