"""The seam between what decides about a table and what holds one."""

import errno
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Protocol, TypeAlias

from monlvs.director.changes import (
    AddServer,
    AddService,
    Change,
    DeleteServer,
    SetServer,
)
from monlvs.model.lvs import Counters, RealServer, Table, VirtualKey
from monlvs.model.traffic import Traffic

ServerKey: TypeAlias = tuple[VirtualKey, RealServer]
TrafficReading: TypeAlias = dict[VirtualKey, tuple[Traffic, dict[RealServer, Traffic]]]
"""What each virtual service and each of its real servers has counted."""


class TableError(Exception):
    """The table cannot be used, or could not be read whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A table at one moment, in the order in which the kernel told it."""

    table: Table = field(default_factory=lambda: MappingProxyType({}))
    counters: Mapping[ServerKey, Counters] = field(
        default_factory=lambda: MappingProxyType({})
    )
    unread: tuple[str, ...] = ()
    """Entries that this version cannot understand; they are left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A change that was not made, with the kernel's error number."""

    change: Change
    code: int

    @property
    def text(self) -> str:
        """Say what the error number means for this change."""
        match self.change, self.code:
            case AddService(), errno.ENOENT:
                return "no such scheduler or persistence engine"
            case ((AddServer() | SetServer()), errno.ERANGE):
                return "weight or thresholds out of range (lower above upper)"
            case ((AddServer() | SetServer() | DeleteServer()), errno.ESRCH):
                return "no such virtual service"
            case _:
                return _MEANINGS.get(self.code) or os.strerror(self.code)

    def __str__(self) -> str:
        return f"ipvsadm {self.change.as_ipvsadm()}: {self.text}"


_MEANINGS: Final = {
    errno.EAGAIN: "waits until the kernel has taken what replaces it",
    errno.EPERM: "not permitted (CAP_NET_ADMIN is needed)",
    errno.EINVAL: "the kernel takes these values for invalid",
    errno.EAFNOSUPPORT: "the kernel lacks this address family",
    errno.EPROTONOSUPPORT: "the kernel's IPVS lacks this protocol",
}


class LiveTable(Protocol):
    """A table that can be read and changed: the kernel's, or one in memory."""

    @property
    def name(self) -> str:
        """Say which table it is, for people."""

    async def read(self) -> Reading:
        """Read all of it. Raises TableError when it could not be read whole."""

    async def apply(self, changes: Sequence[Change]) -> tuple[Refusal, ...]:
        """Make `changes` in their order and tell which were refused.

        Each is made whatever stands there already: what exists is set, what is missing
        is added, what is gone is gone. A refused one does not stop those after it.
        """
