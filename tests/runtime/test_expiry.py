"""What operators have said ends when they said so."""

import asyncio
from datetime import timedelta

import pytest

from monlvs.core.engine import Engine
from monlvs.core.events import (
    Acknowledge,
    Disable,
    DisableHost,
    EnableHost,
    Event,
    OperatorAct,
)
from monlvs.runtime import clock
from monlvs.runtime.calendar import Calendar
from monlvs.runtime.expiry import Expiries
from tests.core.playbook import KEY, config, down, period

LIMIT = 20.0
SOON = timedelta(milliseconds=100)


class Scene:
    """An engine whose expiries are kept, and what has happened to it."""

    def __init__(self, calendar: Calendar) -> None:
        self.engine = Engine(config(period()))
        self.engine.handle(down(), now=clock.now())
        self.happened: list[str] = []
        self._more = asyncio.Event()
        self.expiries = Expiries(calendar, self.engine, self.submit)

    def submit(self, event: Event) -> None:
        self.engine.handle(event, now=clock.now())
        self.happened.append(type(event).__name__)
        self._more.set()

    def act(self, *acts: OperatorAct) -> None:
        for act in acts:
            self.engine.handle(act, now=clock.now())
        self.expiries.renew()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(LIMIT):
            while len(self.happened) < count:
                self._more.clear()
                await self._more.wait()


async def test_acts_end_at_their_time() -> None:
    async with Calendar() as calendar:
        scene, until = Scene(calendar), clock.now().utc + SOON
        host = scene.engine.hosts_to_check(KEY)[0]
        scene.act(
            Acknowledge(service=KEY, who="joe", why="knows", until=until),
            Disable(service=KEY, who="joe", why="works on it", until=until),
            DisableHost(host=host, who="joe", why="new disk", until=until),
        )
        assert host not in scene.engine.hosts_to_check(KEY)
        await scene.until(3)

    assert sorted(scene.happened) == ["Enable", "EnableHost", "Unacknowledge"]
    assert host in scene.engine.hosts_to_check(KEY)
    assert not scene.engine.disabled_hosts
    standing = scene.engine.states[KEY].standing
    assert (standing.ack, standing.disabled) == (None, None)


@pytest.mark.parametrize("early", [True, False])
async def test_what_was_ended_by_hand_does_not_end_again(early: bool) -> None:
    async with Calendar() as calendar:
        scene, until = Scene(calendar), clock.now().utc + SOON
        host = scene.engine.hosts_to_check(KEY)[0]
        scene.act(DisableHost(host=host, who="joe", why="", until=until))
        if early:
            scene.act(EnableHost(host=host, who="joe"))
            scene.act(DisableHost(host=host, who="ann", why="no end"))
        other = DisableHost(host=scene.engine.hosts_to_check(KEY)[0], who="", why="",
                            until=until + SOON)  # fmt: skip
        scene.act(other)
        await scene.until(1 if early else 2)

    assert (host in scene.engine.disabled_hosts) is early
