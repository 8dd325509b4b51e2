"""What a configuration wants of the director around its table: pure.

What configure.lvs and rc.ipvs_*director did (LVS-HOWTO 7.3, 8.1, 9), for the kernels
of today. IPVS wraps packets for real servers itself: VS-TUN needs no tunnel device here.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, collapse_addresses, ip_interface
from typing import Final

from monlvs.director.intents import Intent, intents
from monlvs.director.machine.settings import (
    DeviceAddress,
    LinkUp,
    Masquerade,
    Module,
    Route,
    Setting,
    Sysctl,
    sysctl_device,
)
from monlvs.director.machine.surroundings import Surroundings
from monlvs.model.config import Config
from monlvs.model.lvs import Forwarding, Listener, Protocol, VirtualKey
from monlvs.model.machine import Machine, Network
from monlvs.model.pair import Pair
from monlvs.model.values import Address

NOWHERE: Final = Surroundings()
DEFAULT_SCHEDULER: Final = "wlc"
_FTP: Final = 21


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A virtual service that is installed, and its real servers, sorry servers among
    them, each with every forwarding that reaches it."""

    key: VirtualKey
    scheduler: str
    engine: str | None
    servers: tuple[tuple[Address, Forwarding], ...]

    @property
    def vip(self) -> Address | None:
        """The VIP; None behind a firewall mark, which names no address."""
        return self.key.address if isinstance(self.key, Listener) else None


def director_settings(
    config: Config, around: Surroundings = NOWHERE
) -> tuple[Setting, ...]:
    """Say what `config` wants of the director, in the order in which it is made.

    VIPs come last: whoever makes it so fills the table before them. Without a look
    `around`, a VIP whose device is not stated has none.
    """
    machine = config.machine or Machine()
    parts = parts_of(config)
    wanted = [
        *(_modules(parts) if machine.modules else ()),
        *_own_addresses(machine, parts),
        *_routes(machine),
        *(
            _sysctls(machine, parts, around, config.pair)
            if machine.sysctls
            else _stated(machine)
        ),
        *_masquerades(machine, parts, around),
        *(_vips(machine, parts, around) if machine.vips else ()),
    ]
    return tuple(dict.fromkeys(wanted))


def parts_of(config: Config) -> tuple[Part, ...]:
    """List the virtual services that `config` installs, with their real servers."""
    found = intents(config.virtual_services, config.guards)
    return tuple(filter(None, map(_part, found.values())))


def translated(parts: Iterable[Part]) -> tuple[Address, ...]:
    """List the real servers of VS-NAT, LocalNode's left out."""
    return tuple(
        dict.fromkeys(
            address
            for part in parts
            for address, method in part.servers
            if method is Forwarding.MASQ and not address.is_loopback
        )
    )


def vips_of(parts: Iterable[Part]) -> tuple[Address, ...]:
    """List the VIPs."""
    return tuple(dict.fromkeys(part.vip for part in parts if part.vip is not None))


def device_of_vip(vip: Address, machine: Machine, around: Surroundings) -> str | None:
    """Say which device is to have `vip`: as stated, as it is, or by its network."""
    if vip in machine.vip_devices:
        return machine.vip_devices[vip]
    if machine.device is not None:
        return machine.device
    holder = around.holder(vip)
    return around.towards(vip) if holder is None else holder.name


def _part(intent: Intent) -> Part | None:
    service = intent.service or intent.builds
    if service is None:
        return None
    return Part(
        key=intent.key,
        scheduler=service.scheduler or DEFAULT_SCHEDULER,
        engine=service.persistence_engine or None,
        servers=tuple(
            (spec.server.address, spec.forwarding or Forwarding.MASQ)
            for spec in intent.entries
        ),
    )


def _modules(parts: Sequence[Part]) -> Iterator[Module]:
    if parts:
        yield Module(name="ip_vs", because="the table is IPVS's")
    for part in parts:
        key, scheduler, engine = part.key, part.scheduler, part.engine
        yield Module(
            name=f"ip_vs_{scheduler}", because=f"{key} is scheduled by {scheduler}"
        )
        if engine is not None:
            yield Module(name=f"ip_vs_pe_{engine}", because=f"{key} asks for {engine}")
        if (
            isinstance(key, Listener)
            and (key.protocol, key.port) == (Protocol.TCP, _FTP)
            and any(method is Forwarding.MASQ for _, method in part.servers)
        ):
            yield Module(
                name="ip_vs_ftp",
                because=f"{key} is FTP, whose data connections are told inside it",
            )


def _own_addresses(machine: Machine, parts: Sequence[Part]) -> Iterator[Setting]:
    vips = vips_of(parts) if machine.vips else ()
    for own in machine.addresses:
        if own.interface.ip in vips:
            continue  # it comes with the VIPs
        because = "the configuration states it"
        yield LinkUp(device=own.device, because=f"it gets {own.interface}")
        yield DeviceAddress(interface=own.interface, device=own.device, because=because)


def _routes(machine: Machine) -> Iterator[Route]:
    for route in machine.routes:
        because = "the configuration states it"
        yield Route(to=route.to, via=route.via, device=route.device, because=because)


def _sysctls(
    machine: Machine, parts: Sequence[Part], around: Surroundings, pair: Pair | None
) -> Iterator[Sysctl]:
    stated = {each.name: each for each in _stated(machine)}
    needed = (
        *_forwarding(parts, around),
        *_redirects(parts, machine, around),
        *(_policies(machine) if parts else ()),
        *(_telling() if pair is not None and pair.sync is not None else ()),
    )
    for each in needed:
        if each.name not in stated:
            yield each
    yield from stated.values()


def _stated(machine: Machine) -> Iterator[Sysctl]:
    for name, value in machine.sysctl.items():
        yield Sysctl(name=name, value=value, because="the configuration states it")


def _forwarding(parts: Sequence[Part], around: Surroundings) -> Iterator[Sysctl]:
    because = "the answers of VS-NAT's real servers go through the director"
    versions = {address.version for address in translated(parts)}
    if 4 in versions:
        yield Sysctl(name="net.ipv4.ip_forward", value="1", because=because)
    if 6 in versions:
        # First: the kernel drops such routes at once (rt6_purge_dflt_routers).
        for device in around.devices:
            if device.hears_routers:
                yield Sysctl(
                    name=f"net.ipv6.conf.{sysctl_device(device.name)}.accept_ra",
                    value="2",
                    because=f"{device.name} has routes from a router, which a machine "
                    "that forwards does not heed otherwise",
                )
        name = "net.ipv6.conf.all.forwarding"
        yield Sysctl(name=name, value="1", because=because)


def _redirects(
    parts: Sequence[Part], machine: Machine, around: Surroundings
) -> Iterator[Sysctl]:
    """With clients and real servers of VS-NAT on one device, the kernel would tell the
    servers to answer the clients directly; `all` counts beside the device's own."""
    devices = sorted(_shared_devices(parts, machine, around))
    if not devices:
        return
    because = (
        "clients and VS-NAT's real servers share a network, and answers must not "
        "take the short way"
    )
    for device in ("all", *devices):
        name = f"net.ipv4.conf.{sysctl_device(device)}.send_redirects"
        yield Sysctl(name=name, value="0", because=because)


def _shared_devices(
    parts: Sequence[Part], machine: Machine, around: Surroundings
) -> set[str]:
    return {
        device
        for part in parts
        if part.vip is not None and part.vip.version == 4
        for device in [device_of_vip(part.vip, machine, around)]
        if device is not None
        and any(around.towards(each) == device for each in translated([part]))
    }


def _policies(machine: Machine) -> Iterator[Sysctl]:
    yield _policy(
        "expire_nodest_conn",
        machine.expire_nodest_conn,
        "connections of a real server that was taken out end, and do not hang",
        "connections of a real server that was taken out wait for it to come back",
    )
    yield _policy(
        "expire_quiescent_template",
        machine.expire_quiescent_template,
        "a real server of weight 0 gets no new connections of persistent clients",
        "persistent clients stay with a real server of weight 0",
    )
    yield Sysctl(
        name="net.ipv4.vs.conn_reuse_mode",
        value=str(machine.conn_reuse_mode),
        because="a client's port that comes again is scheduled anew"
        if machine.conn_reuse_mode
        else "a client's port that comes again keeps its real server",
    )


def _telling() -> Iterator[Sysctl]:
    """By the kernel's default, `3 50`, a connection that is idle after two packets, or
    is older than the sync daemon, would not be told (ipvs-sysctl, sync_threshold)."""
    yield Sysctl(
        name="net.ipv4.vs.sync_threshold",
        value="0 0",
        because="the other director is told of a connection when it is established",
    )
    yield Sysctl(
        name="net.ipv4.vs.sync_refresh_period",
        value="10",
        because="and then every ten seconds at most, not of each packet",
    )


def _policy(name: str, on: bool, why: str, why_not: str) -> Sysctl:  # noqa: FBT001  the value itself
    return Sysctl(
        name=f"net.ipv4.vs.{name}",
        value=str(int(on)),
        because=why if on else why_not,
    )


def _masquerades(
    machine: Machine, parts: Sequence[Part], around: Surroundings
) -> Iterator[Masquerade]:
    because = "VS-NAT's real servers reach others through the director"
    sources = machine.masquerade
    if sources is None:
        # Who has an address that others can answer to needs no translation; one of
        # the director's own (LocalNode with a port of its own) even less.
        sources = _together(
            around.network_or_host(address)
            for address in translated(parts)
            if address.is_private and around.holder(address) is None
        )
    for source in sources:
        device = _way_out(source.version, parts, machine, around)
        if device == around.towards(source[0]):
            device = None
        yield Masquerade(source=source, device=device, because=because)


def _together(networks: Iterable[Network]) -> tuple[Network, ...]:
    """Put neighbours together, family by family."""
    four, six = [], []
    for network in networks:
        if isinstance(network, IPv4Network):
            four.append(network)
        else:
            six.append(network)
    return (*collapse_addresses(four), *collapse_addresses(six))


def _way_out(
    version: int, parts: Sequence[Part], machine: Machine, around: Surroundings
) -> str | None:
    """Name the device of the family's VIPs, when they share one."""
    devices = {
        device_of_vip(vip, machine, around)
        for vip in vips_of(parts)
        if vip.version == version
    }
    return devices.pop() if len(devices) == 1 else None


def _vips(
    machine: Machine, parts: Sequence[Part], around: Surroundings
) -> Iterator[Setting]:
    stated = {own.interface.ip: own for own in machine.addresses}
    because = "clients connect to it"
    for vip in vips_of(parts):
        own = stated.get(vip)
        if own is not None:
            device: str | None = own.device
            interface = own.interface
        else:
            device = device_of_vip(vip, machine, around)
            interface = ip_interface(vip)
            holder = around.holder(vip)
            if holder is not None and holder.name == device:
                # It is there, with whatever prefix: nothing is to be done.
                there = (each for each in holder.addresses if each.ip == vip)
                interface = next(there)
        if device is not None:
            yield LinkUp(device=device, because=f"it gets the VIP {vip}")
        yield DeviceAddress(
            interface=interface, device=device, virtual=True, because=because
        )
