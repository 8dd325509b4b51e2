"""The values that a decision on a pool is made of; `pool` decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Final

from monlvs.model.lvs import OnFailure, RealServer
from monlvs.model.pool import PLAIN, Act, PoolPolicy
from monlvs.model.result import Advice
from monlvs.model.status import Health


class Presence(Enum):
    """How an entry is to stand."""

    IN = "in"
    QUIET = "quiet"
    OUT = "out"


class Because(StrEnum):
    """Why an entry stands as it does."""

    UP = "its checks succeed, or nobody checks it"
    UNKNOWN = "nothing is known of it yet: as it stands"
    DOWN = "its checks fail"
    KEPT = "its checks fail; kept in, since too few would be left"
    HELD = "it went up and down too often; held out"
    LAST = "it went up and down too often; in, since nobody else is"
    RISING = "it has come in and rises to its weight"
    ADVISED = "its checks report how much it takes"
    ADVISED_OUT = "its checks report that it wants no connections"
    FORCED_UP = "forced up"
    MAINTENANCE = "in maintenance"
    DRAINING = "drained: no new connections"
    DRAINED = "drained: out"
    LEAVING = "no longer configured: no new connections"
    LEFT = "no longer configured: out"
    SORRY = "the fallback: nobody else is in"
    NO_SORRY = "the fallback: others are in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one server."""

    health: Health
    """What its guards say."""
    weight: int = 1
    """Its whole weight, as configured."""
    standing: int | None = None
    """The weight with which it stands in the table; None: it does not."""
    connections: int = 0
    """Active, inactive and persistent ones."""
    act: Act | None = None
    advice: Advice | None = None
    leaves: bool = False
    """The configuration does not have it any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What is remembered of one server; moments are seconds of the monotonic clock."""

    is_in: bool = False
    health: Health = Health.UNKNOWN
    """The latest that was not unknown."""
    failed: float | None = None
    """When its checks failed the last time."""
    flaps: tuple[float, ...] = ()
    """Failures after a success, as far as damping asks for them."""
    rises: float | None = None
    """Since when it rises to its weight; None: it does not."""
    drains: float | None = None
    """Since when it is to go."""
    stood: bool | None = None
    """Whether it was in before an operator decided on it; None: nobody has."""
    good: bool = False
    """Whether it has ever been known to work."""
    advice: Advice | None = None
    """What its checks reported last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How an entry is to stand, and why."""

    presence: Presence
    because: Because
    weight: int = 0
    """Its share, multiplied by the pool's scale."""
    left: float | None = None
    """Seconds until that ends by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is remembered of one pool."""

    scale: int = 1
    """What the weights that stand in the table are multiplied by."""
    members: Mapping[RealServer, Member] = field(
        default_factory=lambda: MappingProxyType({})
    )


NEW: Final = State()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A pool on which to decide."""

    servers: Mapping[RealServer, Facts]
    policy: PoolPolicy = PLAIN
    on_failure: OnFailure = OnFailure.REMOVE
    fallback: tuple[RealServer, Facts] | None = None
    persistent: bool = False
    """Whether clients come back to the server that they had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is to stand, what to remember, and when to ask again."""

    places: Mapping[RealServer, Place]
    state: State
    kept: tuple[RealServer, ...] = ()
    """Who fails and is in for the sake of keep_at_least."""
    wanted: int = 0
    """How many keep_at_least asks for."""
    sorry: bool = False
    """Whether the fallback is in."""
    again: float | None = None
    """Seconds until the same facts may give other places."""
