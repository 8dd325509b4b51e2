"""Time::Period's grammar as values: when a period is in force."""

from dataclasses import dataclass
from enum import StrEnum


class Scale(StrEnum):
    """The scales of Time::Period(3pm), by their short names."""

    YEAR = "yr"
    MONTH = "mo"
    WEEK = "wk"
    YDAY = "yd"
    MDAY = "md"
    WDAY = "wd"
    HOUR = "hr"
    MINUTE = "min"
    SECOND = "sec"


@dataclass(frozen=True, slots=True)
class Span:
    """An inclusive range on one scale; it wraps when `first` > `last` (not for years)."""

    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SubPeriod:
    """Scales that must all match; the spans of one scale are alternatives."""

    scales: tuple[tuple[Scale, tuple[Span, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePeriod:
    """Sub-periods of which one must match. One empty sub-period: always. None: never."""

    alternatives: tuple[SubPeriod, ...] = (SubPeriod(),)


ALWAYS = TimePeriod()
NEVER = TimePeriod(alternatives=())
