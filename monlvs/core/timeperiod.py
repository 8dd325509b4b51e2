"""Time::Period's grammar: text to `TimePeriod`, and when one is in force.

Rule 1: local time comes in as a datetime; nothing here knows a time zone of its own.
Rule 2: what Time::Period(3pm) documents is understood; slips that it swallows, such as
`wd {su;mo}` or `hr {23am}`, are refused.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from monlvs.model.period import ALWAYS, NEVER, Scale, Span, SubPeriod, TimePeriod

_NAMES = {
    "year": Scale.YEAR,
    "month": Scale.MONTH,
    "week": Scale.WEEK,
    "yday": Scale.YDAY,
    "mday": Scale.MDAY,
    "wday": Scale.WDAY,
    "hour": Scale.HOUR,
    "minute": Scale.MINUTE,
    "second": Scale.SECOND,
} | {str(scale): scale for scale in Scale}

_BOUNDS = {
    Scale.MONTH: (1, 12),
    Scale.WEEK: (1, 6),
    Scale.YDAY: (1, 366),
    Scale.MDAY: (1, 31),
    Scale.WDAY: (1, 7),
    Scale.HOUR: (0, 23),
    Scale.MINUTE: (0, 59),
    Scale.SECOND: (0, 59),
}

_MONTHS = [
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
]
_WDAYS = ["su", "mo", "tu", "we", "th", "fr", "sa"]

_EXPECTED = {
    Scale.YEAR: "0-99 or a year from 1970 on",
    Scale.MONTH: "1-12 or jan, feb, … dec",
    Scale.WEEK: "1-6",
    Scale.YDAY: "1-366",
    Scale.MDAY: "1-31",
    Scale.WDAY: "1-7 (1 is Sunday) or su, mo, … sa",
    Scale.HOUR: "0-23 or 12am, 1am, … 12noon, 1pm, … 11pm",
    Scale.MINUTE: "0-59",
    Scale.SECOND: "0-59",
}

_TERM = re.compile(r"\s*([a-z]+)\s*\{([^{}]*)\}", re.IGNORECASE | re.ASCII)
_DASH = re.compile(r"\s*-\s*")
_CLOCK = re.compile(r"0*(\d{1,2})(am|pm|noon)", re.ASCII)

_DAY_SCALES = frozenset(Scale) - {Scale.HOUR, Scale.MINUTE, Scale.SECOND}

# How far ahead next_boundary looks before it says "never", and after how many steps it
# gives what it has reached: waking too early is harmless, a long search is not.
_HORIZON = timedelta(days=366 * 8 + 2)
_STEPS = 4_000


class PeriodSyntaxError(ValueError):
    """A period does not follow the grammar; says what was found and expected."""


def parse(text: str) -> TimePeriod:
    """Read a period such as `wd {Mon-Fri} hr {9am-4pm}, wd {Sat}`.

    Blank text is always, `none` is never. Raises PeriodSyntaxError.
    """
    word = text.strip().lower()
    if not word:
        return ALWAYS
    if word == "none":
        return NEVER
    # Time::Period lets a list end in commas.
    parts = re.sub(r"[\s,]+$", "", text).split(",")
    return TimePeriod(alternatives=tuple(_sub_period(part) for part in parts))


def contains(period: TimePeriod, local: datetime) -> bool:
    """Say whether the period is in force at `local`, a moment in local time."""
    values = _reading(local)
    return any(_matches(sub, values) for sub in period.alternatives)


def next_boundary(period: TimePeriod, after: datetime) -> datetime | None:
    """Return the next moment after `after` at which the period begins or ends.

    Give an `after` that knows its time zone, so that changes of the clock are followed.
    None: not within eight years. For a period whose parts are many and add up to
    always, the answer may come too early: look again then.
    """
    inside = contains(period, after)
    moment, end = after.replace(microsecond=0), _later(after, _HORIZON)
    for _ in range(_STEPS):
        moment = _settled_until(period, moment)
        if moment > end:
            return None
        if contains(period, moment) is not inside:
            return moment
    return moment


def _sub_period(text: str) -> SubPeriod:
    scales: dict[Scale, tuple[Span, ...]] = {}
    position = 0
    while text[position:].strip():
        term = _TERM.match(text, position)
        if term is None:
            raise PeriodSyntaxError(
                f"at {text[position:].strip()!r}: expected a scale with its ranges in "
                "braces, such as `wd {Mon-Fri}`"
            )
        scale = _scale(term[1])
        scales[scale] = scales.get(scale, ()) + tuple(_spans(scale, term[2]))
        position = term.end()
    if not scales:
        raise PeriodSyntaxError("nothing between two commas: expected a scale")
    return SubPeriod(scales=tuple(sorted(scales.items(), key=_by_scale)))


def _by_scale(item: tuple[Scale, tuple[Span, ...]]) -> int:
    return list(Scale).index(item[0])


def _scale(word: str) -> Scale:
    try:
        return _NAMES[word.lower()]
    except KeyError:
        known = ", ".join(_NAMES)
        raise PeriodSyntaxError(
            f"unknown scale {word!r}: expected one of {known}"
        ) from None


def _spans(scale: Scale, text: str) -> Iterator[Span]:
    for word in _DASH.sub("-", text.strip()).split():
        first, dash, last = word.partition("-")
        begin = _value(scale, first, word)
        yield Span(begin, _value(scale, last, word) if dash else begin)


def _value(scale: Scale, text: str, word: str) -> int:
    value = _number(scale, text.lower())
    if value is None or not _in_bounds(scale, value):
        raise PeriodSyntaxError(
            f"{word!r} is no range of {scale}: expected {_EXPECTED[scale]}, or two such "
            "with a dash between"
        )
    return value


def _number(scale: Scale, word: str) -> int | None:
    if word.isascii() and word.isdigit():
        return int(word) if len(word) < 10 else None
    if scale is Scale.HOUR:
        return _hour(word)
    if word.isascii() and word.isalpha():
        names = {Scale.MONTH: (_MONTHS, 3), Scale.WDAY: (_WDAYS, 2)}.get(scale)
        if names is not None and word[: names[1]] in names[0]:
            return names[0].index(word[: names[1]]) + 1
    return None


def _hour(word: str) -> int | None:
    clock = _CLOCK.fullmatch(word)
    if clock is None:
        return None
    hour, half = int(clock[1]), clock[2]
    if half == "noon":
        return 12 if hour == 12 else None
    if hour > 12:
        return None
    return hour % 12 + (12 if half == "pm" else 0)


def _in_bounds(scale: Scale, value: int) -> bool:
    if scale is Scale.YEAR:
        return value <= 99 or value >= 1970
    low, high = _BOUNDS[scale]
    return low <= value <= high


def _reading(local: datetime) -> dict[Scale, int]:
    weekday = local.isoweekday() % 7  # Sunday is 0, as in tm_wday
    first = (weekday - (local.day - 1)) % 7
    return {
        Scale.YEAR: local.year,
        Scale.MONTH: local.month,
        Scale.WEEK: (local.day - 1 + first) // 7 + 1,
        Scale.YDAY: local.timetuple().tm_yday,
        Scale.MDAY: local.day,
        Scale.WDAY: weekday + 1,
        Scale.HOUR: local.hour,
        Scale.MINUTE: local.minute,
        Scale.SECOND: local.second,
    }


def _matches(
    sub: SubPeriod, values: dict[Scale, int], among: frozenset[Scale] = frozenset(Scale)
) -> bool:
    return all(
        any(_covers(scale, span, values[scale]) for span in spans)
        for scale, spans in sub.scales
        if scale in among
    )


def _covers(scale: Scale, span: Span, value: int) -> bool:
    first, last = span.first, span.last
    if scale is Scale.YEAR:
        # Two digits stand for a year of the present century; years do not wrap.
        century = value - value % 100
        first, last = sorted(y + century if y <= 99 else y for y in (first, last))
    if first <= last:
        return first <= value <= last
    return value >= first or value <= last


def _settled_until(period: TimePeriod, local: datetime) -> datetime:
    """End of the stretch, a day at most, through which the answer cannot change.

    The coarsest unit wins: on a day that no alternative allows, hours do not matter.
    """
    values = _reading(local)
    open_scales = _DAY_SCALES
    live = [s for s in period.alternatives if _matches(s, values, open_scales)]
    if _settled(live, open_scales):
        tomorrow = local.date() + timedelta(days=1)
        return datetime.combine(tomorrow, time(), tzinfo=local.tzinfo)
    within_hour = local.minute * 60 + local.second
    for scale, rest in (
        (Scale.HOUR, 3600 - within_hour),
        (Scale.MINUTE, 60 - local.second),
    ):
        open_scales |= {scale}
        live = [s for s in live if _matches(s, values, open_scales)]
        if _settled(live, open_scales):
            return _later(local, timedelta(seconds=rest))
    return _later(local, timedelta(seconds=1))


def _settled(live: list[SubPeriod], decided: frozenset[Scale]) -> bool:
    return not live or any(
        all(scale in decided or _is_full(scale, spans) for scale, spans in sub.scales)
        for sub in live
    )


def _is_full(scale: Scale, spans: tuple[Span, ...]) -> bool:
    low, high = _BOUNDS[scale]
    return any(
        (span.first, span.last) == (low, high) or span.first == span.last + 1
        for span in spans
    )


def _later(local: datetime, step: timedelta) -> datetime:
    if local.tzinfo is None:
        return local + step
    return (local.astimezone(UTC) + step).astimezone(local.tzinfo)
