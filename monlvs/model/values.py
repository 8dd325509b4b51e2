"""The small values everything else is made of."""

from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address

Host: TypeAlias = str
"""A member of a host group as the configuration spells it: a name or an address."""


@dataclass(frozen=True, slots=True)
class Now:
    """One moment, on both clocks.

    `utc` is for people, periods and files; `mono` (seconds of CLOCK_MONOTONIC) is for
    intervals, so that a step of the wall clock moves none of them.
    """

    utc: datetime
    mono: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a configuration something stands, for messages to people."""

    file: str
    line: int | None = None
    key: str = ""
    """Key path in a TOML file, such as `watch.web.service.http.interval`."""
    column: int | None = None

    def __str__(self) -> str:
        numbers = (n for n in (self.line, self.column) if n is not None)
        where = ":".join((self.file, *map(str, numbers)))
        return f"{where}: {self.key}" if self.key else where


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong, or odd, in a configuration."""

    place: Place
    message: str
    """What is wrong and what was expected."""
    warning: bool = False

    def __str__(self) -> str:
        kind = "warning: " if self.warning else ""
        return f"{self.place}: {kind}{self.message}"
