"""Alerts that tests send, and services that send them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from monlvs.core.effects import SendAlert
from monlvs.model.plugin import AlertKind, Occasion
from monlvs.model.watch import ServiceKey

KEY = ServiceKey("web", "http")
NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)

Deed = Callable[[], Awaitable[None]]


async def at_once() -> None:
    """Deliver without any ado."""


async def never() -> None:
    """Hang as a mail server may."""
    await asyncio.Event().wait()


@dataclass(frozen=True, kw_only=True)
class Postbox:
    """An alert that keeps what it delivered; `deed` is what delivering takes."""

    destination: str = "here"
    deed: Deed = field(default=at_once, compare=False)
    times: list[float] = field(default_factory=list, compare=False)
    """When each attempt began, on the loop's clock."""
    got: list[str] = field(default_factory=list, compare=False)

    async def send(self, occasion: Occasion) -> None:
        self.times.append(asyncio.get_running_loop().time())
        await self.deed()
        self.got.append(occasion.text)

    def preview(self, occasion: Occasion) -> str:
        return occasion.text


def occasion(text: str = "", when: datetime = NOON) -> Occasion:
    """A failure of web/http."""
    return Occasion(
        kind=AlertKind.FAILURE,
        group=KEY.group,
        service=KEY.service,
        hosts=("a", "b"),
        time=when,
        text=text,
    )


def order(alert: Postbox, text: str = "", when: datetime = NOON) -> SendAlert:
    """What the engine asks of the outbox."""
    return SendAlert(
        service=KEY, period="p", alert=alert, occasion=occasion(text, when)
    )
