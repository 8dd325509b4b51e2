"""The shape of `[pair]` in mon_lvs.toml; see `spelling`."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import ConfigDict, Field

from monlvs.config import scalars
from monlvs.config.machinespelling import DeviceName
from monlvs.config.notation import STRICT, Endpoint, Interval, Name, Port, Reads
from monlvs.model.values import Address

_TEXT = {"type": "string"}


def multicast(value: Any) -> Address:
    """Read a multicast address."""
    try:
        if isinstance(value, str) and (found := ip_address(value)).is_multicast:
            return found
    except ValueError:
        pass
    raise ValueError(
        f"expected a multicast address such as 224.0.0.81, not {scalars.shown(value)}"
    )


Multicast: TypeAlias = Annotated[Address, Reads(multicast, _TEXT)]


@dataclass(frozen=True, kw_only=True)
class SyncTable:
    """The kernel's sync daemons, which tell connections to the other director."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    device: DeviceName
    """The network device that carries the messages."""
    id: Annotated[int, Field(ge=1, le=255)]
    """The same on both directors, and another one for each pair in the network."""
    roles: Literal["both", "by-role"] = "both"
    """both: each director tells and hears always. by-role: the master tells, the backup
    hears, and a change of role changes that."""
    group: Multicast | None = None
    """Multicast group; 224.0.0.81 unless set."""
    port: Port | None = None
    """UDP port; 8848 unless set."""
    ttl: Annotated[int, Field(ge=1, le=255)] | None = None
    """Hops that a message may make; 1 unless set."""


@dataclass(frozen=True, kw_only=True)
class PairTable:
    """Two directors: the other one, and what the two tell each other."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    listen: Endpoint
    """Own address, not a VIP, at which the other director may ask; port 2584 unless
    stated."""
    peer: Endpoint
    """The other director's address; port 2584 unless stated."""
    secret_file: str
    """File with what both know and nobody else does: 16 bytes or more, the same on both,
    not readable by others."""
    name: Name | None = None
    """What this director is called; the machine's name unless set."""
    interval: Interval | None = None
    """How often the other director is asked."""
    patience: Interval | None = None
    """One that has not answered for so long is gone."""
    alerts: Literal["master", "both"] = "master"
    """master: a backup that hears the master sends no alerts. both: each sends its own."""
    sync: SyncTable | None = None
    """The kernel's sync daemons; without it they are left alone."""
