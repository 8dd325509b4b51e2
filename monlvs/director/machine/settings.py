"""What a machine of an LVS is to have: one value for each address, variable, rule.

Rule: `because` is for people; two settings are equal when they ask for the same thing.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from monlvs.model.lvs import TunnelType
from monlvs.model.machine import Interface, Network
from monlvs.model.values import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A kernel module, loaded or built in."""

    name: str
    because: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sysctl:
    """A variable of the kernel (sysctl(8))."""

    name: str
    """As sysctl(8) spells it; a dot within the name of a device is a slash."""
    value: str
    because: str = field(default="", compare=False)

    @property
    def path(self) -> str:
        """Its place below /proc/sys."""
        return self.name.translate(_DOTS_AND_SLASHES)


@dataclass(frozen=True, slots=True, kw_only=True)
class TunnelDevice:
    """A device that takes packets out of the tunnel of one type."""

    device: str
    type: TunnelType
    local: Address | None = None
    remote: Address | None = None
    """None: from anywhere."""
    checksum: bool = False
    """GRE only: with one, or without. Each end insists on its own way."""
    because: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuePort:
    """A UDP port at which the kernel unwraps GUE (ip-fou(8))."""

    port: int
    version: int = 4
    """4, or 6 where the packets come over IPv6."""
    because: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkUp:
    """A device that is up."""

    device: str
    because: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceAddress:
    """An address of a device."""

    interface: Interface
    device: str | None
    """None: not said, and not to be known without a look at the machine."""
    virtual: bool = False
    """A VIP: it comes last, when everything behind it stands, and is no source of the
    machine's own packets."""
    because: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A route of the main table."""

    to: Network
    via: Address | None = None
    device: str | None = None
    because: str = field(default="", compare=False)
    metric: int = field(default=0, compare=False)
    """Of several routes to one network the one with the least is taken."""
    told: str = field(default="", compare=False)
    """As ip-route(8) takes it, with what is not said above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Masquerade:
    """Translation of what one network sends through this machine to elsewhere."""

    source: Network
    device: str | None = None
    """Only what leaves by this device; None: by any."""
    because: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentLimit:
    """The largest TCP segment that peers of an address of this machine are asked for
    (the option MSS of RFC 9293)."""

    address: Address
    size: int
    """Bytes of data."""
    because: str = field(default="", compare=False)


Setting: TypeAlias = (
    Module
    | Sysctl
    | TunnelDevice
    | GuePort
    | LinkUp
    | DeviceAddress
    | Route
    | Masquerade
    | SegmentLimit
)

_DOTS_AND_SLASHES = str.maketrans("./", "/.")


def sysctl_device(device: str) -> str:
    """Spell a device inside the name of a variable: eth0.100 is eth0/100 there."""
    return device.translate(_DOTS_AND_SLASHES)
