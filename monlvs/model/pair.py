"""Two directors: which of them is the master, and how they hear of each other."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monlvs.model.values import Address


class Role(StrEnum):
    """What VRRP has made of this director (keepalived.conf(5), "notify")."""

    MASTER = "master"
    BACKUP = "backup"
    FAULT = "fault"
    """It takes no part: its device is down, a script of keepalived's says so, or
    keepalived has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleTaken:
    """A role, since when, and who told."""

    role: Role
    at: datetime
    who: str


class Teller(StrEnum):
    """Which directors send alerts."""

    MASTER = "master"
    """A backup is silent for as long as it hears the other one, as master."""
    BOTH = "both"


class SyncRoles(StrEnum):
    """Which sync daemons of the kernel run."""

    BOTH = "both"
    """Both, always: connections are told in both directions whoever is the master."""
    BY_ROLE = "by-role"
    """The master's on the master, the backup's otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """How the kernels of the two directors tell each other their connections."""

    device: str
    """Carries the messages."""
    sync_id: int
    """1 to 255, the same on both."""
    roles: SyncRoles = SyncRoles.BOTH
    group: Address | None = None
    """Multicast group; the kernel's (224.0.0.81) unless set."""
    port: int = 0
    """UDP port; the kernel's (8848) unless set."""
    ttl: int = 0
    """Hops; the kernel's (1) unless set."""


PORT = 2584
"""TCP port at which a director answers the other one, unless another is stated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a director answers the other one."""

    address: Address
    port: int = PORT

    def __str__(self) -> str:
        host = f"[{self.address}]" if self.address.version == 6 else f"{self.address}"
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """This director and the other one."""

    listen: Endpoint
    """Where this one answers."""
    peer: Endpoint
    """Where the other one answers."""
    secret_file: str
    """Holds what both know and nobody else does."""
    name: str | None = None
    """What this one is called; the machine's name unless set."""
    interval: timedelta = timedelta(seconds=1)
    """How often the other one is asked."""
    patience: timedelta = timedelta(seconds=3)
    """One that has not answered for so long is gone."""
    alerts: Teller = Teller.MASTER
    sync: Sync | None = None
    """None: the kernel's sync daemons are left alone."""
