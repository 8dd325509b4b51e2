"""A reload moves what has changed and nothing else."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from monlvs.model.config import Config
from monlvs.model.result import Verdict
from monlvs.model.status import OpStatus
from monlvs.model.watch import ServiceKey
from monlvs.runtime.timetable import SLACK
from tests.runtime.alerts import KEY
from tests.runtime.swiftloop import swiftly
from tests.runtime.watching import Puppet, config, service, watching

DOWN = Verdict.DOWN


def near(*seconds: float) -> Any:
    return pytest.approx(list(seconds), abs=2 * SLACK)


def test_unchanged_services_keep_state_and_timing() -> None:
    async def story() -> None:
        puppet = Puppet()
        async with watching(config(service(puppet))) as it:
            it.dispatcher.schedule()
            await asyncio.sleep(14)
            before = it.engine.states[KEY].standing.opstatus
            it.dispatcher.reconfigure(
                config(service(puppet, description="the shop"), spread=True)
            )
            await asyncio.sleep(12)

            assert puppet.asked == near(0, 10, 20)
            assert before is it.engine.states[KEY].standing.opstatus is OpStatus.OK

    swiftly(story())


def test_a_new_service_begins_and_one_that_is_gone_ends() -> None:
    async def story() -> None:
        old, new = Puppet(name="old"), Puppet(name="new")
        async with watching(config(service(old, name="old"))) as it:
            it.dispatcher.schedule()
            await asyncio.sleep(14)
            it.dispatcher.reconfigure(config(service(new, name="new")))
            await asyncio.sleep(12)

            assert old.asked == near(0, 10)
            assert new.asked == near(14, 24)
            assert it.dispatcher.next_check(ServiceKey("web", "old")) is None

    swiftly(story())


@pytest.mark.parametrize(
    ("seconds", "asked"),
    [
        pytest.param(4, (0, 10, 18, 22), id="shorter"),
        pytest.param(30, (0, 10, 40), id="longer"),
    ],
)
def test_a_new_interval_counts_from_the_last_check(
    seconds: int, asked: tuple[float, ...]
) -> None:
    async def story() -> None:
        puppet = Puppet()
        async with watching(config(service(puppet))) as it:
            it.dispatcher.schedule()
            await asyncio.sleep(14.5)
            changed = service(puppet, interval=timedelta(seconds=seconds))
            it.dispatcher.reconfigure(config(changed))
            await asyncio.sleep(asked[-1] - 14)

            assert puppet.asked == near(*asked)

    swiftly(story())


def test_a_failing_service_keeps_its_failure_interval() -> None:
    async def story() -> None:
        puppet = Puppet(finds=[DOWN])
        what = service(puppet, failure_interval=timedelta(seconds=3))
        async with watching(config(what)) as it:
            it.dispatcher.schedule()
            await asyncio.sleep(4)
            it.dispatcher.reconfigure(config(what))
            await asyncio.sleep(6)

            assert puppet.asked == near(0, 3, 6, 9)

    swiftly(story())


def test_a_failing_service_takes_up_a_new_failure_interval() -> None:
    async def story() -> None:
        puppet = Puppet(finds=[DOWN])
        async with watching(config(service(puppet))) as it:
            it.dispatcher.schedule()
            await asyncio.sleep(1)
            what = service(puppet, failure_interval=timedelta(seconds=3))
            it.dispatcher.reconfigure(config(what))
            await asyncio.sleep(6)

            assert puppet.asked == near(0, 3, 6)

    swiftly(story())


def _slow(name: str = "slow") -> Puppet:
    return Puppet(name=name, finds=[DOWN], takes=lambda: asyncio.sleep(5))


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(config(), id="the service is gone"),
        pytest.param(config(service(Puppet(name="x"))), id="it asks something else"),
        pytest.param(
            config(service(_slow()), hosts=("127.0.0.2",)), id="it asks somebody else"
        ),
    ],
)
def test_an_answer_to_what_is_no_longer_asked_is_dropped(after: Config) -> None:
    async def story() -> None:
        async with watching(config(service(_slow()))) as it:
            it.dispatcher.schedule()
            await asyncio.sleep(1)
            it.dispatcher.reconfigure(after)
            await asyncio.sleep(6)

            assert it.events() == []
            assert not it.dispatcher.is_running(KEY)

    swiftly(story())


def test_a_service_that_went_and_came_back_meanwhile_waits_for_its_own_answer() -> None:
    async def story() -> None:
        puppet = Puppet()
        async with watching(config(service(_slow()))) as it:
            it.dispatcher.schedule()
            await asyncio.sleep(1)
            it.dispatcher.reconfigure(config())
            it.dispatcher.reconfigure(config(service(puppet)))
            await asyncio.sleep(20)

            assert it.engine.states[KEY].standing.opstatus is OpStatus.OK
            assert it.dispatcher.overruns == {KEY: 1}
            assert puppet.asked == near(11)

    swiftly(story())


def test_an_answer_to_what_is_still_asked_counts() -> None:
    async def story() -> None:
        async with watching(config(service(_slow()))) as it:
            it.dispatcher.schedule()
            await asyncio.sleep(1)
            it.dispatcher.reconfigure(config(service(_slow(), description="the shop")))
            await asyncio.sleep(6)

            assert it.engine.states[KEY].standing.opstatus is OpStatus.FAIL

    swiftly(story())


def test_the_checks_after_a_reload_ask_the_new_configuration() -> None:
    async def story() -> None:
        old, new = Puppet(name="old"), Puppet(name="new")
        async with watching(config(service(old))) as it:
            it.dispatcher.schedule()
            await asyncio.sleep(1)
            it.dispatcher.reconfigure(config(service(new)))
            await asyncio.sleep(10)

            assert old.asked == near(0)
            assert new.asked == near(10)

    swiftly(story())
