"""What a configuration says of the machine around the table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Interface, IPv4Network, IPv6Interface, IPv6Network
from types import MappingProxyType
from typing import TypeAlias

from monlvs.model.values import Address

Interface: TypeAlias = IPv4Interface | IPv6Interface
"""An address with the prefix of its network."""
Network: TypeAlias = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAddress:
    """An address that a device of the director is to have."""

    interface: Interface
    device: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRoute:
    """A route that the director is to have."""

    to: Network
    via: Address | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The machine around the table, as far as monlvs is asked to see to it."""

    vips: bool = True
    """Give the VIPs to a device; off where keepalived or another program moves them."""
    device: str | None = None
    """The VIPs' device; None: the one whose network the VIP is in."""
    vip_devices: Mapping[Address, str] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """Devices of single VIPs, as their virtual services state them."""
    addresses: tuple[OwnAddress, ...] = ()
    """Further addresses; a VIP among them gets this device and prefix."""
    gateway: tuple[Address, ...] = ()
    """What the real servers of VS-NAT have as their default gateway, one of a family;
    without one, the director's own address in their network."""
    routes: tuple[OwnRoute, ...] = ()
    masquerade: tuple[Network, ...] | None = None
    """Whose own packets to the outside are translated, for the real servers of VS-NAT;
    None: the networks of those that have private addresses."""
    sysctls: bool = True
    """Set the kernel's variables that the kinds of LVS need, and the policies below."""
    modules: bool = True
    """Load the kernel modules that the virtual services need."""
    expire_nodest_conn: bool = True
    """End the connections of a real server that was taken out with their next packet;
    otherwise they hang until the entry is back."""
    expire_quiescent_template: bool = True
    """A real server of weight 0 loses its persistent clients, too."""
    conn_reuse_mode: int = 1
    """Whether a client's port that comes again is scheduled anew (ipvs-sysctl)."""
    sysctl: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Further variables by name; they go before everything else that sets them."""
    keep: bool = False
    """The daemon looks after all this as it does after the table."""
