"""Alerts that wait outlive the daemon, as far as they still make sense."""

import asyncio
import json
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest

from monlvs.core.effects import SendAlert
from monlvs.model.config import Config
from monlvs.model.plugin import AlertKind, Occasion
from monlvs.model.status import OpStatus
from monlvs.model.values import Now
from monlvs.model.watch import AlertLine, HostGroup, Period, Service, Watch
from monlvs.runtime import backlog
from monlvs.runtime.outbox import Outbox
from tests.runtime.alerts import KEY, NOON, Postbox, never, order
from tests.runtime.swiftloop import swiftly
from tests.runtime.tasks import passing_tasks

LATER = Now(NOON + timedelta(minutes=10), 5.0)


def configured(*alerts: Postbox, label: str = "p", kind: str = "alerts") -> Config:
    lines: Any = tuple(AlertLine(alert=alert) for alert in alerts)
    service = Service(
        key=KEY,
        monitor=Postbox(),
        interval=timedelta(seconds=10),
        timeout=timedelta(seconds=5),
        periods=(Period(label=label, **{kind: lines}),),
    )
    group = HostGroup(name=KEY.group, hosts=("a", "b"))
    return Config(watches=(Watch(group=group, services=(service,)),))


def test_every_field_of_an_occasion_comes_back() -> None:
    told = Occasion(
        kind=AlertKind.UP,
        group="web",
        service="http",
        hosts=("a", "b"),
        time=NOON,
        text="a\nb: no answer “in time”\n",
        exit=3,
        opstatus=OpStatus.OK,
        failed=("a",),
        description="the shop",
        next_alert=timedelta(minutes=5),
        last_summary="a",
        previous_output="a\n",
        first_failure=NOON - timedelta(hours=1),
        outage=timedelta(hours=1),
        last_failure=NOON - timedelta(minutes=1),
        last_success=NOON - timedelta(hours=2),
        variables=(("PORT", "80"),),
        comment="joe: known",
        intended="web:trap",
    )
    for field in fields(Occasion):
        assert getattr(told, field.name) != field.default
    box = Postbox()
    sent = SendAlert(service=KEY, period="p", alert=box, occasion=told)
    plain = json.loads(json.dumps(backlog.dump(sent)))

    assert backlog.load(plain, configured(box), now=LATER) == sent


@pytest.mark.parametrize("kind", ["alerts", "upalerts", "startupalerts", "ackalerts"])
def test_an_alert_is_found_among_all_lines_of_its_period(kind: str) -> None:
    box = Postbox()
    plain = backlog.dump(order(box, "x"))

    found = backlog.load(plain, configured(box, kind=kind), now=LATER)

    assert found == order(box, "x")


def test_an_alert_is_sent_as_it_is_configured_now() -> None:
    before, after = Postbox(), Postbox()
    plain = backlog.dump(order(before))

    assert backlog.load(plain, configured(after), now=LATER).alert is after


@pytest.mark.parametrize(
    "config",
    [
        pytest.param(Config(), id="the service is gone"),
        pytest.param(configured(Postbox(), label="q"), id="the period is gone"),
        pytest.param(configured(), id="the alert is gone"),
        pytest.param(configured(Postbox(destination="there")), id="it goes elsewhere"),
    ],
)
def test_an_alert_that_is_not_configured_any_more_is_told(config: Config) -> None:
    plain = backlog.dump(order(Postbox()))

    with pytest.raises(
        backlog.LostError,
        match=r"^the alert of web/http, here, is not configured any more$",
    ):
        backlog.load(plain, config, now=LATER)


def test_an_alert_of_two_days_ago_is_told_and_not_sent() -> None:
    box = Postbox()
    plain = backlog.dump(order(box, when=NOON - timedelta(days=2)))

    with pytest.raises(backlog.LostError, match="2026-01-03 12:00 UTC, too old"):
        backlog.load(plain, configured(box), now=LATER)


@pytest.mark.parametrize(
    "change",
    [
        {"occasion": {}},
        {"occasion": None},
        {"group": 5},
        {"destination": None},
        {"occasion": backlog.dump(order(Postbox()))["occasion"] | {"time": "noon"}},
        {
            "occasion": backlog.dump(order(Postbox()))["occasion"]
            | {"time": "2026-01-05T12:00:00"}
        },
    ],
)
def test_what_cannot_be_read_is_told(change: dict[str, object]) -> None:
    box = Postbox()
    plain = backlog.dump(order(box)) | change

    with pytest.raises(backlog.LostError, match="cannot be read"):
        backlog.load(plain, configured(box), now=LATER)


def test_an_outbox_goes_on_where_the_one_before_was_killed() -> None:
    stuck = Postbox(destination="mail", deed=never)
    done = Postbox(destination="file")

    async def before() -> object:
        async with passing_tasks() as tasks:
            outbox = Outbox(tasks, lambda _: None)
            for alert, text in ((stuck, "1"), (stuck, "2"), (done, "3"), (stuck, "4")):
                outbox.put(order(alert, text))
            await asyncio.sleep(1)
            return json.loads(json.dumps(outbox.pending()))

    async def after(plain: object, box: Postbox) -> tuple[str, ...]:
        async with passing_tasks() as tasks:
            outbox = Outbox(tasks, lambda _: None)
            told = outbox.restore(plain, configured(box), now=LATER)
            await outbox.drain(60)
            return told

    plain = swiftly(before())
    box = Postbox(destination="mail")

    assert swiftly(after(plain, box)) == ()
    assert box.got == ["1", "2", "4"]


def test_an_outbox_tells_of_each_alert_that_it_cannot_restore() -> None:
    async def story() -> tuple[str, ...]:
        async with passing_tasks() as tasks:
            plain = [backlog.dump(order(Postbox())), "nonsense"]
            outbox = Outbox(tasks, lambda _: None)
            return outbox.restore(plain, Config(), now=LATER)

    assert swiftly(story()) == (
        "not sent: the alert of web/http, here, is not configured any more",
        "not sent: a saved alert cannot be read",
    )


@pytest.mark.parametrize("plain", [None, {}, "x", 5, []])
def test_nothing_saved_is_nothing_to_restore(plain: object) -> None:
    async def story() -> tuple[str, ...]:
        async with passing_tasks() as tasks:
            outbox = Outbox(tasks, lambda _: None)
            return outbox.restore(plain, Config(), now=LATER)

    assert swiftly(story()) == ()


def test_options_of_an_alert_are_not_saved() -> None:
    assert backlog.dump(order(Postbox(), "x")).keys() == {
        "group",
        "service",
        "period",
        "alert",
        "destination",
        "occasion",
    }
