"""What a server needs of the running daemon."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from monlvs.core.engine import Engine
from monlvs.core.events import Event
from monlvs.core.histories import Histories
from monlvs.model.values import Now, Problem
from monlvs.model.watch import ServiceKey


class Kept(StrEnum):
    """What a state file keeps (mon(8), `-l`)."""

    DISABLED = "disabled"
    OPSTATUS = "opstatus"


class Control(Protocol):
    """The running daemon, as servers and pages see it."""

    @property
    def engine(self) -> Engine:
        """The states of all services; they are read here and changed by `submit`."""

    @property
    def histories(self) -> Histories:
        """What was told and what failed, the latest last."""

    def now(self) -> Now:
        """Return this moment."""

    def submit(self, event: Event) -> None:
        """Let something happen.

        Raises UnknownTargetError or RefusedError for an operator's act.
        """

    def check_soon(self, key: ServiceKey) -> None:
        """Check a configured service now, and an interval from now again."""

    def due_in(self, key: ServiceKey) -> float | None:
        """Return the seconds until the next check, or None where none is planned."""

    def running_for(self, key: ServiceKey) -> float | None:
        """Return for how many seconds a check has been running, or None."""

    def pids(self) -> Mapping[ServiceKey, tuple[int, ...]]:
        """Return the programs that run for checks."""

    def downtimes(self) -> tuple[str, ...] | None:
        """Return the lines of the downtime log, or None where none is kept.

        Reads a file: call it in a thread. Raises OSError.
        """

    async def reset(self, *, keepstate: bool, stopped: bool) -> tuple[Problem, ...]:
        """Read the configuration and start everything anew (mon(8), `reset`).

        Where the configuration has errors, nothing changes; they are returned.
        """

    async def examine(self) -> tuple[Problem, ...]:
        """Return the errors of the configuration as it is now on disk."""

    def save(self, kept: frozenset[Kept]) -> None:
        """Write mon's state files. What goes wrong is in the log."""

    def load(self, kept: frozenset[Kept]) -> None:
        """Read mon's state files. What goes wrong is in the log."""

    def end(self) -> None:
        """End the daemon."""
