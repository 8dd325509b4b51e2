"""What audits know of the LVS as a whole: the configuration, and the director's look."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from monlvs.director.audit.clients import Client
from monlvs.director.audit.duties import Duty
from monlvs.director.audit.sight import Sight
from monlvs.model.config import Config
from monlvs.model.lvs import Table
from monlvs.model.machine import Machine
from monlvs.model.sync import SyncDaemon
from monlvs.model.traffic import Connection
from monlvs.model.values import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """Who answered when the wire was asked, by hardware address."""

    asked: frozenset[Address] = frozenset()
    """The VIPs that were asked for."""
    answers: Mapping[Address, frozenset[str]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """Who answered for a VIP; the director itself does not count."""
    servers: Mapping[Address, frozenset[str]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """Who answered for a real server's own address."""
    gateways: Mapping[Address, frozenset[str]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """Who answered for a gateway of VS-NAT; one that is not here was not asked for."""
    other: frozenset[str] = frozenset()
    """Who answered for the other director's own address on the gateways' devices."""

    def claimants(self, vip: Address) -> frozenset[str]:
        """Return those who answer for `vip` and are no real server."""
        theirs = frozenset().union(*self.servers.values())
        return self.answers.get(vip, frozenset()) - theirs

    def answering(self, vip: Address) -> tuple[Address, ...]:
        """Return the real servers that answer for `vip`, by their addresses of its
        family where they have one."""
        macs = self.answers.get(vip, frozenset())
        several = [each for each, own in self.servers.items() if own & macs]
        alike = [each for each in several if each.version == vip.version]
        return tuple(alike or several)

    def quiet(self, server: Address) -> frozenset[Address]:
        """Return the VIPs that a real server was seen not to answer for."""
        own = self.servers.get(server)
        if not own:
            return frozenset()
        return frozenset(
            vip for vip in self.asked if not own & self.answers.get(vip, frozenset())
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lvs:
    """The configuration, and what a look at the director has found."""

    config: Config
    duties: tuple[Duty, ...]
    director: Sight
    clients: tuple[Client, ...] = ()
    table: Table | None = None
    """None: it could not be read."""
    without_ipvs: bool = False
    """The kernel has no IPVS."""
    wire: Wire | None = None
    """None: nobody was asked."""
    connections: tuple[Connection, ...] = ()
    sync: tuple[SyncDaemon, ...] = ()

    @property
    def machine(self) -> Machine:
        """What the configuration says of the machine."""
        return self.config.machine or Machine()

    @property
    def keeps_vips(self) -> bool:
        """Whether this director has the VIPs always; else keepalived or somebody moves
        them."""
        machine = self.config.machine
        return self.config.pair is None and machine is not None and machine.vips

    @property
    def vips(self) -> tuple[Address, ...]:
        """The VIPs."""
        vips = (duty.vip for duty in self.duties)
        return tuple(dict.fromkeys(vip for vip in vips if vip is not None))

    def waits_for(self, vip: Address) -> bool:
        """Whether another director has `vip`, and this one is in waiting."""
        if self.keeps_vips or self.director.has(vip) or self.wire is None:
            return False
        return bool(self.wire.claimants(vip))

    def remote(self) -> tuple[Duty, ...]:
        """List the duties that are not the director's own (LocalNode)."""
        return tuple(d for d in self.duties if not self.is_local(d))

    def is_local(self, duty: Duty) -> bool:
        """Whether the director itself is the real server: VS-LocalNode."""
        return duty.address.is_loopback or self.director.has(duty.address)
