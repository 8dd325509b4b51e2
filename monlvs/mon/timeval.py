"""mon.cf's time values: a number and one letter of s, m, h, d (mon(8), "timeval")."""

import re
from datetime import timedelta

_TIMEVAL = re.compile(r"([0-9]+(?:\.[0-9]+)?)([smhd])", re.IGNORECASE)
_WHOLE = re.compile(r"[0-9]+[smhd]")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_LONGEST = timedelta(days=36_500)


def parse_timeval(text: str) -> timedelta:
    """Read `15s`, `1.5h`, `5M`. Raises ValueError; nothing (`0s`) is a time value too."""
    found = _TIMEVAL.fullmatch(text)
    if found is None:
        raise ValueError("expected a number and one of s, m, h, d")
    seconds = float(found[1]) * _SECONDS[found[2].lower()]
    if seconds > _LONGEST.total_seconds():
        raise ValueError("expected at most 36500d")
    return timedelta(seconds=seconds)


def positive_timeval(text: str) -> timedelta:
    """Read a time value that is more than nothing. Raises ValueError."""
    read = parse_timeval(text)
    if not read:
        raise ValueError("expected more than nothing")
    return read


def whole_timeval(text: str) -> timedelta:
    """Read what `alertafter` takes: a whole number and a small letter.

    Raises ValueError.
    """
    if _WHOLE.fullmatch(text) is None:
        raise ValueError("expected a whole number and one of s, m, h, d")
    return parse_timeval(text)
