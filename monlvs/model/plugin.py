"""The seams between the engine and its plugins.

A plugin *is* a frozen dataclass whose fields are its options, each with a type, a
default and a docstring line under it; manual pages and the JSON Schema come from them.
What a monitor can do is told by the Protocols of `monlvs.wire.monitor`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Protocol, runtime_checkable

from monlvs.model.status import OpStatus
from monlvs.model.values import Host

OPTION_RULES: dict[str, Any] = {"extra": "forbid", "strict": True}
"""How a plugin's options are read: its class attribute `__pydantic_config__`. Without
it an unknown option would be ignored and `true` would pass for a port."""


class Monitor(Protocol):
    """Says whether hosts are up: any dataclass registered under `monlvs.monitors`."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


class AlertKind(StrEnum):
    """What an alert tells (mon(8), MON_ALERTTYPE)."""

    FAILURE = "failure"
    UP = "up"
    STARTUP = "startup"
    TRAP = "trap"
    TRAP_TIMEOUT = "traptimeout"
    ACK = "ack"
    TEST = "test"

    @property
    def flag(self) -> str | None:
        """The option that tells an alert program of this kind, if there is one."""
        return _FLAGS.get(self)


_FLAGS = {
    AlertKind.UP: "-u",
    AlertKind.TRAP: "-T",
    AlertKind.TRAP_TIMEOUT: "-O",
    AlertKind.ACK: "-a",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Everything an alert may tell of one event."""

    kind: AlertKind
    group: str
    service: str
    hosts: tuple[Host, ...]
    """Members of the group that are not disabled."""
    time: datetime
    """When it happened, in UTC."""
    text: str = ""
    """What mon writes to the alert's standard input: the failure's output, summary
    first; for an upalert the output of the last failure."""
    exit: int | None = None
    opstatus: OpStatus = OpStatus.FAIL
    failed: tuple[Host, ...] = ()
    """Hosts that were found down."""
    description: str | None = None
    next_alert: timedelta = timedelta(0)
    """Time until the next alert of this outage (alertevery), as `-l` tells it."""
    last_summary: str | None = None
    """Summary of the last failure, where the text is not its output (a test, an
    acknowledgement)."""
    previous_output: str | None = None
    """Complete output of the run before this one."""
    first_failure: datetime | None = None
    outage: timedelta | None = None
    """Of an upalert: how long it has lasted, whatever was done to the clock."""
    last_failure: datetime | None = None
    last_success: datetime | None = None
    variables: tuple[tuple[str, str], ...] = ()
    comment: str | None = None
    """Of an acknowledgement: `user: comment`."""
    intended: str | None = None
    """`group:service` that a trap named when the default service took it."""

    @property
    def summary(self) -> str:
        """First line of the text."""
        return self.text.partition("\n")[0]

    @property
    def detail(self) -> str:
        """Everything after the first line of the text."""
        return self.text.partition("\n")[2]


class AlertError(Exception):
    """An alert could not be delivered; `lasting` says that trying again is useless."""

    def __init__(self, message: str, *, lasting: bool = False) -> None:
        super().__init__(message)
        self.lasting = lasting


@runtime_checkable
class Alert(Protocol):
    """Tells somebody: any dataclass registered under `monlvs.alerts`."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def destination(self) -> str:
        """Names the queue: alerts to one destination are sent in order, one at a time."""

    async def send(self, occasion: Occasion) -> None:
        """Deliver it, or raise AlertError."""

    def preview(self, occasion: Occasion) -> str:
        """Say what `send` would deliver, for people, without delivering anything."""
