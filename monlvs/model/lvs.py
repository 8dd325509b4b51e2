"""The words of ipvsadm(8) as values: virtual services, real servers, tables.

Nothing here counts connections: a table compares equal to another when an
administrator would call them the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum, IntFlag, StrEnum
from types import MappingProxyType
from typing import TypeAlias

from monlvs.model.pool import PLAIN, PoolPolicy
from monlvs.model.values import Address


class Protocol(IntEnum):
    """Transport protocols that IPVS balances, by IP protocol number."""

    TCP = 6
    UDP = 17
    SCTP = 132


class Family(IntEnum):
    """Address families by their number in the kernel (AF_INET, AF_INET6)."""

    IPV4 = 2
    IPV6 = 10


class Forwarding(IntEnum):
    """How packets reach a real server (linux/ip_vs.h, IP_VS_CONN_F_*)."""

    MASQ = 0
    LOCAL = 1
    TUNNEL = 2
    ROUTE = 3


class TunnelType(IntEnum):
    """Encapsulation of Forwarding.TUNNEL (linux/ip_vs.h, IP_VS_CONN_F_TUNNEL_TYPE_*)."""

    IPIP = 0
    GUE = 1
    GRE = 2


class TunnelFlags(IntFlag):
    """Checksum mode of a tunnel (linux/ip_vs.h, IP_VS_TUNNEL_ENCAP_FLAG_*)."""

    NOCSUM = 0
    CSUM = 1
    REMCSUM = 2


class ServiceFlags(IntFlag):
    """Flags of a virtual service (linux/ip_vs.h, IP_VS_SVC_F_*)."""

    NONE = 0
    PERSISTENT = 0x01
    HASHED = 0x02  # the kernel's own mark; never ours to set
    ONE_PACKET = 0x04
    SCHED1 = 0x08  # sh-fallback, mh-fallback
    SCHED2 = 0x10  # sh-port, mh-port
    SCHED3 = 0x20


class _Keyed:
    """Remembers its hash: a pass over a table asks for it a dozen times, and that of an
    address takes longer than the look-up that it is for."""

    __slots__ = ("_hash",)
    _hash: int

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            made = hash(tuple(getattr(self, name) for name in self.__slots__))
            object.__setattr__(self, "_hash", made)
            return made


@dataclass(frozen=True, slots=True)
class Listener(_Keyed):
    """A virtual service named by protocol, VIP and port; port 0 is every port."""

    protocol: Protocol
    address: Address
    port: int
    __hash__ = _Keyed.__hash__

    @property
    def family(self) -> Family:
        """Family of the VIP."""
        return Family.IPV4 if self.address.version == 4 else Family.IPV6

    def __str__(self) -> str:
        host = f"[{self.address}]" if self.address.version == 6 else str(self.address)
        return f"{self.protocol.name} {host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Fwmark:
    """A virtual service named by a firewall mark."""

    mark: int
    family: Family = Family.IPV4

    def __str__(self) -> str:
        return f"FWM {self.mark}" + (" IPv6" if self.family is Family.IPV6 else "")


VirtualKey: TypeAlias = Listener | Fwmark


@dataclass(frozen=True, slots=True)
class RealServer(_Keyed):
    """A real server of some virtual service: its key inside that service."""

    address: Address
    port: int
    __hash__ = _Keyed.__hash__

    def __str__(self) -> str:
        host = f"[{self.address}]" if self.address.version == 6 else str(self.address)
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualService:
    """A virtual service and its attributes as the kernel keeps them."""

    key: VirtualKey
    scheduler: str = "wlc"
    flags: ServiceFlags = ServiceFlags.NONE
    persistence: timedelta | None = None
    """How long a client stays with its server; None: not persistent."""
    netmask: int | None = None
    """Prefix length that groups persistent clients; None: 32 or 128."""
    persistence_engine: str | None = None
    """`sip`, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tunnel:
    """How packets are wrapped for a real server with Forwarding.TUNNEL."""

    type: TunnelType = TunnelType.IPIP
    port: int = 0
    """GUE only."""
    flags: TunnelFlags = TunnelFlags.NOCSUM


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A real server's entry in a virtual service."""

    server: RealServer
    forwarding: Forwarding = Forwarding.MASQ
    weight: int = 1
    upper: int = 0
    """Upper connection threshold; 0: none."""
    lower: int = 0
    """Lower connection threshold; 0: none."""
    tunnel: Tunnel | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """A virtual service with the entries that stand behind it."""

    service: VirtualService
    entries: Mapping[RealServer, Entry] = field(
        default_factory=lambda: MappingProxyType({})
    )


Table: TypeAlias = Mapping[VirtualKey, Pool]
"""A whole IPVS table, current or desired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """Connections of an entry at the moment of the dump."""

    active: int = 0
    inactive: int = 0
    persistent: int = 0


class OnFailure(StrEnum):
    """What happens to the entry of a failing real server."""

    REMOVE = "remove"
    QUIESCE = "quiesce"
    """Weight 0: present connections go on."""


class Undeclared(StrEnum):
    """What happens to an entry of ours that the configuration does not name."""

    KEEP = "keep"
    REMOVE = "remove"


class OnDrift(StrEnum):
    """What happens when the kernel's table is not as desired."""

    REPAIR = "repair"
    REPORT = "report"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrySpec:
    """An entry as a configuration states it; what is None was left open.

    What was left open takes the adopted entry's value, else the default of `Entry`,
    and is never "repaired".
    """

    server: RealServer
    forwarding: Forwarding | None = None
    weight: int | None = None
    upper: int | None = None
    lower: int | None = None
    tunnel: Tunnel | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSpec:
    """A virtual service as a configuration states it; what is None was left open.

    What was left open takes the adopted service's value, else the default of
    `VirtualService`, and is never "repaired".
    """

    key: VirtualKey
    scheduler: str | None = None
    flags: ServiceFlags | None = None
    persistence: timedelta | None = None
    """No time at all: stated to be not persistent."""
    netmask: int | None = None
    """A prefix of full length: stated to group nobody."""
    persistence_engine: str | None = None
    """Empty: stated to have none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredService:
    """A virtual service that the configuration declares, with its real servers."""

    service: ServiceSpec
    servers: tuple[EntrySpec, ...] = ()
    on_failure: OnFailure = OnFailure.REMOVE
    undeclared: Undeclared = Undeclared.KEEP
    on_drift: OnDrift = OnDrift.REPAIR
    fallback: EntrySpec | None = None
    """Sorry server: in only while no server of the pool is kept."""
    policy: PoolPolicy = PLAIN
    name: str = field(default="", compare=False)
    """What operators call it; its address and port do, too."""
