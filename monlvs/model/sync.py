"""The connection synchronisation daemon of ipvsadm(8) as a value."""

from dataclasses import dataclass
from enum import IntEnum

from monlvs.model.values import Address


class SyncRole(IntEnum):
    """What a director does with its peers' connections (linux/ip_vs.h, IP_VS_STATE_*)."""

    MASTER = 1
    """Tells its connections."""
    BACKUP = 2
    """Hears of others' and remembers them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncDaemon:
    """A sync daemon in the kernel; each role has at most one, and both may run.

    What is 0 or None is left to the kernel, and is told by it once the daemon runs.
    """

    role: SyncRole
    interface: str
    """The device that carries the messages."""
    sync_id: int = 0
    """0 to 255; a backup that has one hears only masters with the same."""
    max_length: int = 0
    """Bytes of a message; the interface's room unless set."""
    group: Address | None = None
    """Multicast group; 224.0.0.81 unless set."""
    port: int = 0
    """UDP port; 8848 unless set."""
    ttl: int = 0
    """Hops that a message may make; 1 unless set."""
