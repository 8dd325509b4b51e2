"""Alerts that were not delivered yet, as plain values for the state file.

Rule 1: an alert is named by what sends it and where to, never by its options: what is
secret in them stays in the configuration. Rule 2: what cannot be read back, or has no
place in the configuration any more, is told and left out.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from monlvs.core.effects import SendAlert
from monlvs.model.config import Config
from monlvs.model.plugin import Alert, Occasion
from monlvs.model.values import Now
from monlvs.model.watch import Period, ServiceKey
from monlvs.plugins import name_of

if TYPE_CHECKING:
    from pydantic import TypeAdapter

KEEP = timedelta(days=1)
"""An alert older than this tells nothing that people can still use."""

Plain = dict[str, Any]


@cache
def _occasions() -> "TypeAdapter[Occasion]":
    # Slow to import, and nothing needs it until an alert waits.
    from pydantic import TypeAdapter

    return TypeAdapter(Occasion)


class LostError(Exception):
    """A saved alert cannot be delivered any more; says which and why."""


def dump(order: SendAlert) -> Plain:
    """Return an alert that waits as JSON-able values."""
    return {
        "group": order.service.group,
        "service": order.service.service,
        "period": order.period,
        "alert": name_of(order.alert),
        "destination": order.alert.destination,
        "occasion": _occasions().dump_python(order.occasion, mode="json"),
    }


def load(plain: object, config: Config, *, now: Now) -> SendAlert:
    """Return the alert that `dump` was given, to be sent as it is configured now.

    Raises LostError when it is malformed, too old, or not configured any more.
    """
    match plain:
        case {
            "group": str(group),
            "service": str(service),
            "period": str(label),
            "alert": str(name),
            "destination": str(destination),
            "occasion": Mapping() as told,
        }:
            key = ServiceKey(group, service)
        case _:
            raise LostError("a saved alert cannot be read")
    what = f"the alert of {key}, {destination},"
    try:
        occasion = _occasions().validate_python(told)
        age = now.utc - occasion.time
    except (ValueError, TypeError):  # pydantic's are ValueErrors; a time without zone
        raise LostError(f"{what} cannot be read") from None
    if age > KEEP:
        raise LostError(f"{what} is of {occasion.time:%Y-%m-%d %H:%M} UTC, too old")
    for alert in _alerts(config, key, label):
        if (name_of(alert), alert.destination) == (name, destination):
            return SendAlert(service=key, period=label, alert=alert, occasion=occasion)
    raise LostError(f"{what} is not configured any more")


def _alerts(config: Config, key: ServiceKey, label: str) -> Iterator[Alert]:
    _, service = config.services().get(key, (None, None))
    for period in service.periods if service else ():
        if period.label == label:
            yield from _alerts_of(period)


def _alerts_of(period: Period) -> Iterator[Alert]:
    kinds = (period.alerts, period.upalerts, period.startupalerts, period.ackalerts)
    return (line.alert for lines in kinds for line in lines)
