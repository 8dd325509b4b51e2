"""What an audit sees of a machine: values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from monlvs.director.machine.settings import Route, sysctl_device
from monlvs.director.machine.surroundings import Device, Surroundings
from monlvs.model.lvs import Listener, Protocol
from monlvs.model.machine import Interface, Network
from monlvs.model.values import Address

Question: TypeAlias = tuple[Address, Address | None]
"""A way that is asked for: where to, and with which source (None: any)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An address of a device, and how it stands (ip-address(8))."""

    interface: Interface
    scope: str = "global"
    tentative: bool = False
    dad_failed: bool = False
    deprecated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A network device."""

    name: str
    kind: str = ""
    """Of a virtual device, as ip-link(8) names it: `ipip`, `veth`."""
    up: bool = True
    carrier: bool = True
    arp: bool = True
    """False: it neither asks nor answers, by its flag NOARP."""
    loopback: bool = False
    mtu: int = 1500
    held: tuple[Held, ...] = ()
    local: Address | None = None
    """Own end of a tunnel; None: any."""
    remote: Address | None = None
    """Other end of a tunnel; None: any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The kernel's answer to how it would send a packet (`ip route get`)."""

    device: str
    gateway: Address | None = None
    source: Address | None = None
    """The address that the machine would send from, unless told otherwise."""
    local: bool = False
    """It is the machine's own address."""
    advmss: int | None = None
    """Largest segment that peers on this way are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Socket:
    """A socket that takes what comes to a port."""

    protocol: Protocol
    address: Address | None
    """None: any, of either family."""
    port: int

    def takes(self, protocol: Protocol, address: Address, port: int) -> bool:
        """Whether what is sent there comes to this socket."""
        if (protocol, port) != (self.protocol, self.port):
            return False
        mine = self.address
        return (
            mine is None
            or mine == address
            or (mine.is_unspecified and mine.version == address.version)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A machine at one moment, as far as audits are about it."""

    links: tuple[Link, ...] = ()
    routes: tuple[Route, ...] = ()
    """Of the main table, the most wanted first."""
    own: tuple[Network, ...] = ()
    """What it takes for its own addresses: the routes of type `local`."""
    ways: Mapping[Question, Way] = field(default_factory=lambda: MappingProxyType({}))
    """Answers; a question without one has no way."""
    sysctls: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    missing_modules: frozenset[str] = frozenset()
    """Of those that were asked for: neither loaded nor to be loaded."""
    modules: frozenset[str] = frozenset()
    """Those that are loaded."""
    sockets: tuple[Socket, ...] = ()
    rules: str | None = None
    """All rules of iptables and nftables, as they print them; None: not to be read."""
    balanced: frozenset[Listener] = frozenset()
    """Virtual services in the machine's own IPVS table that have real servers."""
    gue_ports: frozenset[int] = frozenset()

    @property
    def around(self) -> Surroundings:
        """Tell it as who sets a machine up looks at it."""
        devices = tuple(
            Device(
                name=link.name,
                up=link.up,
                loopback=link.loopback,
                mtu=link.mtu,
                addresses=tuple(held.interface for held in link.held),
            )
            for link in self.links
        )
        return Surroundings(devices=devices, routes=self.routes)

    def link(self, name: str) -> Link | None:
        """Return the device of this name."""
        return next((link for link in self.links if link.name == name), None)

    def holding(self, address: Address) -> Iterator[tuple[Link, Held]]:
        """List the devices that have `address`."""
        for link in self.links:
            for held in link.held:
                if held.interface.ip == address:
                    yield link, held

    def has(self, address: Address) -> bool:
        """Whether packets for `address` have arrived when they are here."""
        return any(address in network for network in self.own)

    def addresses(self) -> frozenset[Address]:
        """All addresses of its devices but the loopback's own."""
        return frozenset(
            held.interface.ip
            for link in self.links
            for held in link.held
            if not held.interface.ip.is_loopback
        )

    def wires(self, address: Address) -> Iterator[Link]:
        """List the devices at which neighbours would ask who has `address`."""
        for link in self.links:
            if link.loopback or not link.arp or not link.up:
                continue
            if any(
                address in held.interface.network
                and held.interface.network.num_addresses > 1
                for held in link.held
            ):
                yield link

    def number(self, variable: str, device: str, *, version: int = 4) -> int:
        """Read a variable of a device that is a number; 0 where there is none."""
        name = f"net.ipv{version}.conf.{sysctl_device(device)}.{variable}"
        try:
            return int(self.sysctls.get(name, "0"))
        except ValueError:
            return 0

    def greater(self, variable: str, device: str) -> int:
        """Read one that counts as the greater of the device's and that of `all`
        (the kernel's ip-sysctl: rp_filter, arp_ignore, arp_announce)."""
        return max(self.number(variable, "all"), self.number(variable, device))
