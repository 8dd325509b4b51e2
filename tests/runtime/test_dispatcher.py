"""From due times to checks, from results to effects; in a loop whose clock jumps."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest

from monlvs.core import timeperiod
from monlvs.core.engine import RefusedError, UnknownTargetError
from monlvs.core.events import (
    Acknowledge,
    DisableHost,
    EnableHost,
    StartScheduler,
    StopScheduler,
)
from monlvs.model.guard import Guard
from monlvs.model.lvs import EntrySpec, Listener, Protocol, RealServer
from monlvs.model.plugin import Occasion
from monlvs.model.result import Verdict
from monlvs.model.status import Health, OpStatus
from monlvs.model.watch import AlertLine, Period, ServiceKey
from monlvs.monitors.tcp import Tcp
from monlvs.runtime import clock
from monlvs.runtime.timetable import SLACK
from tests.runtime.alerts import KEY, Postbox
from tests.runtime.checking import LIMIT, listening
from tests.runtime.swiftloop import swiftly
from tests.runtime.watching import HOST, Puppet, config, service, watching
from tests.wire.servers import closed_port

UP, DOWN = Verdict.UP, Verdict.DOWN


def near(*seconds: float) -> Any:
    return pytest.approx(list(seconds), abs=2 * SLACK)


def test_a_service_is_checked_at_each_interval() -> None:
    async def story() -> None:
        puppet = Puppet()
        async with watching(config(service(puppet))) as it:
            it.dispatcher.schedule()
            await asyncio.sleep(35)

            assert puppet.asked == near(0, 10, 20, 30)
            assert it.dispatcher.next_check(KEY) == pytest.approx(40)
            assert it.engine.states[KEY].standing.opstatus is OpStatus.OK

    swiftly(story())


def test_all_are_checked_soon_and_are_spread_from_then_on() -> None:
    async def story() -> None:
        puppets = [Puppet(name=str(n)) for n in range(20)]
        services = [service(p, name=p.name) for p in puppets]
        async with watching(config(*services, spread=True)) as it:
            it.dispatcher.schedule()
            await asyncio.sleep(19)

            firsts = {puppet.asked[0] for puppet in puppets}
            assert max(firsts) < 0.1
            seconds = {puppet.asked[1] for puppet in puppets}
            assert len(seconds) > 6  # of the 16 places that 20 services have
            assert min(seconds) > 4.5
            assert max(seconds) - min(seconds) > 5

    swiftly(story())


def test_a_check_that_outlasts_its_interval_is_not_started_twice() -> None:
    async def story() -> None:
        puppet = Puppet(takes=lambda: asyncio.sleep(25))
        async with watching(config(service(puppet))) as it:
            it.dispatcher.schedule()
            await asyncio.sleep(1)
            assert it.dispatcher.is_running(KEY)
            await asyncio.sleep(25)
            assert not it.dispatcher.is_running(KEY)
            await asyncio.sleep(10)

            assert puppet.asked == near(0, 30)
            assert it.dispatcher.overruns == {KEY: 2}

    swiftly(story())


def test_failure_interval_holds_as_long_as_the_service_fails() -> None:
    async def story() -> None:
        puppet = Puppet(finds=[UP, DOWN, DOWN, DOWN, UP])
        what = service(puppet, failure_interval=timedelta(seconds=2))
        async with watching(config(what)) as it:
            it.dispatcher.schedule()
            await asyncio.sleep(35)

            assert puppet.asked == near(0, 10, 12, 14, 16, 26)

    swiftly(story())


def test_a_service_that_failed_before_the_start_begins_with_its_failure_interval() -> (
    None
):
    async def story() -> None:
        puppet = Puppet(finds=[DOWN])
        what = service(puppet, failure_interval=timedelta(seconds=2))
        async with watching(config(what)) as it:
            it.dispatcher.schedule()
            await asyncio.sleep(1)
            saved = dict(it.engine.states)
        async with watching(config(what)) as it:
            puppet.asked.clear()
            it.engine.restore(saved)
            it.dispatcher.schedule()
            started = asyncio.get_running_loop().time()
            await asyncio.sleep(5)

            assert puppet.asked == near(started, started + 2, started + 4)

    swiftly(story())


def test_nothing_is_checked_during_exclude_period() -> None:
    async def story() -> None:
        puppet = Puppet()
        noon = timeperiod.parse("min {0}")  # the script begins at noon
        async with watching(config(service(puppet, exclude_period=noon))) as it:
            it.dispatcher.schedule()
            await asyncio.sleep(75)

            assert puppet.asked == near(60, 70)
            assert it.dispatcher.overruns == {}

    swiftly(story())


def test_a_disabled_host_is_left_out_of_the_check() -> None:
    async def story() -> None:
        puppet = Puppet()
        what = config(service(puppet), hosts=(HOST, "127.0.0.2"))
        async with watching(what) as it:
            it.dispatcher.schedule()
            await asyncio.sleep(1)
            assert puppet.asked == near(0, 0)

            it.dispatcher.submit(DisableHost(host=HOST, who="joe", why=""))
            await asyncio.sleep(10)
            assert puppet.asked == near(0, 0, 10)

            it.dispatcher.submit(EnableHost(host=HOST, who="joe"))
            await asyncio.sleep(10)
            assert puppet.asked == near(0, 0, 10, 20, 20)

    swiftly(story())


@pytest.mark.parametrize(("allowed", "status"), [(False, 7), (True, 1)])
def test_a_group_without_hosts_is_checked_only_where_that_is_allowed(
    allowed: bool, status: int
) -> None:
    async def story() -> None:
        what = service(Puppet(), allow_empty_group=allowed)
        async with watching(config(what, hosts=())) as it:
            it.dispatcher.schedule()
            await asyncio.sleep(25)

            assert it.engine.states[KEY].standing.opstatus == status
            assert it.dispatcher.overruns == {}

    swiftly(story())


def test_a_stopped_scheduler_checks_nothing_until_it_is_started() -> None:
    async def story() -> None:
        puppet = Puppet()
        async with watching(config(service(puppet))) as it:
            it.dispatcher.schedule()
            await asyncio.sleep(1)
            it.dispatcher.submit(StopScheduler(who="joe"))
            await asyncio.sleep(30)
            it.dispatcher.submit(StartScheduler(who="joe"))
            await asyncio.sleep(10)

            assert puppet.asked == near(0, 40)

    swiftly(story())


def test_a_failure_reaches_table_alerts_and_journal() -> None:
    async def story() -> None:
        puppet, box = Puppet(finds=[UP, DOWN, UP]), Postbox()
        guard = Guard(
            service=KEY,
            host=HOST,
            key=Listener(Protocol.TCP, ip_address("192.0.2.80"), 80),
            entry=EntrySpec(server=RealServer(ip_address("10.1.1.2"), 80)),
        )
        lines = (AlertLine(alert=box),)
        period = Period(label="p", alerts=lines, upalerts=lines)
        what = config(service(puppet, periods=(period,)), guards=(guard,))
        async with watching(what) as it:
            it.dispatcher.schedule()
            await asyncio.sleep(25)

            assert it.reports.told == [
                (HOST, Health.UP),
                (HOST, Health.DOWN),
                (HOST, Health.UP),
            ]
            assert len(box.got) == 2
            kinds = ("StatusChanged", "HostChanged", "GuardMoved")
            for kind in kinds:
                assert it.events().count(kind) == 3
            assert it.events().count("AlertDelivery") == 2

    swiftly(story())


@dataclass(frozen=True, kw_only=True)
class Nowhere:
    """An alert that cannot say where it goes."""

    @property
    def destination(self) -> str:
        raise KeyError("nowhere")

    async def send(self, occasion: Occasion) -> None:
        raise AssertionError

    def preview(self, occasion: Occasion) -> str:
        return ""


def test_an_effect_that_fails_takes_no_other_one_with_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story() -> None:
        sound = Postbox()
        alerts = (AlertLine(alert=Nowhere()), AlertLine(alert=sound))
        period = Period(label="p", alerts=alerts)
        what = service(Puppet(finds=[DOWN]), periods=(period,))
        async with watching(config(what)) as it:
            it.dispatcher.schedule()
            await asyncio.sleep(1)

            assert len(sound.got) == 1

    swiftly(story())
    assert "could not carry out SendAlert" in caplog.text


def test_a_result_that_cannot_be_taken_in_stops_no_other_check(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story() -> None:
        puppet, other = Puppet(), Puppet(name="other")
        what = config(service(puppet), service(other, name="other"))
        async with watching(what) as it:
            it.dispatcher.schedule()
            del it.engine.states[KEY]  # as no bug of ours should ever do
            await asyncio.sleep(15)

            assert other.asked == near(0, 10)

    swiftly(story())
    assert "could not take in the result of web/http" in caplog.text


def test_an_act_that_makes_no_sense_is_refused_and_not_recorded() -> None:
    async def story() -> None:
        async with watching(config(service(Puppet()))) as it:
            with pytest.raises(UnknownTargetError):
                it.dispatcher.submit(
                    Acknowledge(service=ServiceKey("no", "where"), who="joe", why="")
                )
            with pytest.raises(RefusedError):
                it.dispatcher.submit(Acknowledge(service=KEY, who="joe", why=""))

            assert it.events() == []

    swiftly(story())


def test_the_end_of_the_daemon_is_no_finding() -> None:
    async def story() -> None:
        puppet = Puppet(finds=[DOWN], takes=lambda: asyncio.sleep(5))
        async with watching(config(service(puppet))) as it:
            it.dispatcher.schedule()
            await asyncio.sleep(1)
            it.dispatcher.stop()
            await asyncio.sleep(60)

            assert len(puppet.asked) == 1
            assert it.events() == []

    swiftly(story())


def test_records_are_logged_in_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "monlvs")

    async def story() -> None:
        async with watching(config(service(Puppet(finds=[DOWN])))) as it:
            it.dispatcher.schedule()
            await asyncio.sleep(1)

    swiftly(story())
    (record,) = [r for r in caplog.records if r.levelno == logging.CRITICAL]
    assert record.message == "web/http: untested → fail: 127.0.0.1"


async def test_real_servers_are_watched_on_a_real_clock() -> None:
    with listening() as port:
        what = config(
            service(Tcp(port=port), name="alive", interval=timedelta(seconds=0.05)),
            service(
                Tcp(port=closed_port()), name="dead", interval=timedelta(seconds=0.05)
            ),
        )
        async with watching(what, clock.now) as it, asyncio.timeout(LIMIT):
            it.dispatcher.schedule()
            dead = ServiceKey("web", "dead")
            while len(it.engine.states[dead].standing.hosts) < 1 or (
                it.engine.states[dead].standing.hosts[HOST].failures < 3
            ):
                await asyncio.sleep(0.01)

            assert it.engine.states[dead].standing.opstatus is OpStatus.FAIL
            alive = it.engine.states[ServiceKey("web", "alive")]
            assert alive.standing.opstatus is OpStatus.OK
