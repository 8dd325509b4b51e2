"""Dependencies between services, parsed: what mon(8), "depend", says in words."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Parent:
    """A service: 1 when it is good and what it depends on is, else 0."""

    group: str
    service: str

    def __str__(self) -> str:
        return f"{self.group}:{self.service}"


@dataclass(frozen=True, slots=True)
class Constant:
    """`1` or `0`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Not:
    """`! x` or `not x`."""

    operand: "Expression"


@dataclass(frozen=True, slots=True)
class AllOf:
    """`x && y` or `x and y`."""

    operands: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """`x || y` or `x or y`."""

    operands: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class OneOf:
    """`x xor y`."""

    first: "Expression"
    second: "Expression"


Expression: TypeAlias = Parent | Constant | Not | AllOf | AnyOf | OneOf


@dataclass(frozen=True, slots=True, kw_only=True)
class Depend:
    """What one directive says."""

    text: str
    """As the configuration spells it, with SELF replaced by the group's name."""
    expression: Expression | None
    """None: the text is no expression. mon takes it, and for failing."""


class DependBehavior(StrEnum):
    """What a failing `depend` keeps back (mon(8), "dep_behavior")."""

    ALERT = "a"
    """The service's alerts."""
    MONITOR = "m"
    """The running of its monitor."""
    HOSTS = "hm"
    """Hosts that failing parents name, in the monitor's arguments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """On what a service depends."""

    depend: Depend | None = None
    behavior: DependBehavior = DependBehavior.ALERT
    """What `depend` keeps back."""
    alertdepend: Depend | None = None
    monitordepend: Depend | None = None
    hostdepend: Depend | None = None
    memory: timedelta | None = None
    """How long a parent counts as failing after its recovery."""


INDEPENDENT = Dependencies()
