"""How the servers of one virtual service are kept: what is asked for beyond health.

Everything here is asked for per virtual service; without it an entry simply follows its
guards.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Count:
    """So many servers."""

    servers: int


@dataclass(frozen=True, slots=True)
class Share:
    """So many of each hundred servers, rounded up."""

    percent: int


KeepAtLeast: TypeAlias = Count | Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Damping:
    """When a server goes up and down too often to be believed when it is up."""

    flaps: int
    """Failures, each after a success,"""
    within: timedelta
    """in this time,"""
    hold: timedelta
    """keep it out for this long after the last of them, whatever checks say."""


class Act(StrEnum):
    """What an operator may decide of a real server, over what checks say."""

    DRAIN = "drain"
    """No new connections; its entry goes with its last one."""
    MAINTENANCE = "maintenance"
    """Its entry is out."""
    FORCE_UP = "force-up"
    """Its entry is in."""


class WeightFrom(StrEnum):
    """Who says how much a server can take."""

    CONFIG = "config"
    """The configuration."""
    CHECK = "check"
    """The configuration, and of that the part that the server's checks report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolPolicy:
    """What is asked for of one virtual service's servers."""

    keep_at_least: KeepAtLeast | None = None
    """So many stay in, as they last stood, however many checks fail."""
    drain: timedelta | None = None
    """A drained server's entry goes after this time at the latest; None: with its last
    connection."""
    slow_start: timedelta | None = None
    """In which a server that comes in rises to its whole weight."""
    damping: Damping | None = None
    weight_from: WeightFrom = WeightFrom.CONFIG


PLAIN = PoolPolicy()
"""Nothing is asked for: an entry follows its guards."""
