"""The small things that a configuration spells as text: durations, addresses, ranges.

Each reader takes what TOML gave and raises ValueError with what was expected.
"""

import re
from datetime import timedelta
from functools import lru_cache
from ipaddress import IPv4Network, ip_address
from typing import Any

from monlvs.model.pool import Count, KeepAtLeast, Share
from monlvs.model.values import Address
from monlvs.model.watch import (
    AfterCount,
    AfterCountWithin,
    AfterDuration,
    AlertAfter,
    AlertEvery,
    AlertEveryMode,
    ExitRange,
)

DURATION_PATTERN = r"^[0-9]+(\.[0-9]+)?(ms|[smhdSMHD])$"
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhd])", re.IGNORECASE | re.ASCII)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_LONGEST = timedelta(days=36_500)
_SHORTEST = timedelta(milliseconds=10)
NAME = re.compile(r"[A-Za-z0-9._-]+")
"""Names of groups and services: one word of mon's protocol."""
_EXITS = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?", re.ASCII)
_ENDPOINT = re.compile(r"(?:\[([^]]*)\]|([^:]*))(?::(\d{1,5}))?", re.ASCII)
_PERCENT = re.compile(r"(\d{1,3})%", re.ASCII)
LAST_PORT = 65_535


def kind_of(value: Any) -> str:
    """Name a TOML value's type as people do."""
    names = {
        bool: "a boolean",
        int: "a whole number",
        float: "a number",
        str: "a string",
        list: "a list",
        dict: "a table",
    }
    return names.get(type(value), "a date or time")


def shown(value: Any) -> str:
    """Show a TOML value in a message: the value if it is small, else its type."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 60 and value.isprintable() else "a string"
    if value in ([], {}):
        return f"an empty {kind_of(value).split()[1]}"
    return str(value) if isinstance(value, int | float) else kind_of(value)


def duration(value: Any) -> timedelta:
    """Read `15s`, `500ms`, `1.5h`: mon's time values, and milliseconds."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(
            f"expected a duration such as 15s, 500ms, 2m, 1.5h or 1d, not {shown(value)}"
        )
    seconds = float(found[1]) * _SECONDS[found[2].lower()]
    if seconds > _LONGEST.total_seconds():
        raise ValueError(f"expected a duration of at most 36500d, not {shown(value)}")
    return timedelta(seconds=seconds)


def _is_duration(word: Any) -> bool:
    return isinstance(word, str) and _DURATION.fullmatch(word) is not None


def positive_duration(value: Any) -> timedelta:
    """Read a duration longer than nothing."""
    read = duration(value)
    if not read:
        raise ValueError(f"expected a duration longer than nothing, not {shown(value)}")
    return read


def interval(value: Any) -> timedelta:
    """Read the time between two of what would otherwise never stop."""
    read = positive_duration(value)
    if read < _SHORTEST:
        raise ValueError(f"expected 10ms or longer, not {shown(value)}")
    return read


def address(value: Any) -> Address:
    """Read an IPv4 or IPv6 address."""
    try:
        if isinstance(value, str):
            return _address(value)
    except ValueError:
        pass
    raise ValueError(f"expected an IPv4 or IPv6 address, not {shown(value)}")


@lru_cache(maxsize=20_000)
def _address(text: str) -> Address:
    """Parse one; the same text, which a server's checks all name, is one object."""
    return ip_address(text)


def endpoint(value: Any) -> tuple[Address, int | None]:
    """Read ADDRESS or ADDRESS:PORT; an IPv6 address with a port stands in brackets."""
    if isinstance(value, str) and (found := _ENDPOINT.fullmatch(value)):
        read = address(found[1] if found[1] is not None else found[2])
        if found[3] is None:
            return read, None
        return read, port(int(found[3]))
    return address(value), None


def name(value: Any) -> str:
    """Read a name that goes through mon's protocol as a word."""
    if isinstance(value, str) and NAME.fullmatch(value):
        return value
    raise ValueError(
        f"expected letters, digits, dots, dashes and underscores, not {shown(value)}"
    )


def port(value: int) -> int:
    """Check a port that clients can connect to."""
    if not 1 <= value <= LAST_PORT:
        raise ValueError(f"expected a port from 1 to {LAST_PORT}, not {value}")
    return value


def exits(value: Any) -> ExitRange:
    """Read the exit codes an alert is for: `2`, "2" or "2-4" (mon(8), exit=)."""
    if type(value) is int:
        value = str(value)
    found = _EXITS.fullmatch(value) if isinstance(value, str) else None
    if found is not None:
        first, last = int(found[1]), int(found[2] or found[1])
        if first <= last <= 255:
            return ExitRange(first, last)
    raise ValueError(
        'expected an exit code, or a range such as "1-3" with the smaller first and '
        f"none over 255, not {shown(value)}"
    )


def alertevery(value: Any) -> AlertEvery:
    """Read `1h`, or `1h strict` with a mode of mon(8)."""
    words = value.split() if isinstance(value, str) else [value]
    modes = [mode.value for mode in AlertEveryMode]
    timed = len(words) in (1, 2) and _is_duration(words[0])
    if not timed or (len(words) == 2 and words[1] not in modes):
        raise ValueError(
            f'expected a duration such as "1h", and after it at most one of '
            f"{', '.join(modes)}, not {shown(value)}"
        )
    interval = positive_duration(words[0])
    if len(words) == 2:
        return AlertEvery(interval=interval, mode=AlertEveryMode(words[1]))
    return AlertEvery(interval=interval)


def alertafter(value: Any) -> AlertAfter:
    """Read mon's three forms: `3`, `"5m"`, `"3 30m"` (three failures within)."""
    if type(value) is int:
        return AfterCount(_count(value))
    words = value.split() if isinstance(value, str) else []
    match words:
        case [word] if word.isdecimal():
            return AfterCount(_count(int(word[:9])))
        case [word] if _is_duration(word):
            return AfterDuration(positive_duration(word))
        case [word, window] if word.isdecimal() and _is_duration(window):
            return AfterCountWithin(_count(int(word[:9])), positive_duration(window))
    raise ValueError(
        'expected a number of failures (3), a duration ("5m") or both ("3 30m": three '
        f"failures within 30 minutes), not {shown(value)}"
    )


def netmask(value: Any) -> int:
    """Read a prefix length, or an IPv4 netmask such as 255.255.255.0."""
    if type(value) is int and 1 <= value <= 128:
        return value
    try:
        if isinstance(value, str) and (length := _prefix(value)):
            return length
    except ValueError:
        pass
    raise ValueError(
        "expected a prefix length from 1 to 32 (128 for IPv6) or a netmask such as "
        f"255.255.255.0, not {shown(value)}"
    )


def keep_at_least(value: Any) -> KeepAtLeast:
    """Read a number of servers, or a share of them such as `50%`."""
    if type(value) is int and value >= 1:
        return Count(value)
    found = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if found is not None and 1 <= int(found[1]) <= 100:
        return Share(int(found[1]))
    raise ValueError(
        'expected a number of servers from 1 on, or a share from "1%" to "100%", not '
        f"{shown(value)}"
    )


def _prefix(text: str) -> int:
    network = IPv4Network(f"0.0.0.0/{text}")
    # A host mask such as 0.0.0.255 would be read too.
    return network.prefixlen if str(network.netmask) == text else 0


def _count(value: int) -> int:
    if value < 1:
        raise ValueError(f"expected a number of failures from 1 on, not {value}")
    return value
