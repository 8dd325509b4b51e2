"""Alerts are delivered in order, one place never waits for another, none is lost."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from monlvs.model.plugin import AlertError
from monlvs.runtime import outbox as outbox_module
from monlvs.runtime.outbox import ATTEMPT_LIMIT, LIMIT, AlertDelivery, Fate, Outbox
from tests.runtime.alerts import Postbox, at_once, never, order
from tests.runtime.swiftloop import swiftly
from tests.runtime.tasks import passing_tasks

DELAYS = (5.0, 15.0)


@dataclass
class Office:
    """A running outbox and the records that it has told."""

    outbox: Outbox
    told: list[AlertDelivery] = field(default_factory=list)

    @property
    def fates(self) -> list[tuple[Fate, int, str]]:
        return [(one.fate, one.attempt, one.error) for one in self.told]


@asynccontextmanager
async def office(
    then: Callable[[AlertDelivery], None] | None = None,
) -> AsyncIterator[Office]:
    told: list[AlertDelivery] = []

    def tell(record: AlertDelivery) -> None:
        told.append(record)
        if then is not None:
            then(record)

    async with passing_tasks() as tasks:
        yield Office(Outbox(tasks, tell, delays=DELAYS), told)


def failing(times: int, *, lasting: bool = False) -> Callable[[], Awaitable[None]]:
    left = [times]

    async def deed() -> None:
        if left[0]:
            left[0] -= 1
            raise AlertError("mail server is full", lasting=lasting)

    return deed


def test_what_is_withheld_is_told_and_not_sent() -> None:
    async def story() -> None:
        told: list[AlertDelivery] = []
        box = Postbox()
        async with passing_tasks() as tasks:
            outbox = Outbox(tasks, told.append, withhold=True)
            outbox.put(order(box, "1"))
            await outbox.drain(60)
            assert outbox.waiting == 0

        assert [one.fate for one in told] == [Fate.WITHHELD]
        assert not box.got

    swiftly(story())


def test_alerts_to_one_destination_go_out_in_order_one_at_a_time() -> None:
    async def story() -> None:
        under_way = 0

        async def slow() -> None:
            nonlocal under_way
            under_way += 1
            assert under_way == 1
            await asyncio.sleep(3)
            under_way -= 1

        box = Postbox(deed=slow)
        async with office() as it:
            for number in range(5):
                it.outbox.put(order(box, str(number)))
            await it.outbox.drain(60)

            assert box.got == ["0", "1", "2", "3", "4"]
            assert it.fates == [(Fate.SENT, 1, "")] * 5
            assert it.outbox.waiting == 0

    swiftly(story())


def test_a_destination_that_hangs_delays_no_other_one() -> None:
    async def story() -> None:
        stuck, quick = Postbox(destination="stuck", deed=never), Postbox()
        async with office() as it:
            it.outbox.put(order(stuck))
            it.outbox.put(order(quick, "x"))
            await asyncio.sleep(0.1)

            assert quick.got == ["x"]
            assert it.outbox.waiting == 1

    swiftly(story())


def test_what_fails_is_tried_again_after_each_delay_and_the_rest_waits() -> None:
    async def story() -> None:
        box = Postbox(deed=failing(2))
        async with office() as it:
            it.outbox.put(order(box, "first"))
            it.outbox.put(order(box, "second"))
            await asyncio.sleep(21)

            assert box.times == pytest.approx([0, 5, 20, 20])
            assert box.got == ["first", "second"]
            assert it.fates == [
                (Fate.RETRYING, 1, "mail server is full"),
                (Fate.RETRYING, 2, "mail server is full"),
                (Fate.SENT, 3, ""),
                (Fate.SENT, 1, ""),
            ]

    swiftly(story())


def test_after_the_last_delay_an_alert_is_given_up_and_the_next_one_goes_out() -> None:
    async def story() -> None:
        box = Postbox(deed=failing(3))
        async with office() as it:
            it.outbox.put(order(box, "first"))
            it.outbox.put(order(box, "second"))
            await asyncio.sleep(21)

            assert [fate for fate, _, _ in it.fates] == [
                Fate.RETRYING,
                Fate.RETRYING,
                Fate.GIVEN_UP,
                Fate.SENT,
            ]
            assert box.got == ["second"]

    swiftly(story())


def test_a_lasting_error_is_not_tried_again() -> None:
    async def story() -> None:
        box = Postbox(deed=failing(1, lasting=True))
        async with office() as it:
            it.outbox.put(order(box))
            await asyncio.sleep(60)

            assert it.fates == [(Fate.GIVEN_UP, 1, "mail server is full")]
            assert len(box.times) == 1

    swiftly(story())


def test_an_attempt_without_end_is_ended_and_tried_again() -> None:
    async def story() -> None:
        box = Postbox(deed=never)
        async with office() as it:
            it.outbox.put(order(box))
            await asyncio.sleep(ATTEMPT_LIMIT + 1)

            assert it.fates == [(Fate.RETRYING, 1, "no end after 120 s")]

    swiftly(story())


@dataclass(frozen=True, kw_only=True)
class Patient(Postbox):
    """An alert with a time limit of its own."""

    timeout: timedelta = timedelta(minutes=10)


def test_an_alert_with_a_longer_time_limit_of_its_own_has_that_long() -> None:
    async def story() -> None:
        box = Patient(deed=lambda: asyncio.sleep(590))
        async with office() as it:
            it.outbox.put(order(box))
            await asyncio.sleep(591)

            assert it.fates == [(Fate.SENT, 1, "")]

    swiftly(story())


def _broken() -> Awaitable[None]:
    raise KeyError("oops")


def _cancelling() -> Awaitable[None]:
    raise asyncio.CancelledError


def _timing_out() -> Awaitable[None]:
    raise TimeoutError("server says nothing")


@pytest.mark.parametrize(
    ("deed", "fate", "error"),
    [
        (_broken, Fate.GIVEN_UP, "alert is broken: KeyError('oops')"),
        (_cancelling, Fate.GIVEN_UP, "alert is broken: it cancelled itself"),
        (_timing_out, Fate.RETRYING, "server says nothing"),
    ],
    ids=["raises", "cancels itself", "times out by itself"],
)
def test_a_broken_alert_ends_nothing(
    deed: Callable[[], Awaitable[None]], fate: Fate, error: str
) -> None:
    async def story() -> None:
        broken, sound = Postbox(deed=deed), Postbox(deed=at_once)
        async with office() as it:
            it.outbox.put(order(broken))
            it.outbox.put(order(sound, "x"))
            await asyncio.sleep(100)

            assert it.fates[0] == (fate, 1, error)
            assert sound.got == ["x"]

    swiftly(story())


def test_a_listener_that_raises_stops_no_delivery(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def then(_: AlertDelivery) -> None:
        raise ValueError("no disk")

    async def story() -> None:
        box = Postbox()
        async with office(then) as it:
            it.outbox.put(order(box, "1"))
            it.outbox.put(order(box, "2"))
            await asyncio.sleep(1)

            assert box.got == ["1", "2"]

    swiftly(story())
    assert "could not record that an alert was sent" in caplog.text


def test_a_full_queue_gives_up_its_oldest_and_says_so() -> None:
    async def story() -> None:
        box = Postbox(deed=failing(1))
        async with office() as it:
            it.outbox.put(order(box, "under way"))
            await asyncio.sleep(0)
            for number in range(LIMIT + 2):
                it.outbox.put(order(box, str(number)))

            assert it.outbox.waiting == LIMIT + 1
            assert [e for e in it.fates if e[0] is Fate.GIVEN_UP] == [
                (Fate.GIVEN_UP, 0, "queue is full"),
                (Fate.GIVEN_UP, 0, "queue is full"),
            ]
            await asyncio.sleep(10)
            expected = ["under way", *map(str, range(2, LIMIT + 2))]
            assert box.got == expected

    swiftly(story())


def test_drain_ends_as_soon_as_all_is_delivered() -> None:
    async def story() -> None:
        box = Postbox(deed=lambda: asyncio.sleep(2))
        async with office() as it:
            it.outbox.put(order(box))
            it.outbox.put(order(box))
            await it.outbox.drain(60)

            assert asyncio.get_running_loop().time() == pytest.approx(4)

    swiftly(story())


def test_drain_has_a_limit_and_tells_what_is_left(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story() -> None:
        async with office() as it:
            it.outbox.put(order(Postbox(deed=never)))
            await it.outbox.drain(5)

            assert asyncio.get_running_loop().time() == pytest.approx(5)

    swiftly(story())
    assert caplog.messages == ["1 alerts were not delivered before the end"]


def test_drain_does_not_wait_for_what_is_only_tried_again_later() -> None:
    async def story() -> None:
        box = Postbox(deed=failing(1))
        async with office() as it:
            it.outbox.put(order(box, "1"))
            await asyncio.sleep(1)
            it.outbox.put(order(box, "2"))
            await it.outbox.drain(5)

            assert asyncio.get_running_loop().time() == pytest.approx(1)
            assert it.outbox.waiting == 2

    swiftly(story())


def test_an_empty_outbox_is_drained_at_once() -> None:
    async def story() -> None:
        async with office() as it:
            await it.outbox.drain(5)
            it.outbox.put(order(Postbox()))
            await asyncio.sleep(1)
            await it.outbox.drain(5)

            assert asyncio.get_running_loop().time() == pytest.approx(1)

    swiftly(story())


def test_the_delays_have_an_end_within_two_hours() -> None:
    assert 3600 < sum(outbox_module.DELAYS) < 7200
