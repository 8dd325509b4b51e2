"""Prepared checks end exactly once, and say what a fold of all answers would say."""

import asyncio
from ipaddress import ip_address

import pytest

from monlvs.model.result import Result, Verdict
from monlvs.mon.fold import fold
from monlvs.runtime.jobs import (
    ExchangeJob,
    ExchangesJob,
    SweepJob,
    literal_targets,
    longest,
)
from monlvs.wire.exchange import Echo, Exchange
from monlvs.wire.monitor import Target
from tests.runtime.checking import LIMIT, listening, wires


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        (("192.0.2.1", "2001:db8::1"), True),
        (("192.0.2.1", "www1"), False),
        (("www1",), False),
        ((), True),
    ],
)
def test_hosts_are_targets_when_all_of_them_are_addresses(
    hosts: tuple[str, ...], expected: bool
) -> None:
    targets = literal_targets(hosts)
    made = tuple(Target(host, ip_address(host)) for host in hosts) if expected else None

    assert targets == made


def never(_result: Result, _seconds: float) -> bool:
    return False


def exchange(host: str, port: int) -> Exchange:
    return Exchange(address=ip_address(host), port=port, timeout=LIMIT)


async def test_a_job_may_be_begun_again_from_its_own_end() -> None:
    results: list[Result] = []
    ended = asyncio.Event()

    def finish(result: Result) -> None:
        results.append(result)
        if len(results) < 3:
            job.start()
        else:
            ended.set()

    with listening() as port:
        async with wires() as it, asyncio.timeout(LIMIT):
            told = tuple((h, exchange(h, port)) for h in ("127.0.0.1", "127.0.0.2"))
            job = ExchangesJob(it.sockets, told, finish)
            job.start()
            await ended.wait()

    assert [result.summary for result in results] == ["127.0.0.2"] * 3


async def test_a_success_of_one_host_is_what_fold_would_make_of_it() -> None:
    async with wires() as it, asyncio.timeout(LIMIT):
        for open_ in (True, False):
            arrived: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
            with listening() as port:
                where = exchange("127.0.0.1", port if open_ else 1)
                ExchangeJob(
                    it.sockets, "www1", where, finish=arrived.set_result, again=never
                ).start()
                result = await arrived

            assert (result.verdict is Verdict.UP) is open_
            assert result == fold(result.outcomes, duration=result.duration)


async def test_nothing_is_made_of_an_answer_that_is_taken_for_the_one_before() -> None:
    told: asyncio.Queue[tuple[Result, float | None]] = asyncio.Queue()
    taken = False

    def again(result: Result, seconds: float) -> bool:
        if taken:
            told.put_nowait((result, seconds))
        return taken

    async with wires() as it, asyncio.timeout(LIMIT):
        with listening() as port:
            job = ExchangeJob(
                it.sockets,
                "www1",
                exchange("127.0.0.1", port),
                finish=lambda result: told.put_nowait((result, None)),
                again=again,
            )
            job.start()
            first, _ = await told.get()
            job.start()
            last, _ = await told.get()
            taken = True
            job.start()
            again_told, seconds = await told.get()
    assert last is not first
    assert again_told is last
    assert seconds


async def test_a_sweep_tells_hosts_that_share_an_address_alike() -> None:
    arrived: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
    targets = tuple(Target(name, ip_address("127.0.0.1")) for name in ("a", "b"))
    async with wires() as it, asyncio.timeout(LIMIT):
        SweepJob(it.icmp, targets, Echo(), arrived.set_result).start()
        result = await arrived

    assert result.verdict is Verdict.UP


def test_nobody_took_no_time() -> None:
    assert longest([]).total_seconds() == 0
