"""What the engine remembers of a service, as values.

Rule 1: a steady success replaces `ServiceState` alone, which is small; everything that
only changes with a transition stands in `Standing` (replacing 24 fields costs three
times what replacing five does). Rule 2: no behaviour beyond restating a field.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from monlvs.core.effects import Suppression
from monlvs.core.streak import NEW, Streak
from monlvs.model.guard import Guard
from monlvs.model.result import Reason, Result
from monlvs.model.status import Health, OpStatus
from monlvs.model.values import Host, Now


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """Somebody knows of the outage."""

    who: str
    why: str
    at: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disabled:
    """Somebody silenced it."""

    who: str
    why: str
    at: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodState:
    """What a period has sent in the present outage."""

    last_alert: Now | None = None
    """For alertevery; survives recovery in mode `strict`."""
    sent: int = 0
    after_met: bool = False
    """alertafter was satisfied once; every later failure of the outage counts."""
    quiet: Suppression | None = None
    """Why the latest failure was not told, recorded when it changes."""


EMPTY = PeriodState()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a service stands; replaced when something changes."""

    opstatus: OpStatus = OpStatus.UNTESTED
    last_opstatus: OpStatus = OpStatus.UNTESTED
    """Status before the latest result."""
    exit: int | None = None
    output: str = ""
    """Complete output of the latest run."""
    recalled: bool = False
    """The output comes from mon's state file: programs are told its summary only."""
    failure_output: str = ""
    """Complete output of the latest failure."""
    failed: tuple[Host, ...] = ()
    last_failure: Now | None = None
    recovered: Now | None = None
    """End of the latest outage, for dep_memory."""
    last_trap: Now | None = None
    depends: bool | None = None
    """What the service's dependencies came to when they were last asked for."""
    group: Streak = NEW
    hosts: Mapping[Host, Streak] = field(default_factory=lambda: MappingProxyType({}))
    periods: Mapping[str, PeriodState] = field(
        default_factory=lambda: MappingProxyType({})
    )
    guards: Mapping[Guard, Health] = field(default_factory=lambda: MappingProxyType({}))
    ack: Ack | None = None
    disabled: Disabled | None = None
    settled: Result | None = None
    """A success that changed nothing here, so that another like it will not either."""

    @property
    def first_failure(self) -> Now | None:
        """Start of the present outage."""
        return self.group.since


class ServiceState(NamedTuple):
    """A service's state. Each check makes one anew: a tuple, at a third of the price."""

    standing: Standing = Standing()
    checked: Now | None = None
    """When the latest check ended."""
    succeeded: Now | None = None
    duration: timedelta = timedelta(0)
    """How long the latest check took."""
    unsure: int = 0
    """Inconclusive checks in a row."""
    unsure_reason: Reason = Reason.OK
