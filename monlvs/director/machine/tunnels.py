"""How a real server takes packets out of VS-TUN's tunnels: pure.

IPIP for an IPv4 address comes out of the devices that the kernel's modules bring, tunl0
and sit0. For an IPv6 one a device is made: ip6tnl0 does not take IPv4 out of IPv6. GRE
needs a device that agrees about checksums; GUE a port, behind which it is IPIP.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monlvs.director.machine.roles import Role
from monlvs.director.machine.settings import GuePort, Module, TunnelDevice
from monlvs.model.lvs import Tunnel, TunnelFlags, TunnelType
from monlvs.model.values import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What one role needs."""

    device: str
    modules: tuple[str, ...]
    made: TunnelDevice | None = None
    """None: the modules bring the device."""
    port: GuePort | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tunnels:
    """What the roles of one machine need."""

    endings: tuple[tuple[Role, Ending], ...] = ()
    obstacles: tuple[str, ...] = ()

    @property
    def modules(self) -> tuple[Module, ...]:
        """Modules that bring the devices and the ports."""
        return tuple(
            dict.fromkeys(
                Module(name=name, because=f"{role.key} is reached by a tunnel")
                for role, ending in self.endings
                for name in ending.modules
            )
        )

    @property
    def devices(self) -> tuple[TunnelDevice, ...]:
        """Devices that have to be made."""
        made = (ending.made for _, ending in self.endings)
        return tuple(dict.fromkeys(each for each in made if each is not None))

    @property
    def ports(self) -> tuple[GuePort, ...]:
        """Ports that have to be opened."""
        ports = (ending.port for _, ending in self.endings)
        return tuple(dict.fromkeys(each for each in ports if each is not None))

    @property
    def names(self) -> tuple[str, ...]:
        """All devices."""
        return tuple(dict.fromkeys(ending.device for _, ending in self.endings))

    @property
    def ipv4(self) -> tuple[str, ...]:
        """Devices that IPv4 comes out of."""
        return tuple(
            dict.fromkeys(
                ending.device
                for role, ending in self.endings
                if role.key.family.name == "IPV4"
            )
        )

    def device_of(self, role: Role) -> str:
        """Name the device that the packets of a tunnelled role come out of."""
        return next(ending.device for each, ending in self.endings if each == role)


def tunnels_of(roles: Sequence[Role]) -> Tunnels:
    """Say what the `roles` of one machine need for their tunnels."""
    ends: dict[Address, int] = {}
    endings = []
    for role in roles:
        if role.tunnel is not None:
            number = ends.setdefault(role.server, len(ends))
            endings.append((role, _ending(role, role.tunnel, number)))
    found = Tunnels(endings=tuple(endings))
    return Tunnels(endings=found.endings, obstacles=tuple(_quarrels(found.devices)))


def _ending(role: Role, tunnel: Tunnel, number: int) -> Ending:
    if tunnel.type is TunnelType.GRE:
        return _gre(role, tunnel, number)
    six = role.server.version == 6
    inner = role.key.family.name
    port = None
    modules: tuple[str, ...] = ()
    if tunnel.type is TunnelType.GUE:
        port = GuePort(
            port=tunnel.port,
            version=role.server.version,
            because=f"{role.key} is sent in GUE",
        )
        modules = ("fou6",) if six else ("fou",)
    if not six:
        device, module = ("tunl0", "ipip") if inner == "IPV4" else ("sit0", "sit")
        return Ending(device=device, modules=(*modules, module), port=port)
    device = f"lvs6tnl{number}"
    return Ending(
        device=device,
        modules=(*modules, "ip6_tunnel"),
        made=TunnelDevice(
            device=device,
            type=TunnelType.IPIP,
            local=role.server,
            because="packets come to this address in a tunnel",
        ),
        port=port,
    )


def _gre(role: Role, tunnel: Tunnel, number: int) -> Ending:
    six = role.server.version == 6
    device = f"lvs6gre{number}" if six else f"lvsgre{number}"
    return Ending(
        device=device,
        modules=("ip6_gre",) if six else ("ip_gre",),
        made=TunnelDevice(
            device=device,
            type=TunnelType.GRE,
            local=role.server,
            checksum=bool(tunnel.flags & TunnelFlags.CSUM),
            because="packets come to this address in GRE",
        ),
    )


def _quarrels(devices: Iterable[TunnelDevice]) -> Iterable[str]:
    seen: dict[str, TunnelDevice] = {}
    for each in devices:
        if seen.setdefault(each.device, each) != each:
            yield (
                f"GRE for {each.local} is configured with and without checksums, and a "
                "device takes one of both: expected the same everywhere"
            )
