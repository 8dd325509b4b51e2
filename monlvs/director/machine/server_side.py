"""What a configuration wants of a real server, by its kinds of LVS: pure.

What rc.ipvs_*server did (LVS-HOWTO 7.4, 8.2, 9), for the kernels of today: the VIP on a
device that nobody is told of, and the kernel kept from telling (ip-sysctl).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_interface, ip_network
from types import MappingProxyType
from typing import Final

from monlvs.director.machine.roles import NOWHERE, Role, vips_of
from monlvs.director.machine.segments import limits
from monlvs.director.machine.settings import (
    DeviceAddress,
    LinkUp,
    Route,
    Setting,
    Sysctl,
    sysctl_device,
)
from monlvs.director.machine.state import State
from monlvs.director.machine.surroundings import Device, Surroundings
from monlvs.director.machine.tunnels import Tunnels, tunnels_of
from monlvs.model.lvs import Forwarding
from monlvs.model.values import Address

# ip-sysctl: of `all` and the device's own the larger value counts. Not answered for the
# VIP on another device: 1 and 2; 8 answers for nothing. 3 would answer for it.
_KEEPS_QUIET: Final = (1, 2, 8)
_ANNOUNCES_OWN: Final = (2,)
# 0 takes everything, 2 what could be answered by any device.
_TAKES: Final = (0, 2)
_LOOPBACK: Final = "lo"
_ANYWHERE: Final = {4: ip_network("0.0.0.0/0"), 6: ip_network("::/0")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is wanted of a real server, and what has to be decided by people."""

    settings: tuple[Setting, ...] = ()
    """In the order in which they are made: VIPs last, when nobody is told of them."""
    obstacles: tuple[str, ...] = ()
    """Why it would not work; then nothing ought to be done."""
    remarks: tuple[str, ...] = ()


def server_settings(
    roles: Sequence[Role],
    state: State | None = None,
    gateways: Mapping[Address, Address] = MappingProxyType({}),
    director: Surroundings = NOWHERE,
) -> Wanted:
    """Say what the `roles` of one machine want of it.

    `state`, if anybody has looked, decides where a setting goes beyond `all`. `gateways`
    has the default gateway for each real server of VS-NAT, `director` what is known of
    the director's networks.
    """
    there = state or State()
    tunnels = tunnels_of(roles)
    settings = [
        *tunnels.modules,
        *tunnels.devices,
        *tunnels.ports,
        *_quiet(roles, there),
        *(LinkUp(device=name, because="packets come out of the tunnel by it")
          for name in tunnels.names),
        *_taken(roles, tunnels, there),
        *_gateway_routes(roles, gateways),
        *limits(roles, there.around, director),
        *_vips(roles, tunnels, there.around),
    ]  # fmt: skip
    return Wanted(
        settings=tuple(dict.fromkeys(settings)),
        obstacles=(
            *tunnels.obstacles,
            *_vips_elsewhere(roles, there.around),
            *_gateways_out_of_reach(roles, gateways, there.around),
            *_several_gateways(roles, gateways),
        ),
        remarks=tuple(_remarks(roles)),
    )


def effective(name: str, device: str, state: State) -> int | None:
    """Return what counts of net.ipv4.conf.*.`name` for a device; None: not known."""
    values = [
        state.sysctls.get(_variable(each, name), "")
        for each in ("all", sysctl_device(device))
    ]
    known = [int(each) for each in values if each.isdigit()]
    return max(known) if len(known) == len(values) else None


def _quiet(roles: Sequence[Role], state: State) -> Iterator[Sysctl]:
    """Keep a machine from answering for the VIP, and from telling of it."""
    if not any(role.direct and role.key.family.name == "IPV4" for role in roles):
        return
    why = "the director alone answers for the VIP"
    yield from _everywhere("arp_ignore", 1, _KEEPS_QUIET, state, why)
    why = "asking for others, it does not tell that it has the VIP"
    yield from _everywhere("arp_announce", 2, _ANNOUNCES_OWN, state, why)


def _everywhere(
    name: str, value: int, accepted: Sequence[int], state: State, because: str
) -> Iterator[Sysctl]:
    """Set `all`, and each device whose own value would count in its place."""
    found = state.sysctls.get(_variable("all", name), "")
    whole = int(found) if found.isdigit() and int(found) in accepted else value
    yield Sysctl(name=_variable("all", name), value=str(whole), because=because)
    for device in state.around.devices:
        own = state.sysctls.get(_variable(sysctl_device(device.name), name), "")
        if device.arp and own.isdigit() and max(int(own), whole) not in accepted:
            yield Sysctl(
                name=_variable(sysctl_device(device.name), name),
                value=str(value),
                because=f"{own} would count in the place of all's {whole}",
            )


def _taken(roles: Sequence[Role], tunnels: Tunnels, state: State) -> Iterator[Sysctl]:
    """Have the kernel take packets whose answers leave by another device."""
    for name in tunnels.ipv4:
        yield Sysctl(
            name=_variable(sysctl_device(name), "rp_filter"),
            value="2",
            because="clients' packets come out of the tunnel, answers go elsewhere",
        )
    home = state.around.route(_ANYWHERE[4][0])
    for role in roles:
        if role.forwarding is not Forwarding.ROUTE or role.server.version != 4:
            continue
        device = state.around.holder(role.server)
        if device is None or home is None or home.device in (None, device.name):
            continue
        if effective("rp_filter", device.name, state) not in (None, *_TAKES):
            yield Sysctl(
                name=_variable(sysctl_device(device.name), "rp_filter"),
                value="2",
                because=f"clients' packets come by it, answers go by {home.device}",
            )


def _gateway_routes(
    roles: Sequence[Role], gateways: Mapping[Address, Address]
) -> Iterator[Route]:
    for server in _translated(roles):
        if server in gateways:
            yield Route(
                to=_ANYWHERE[server.version],
                via=gateways[server],
                because="VS-NAT's answers go through the director",
            )


def _vips(
    roles: Sequence[Role], tunnels: Tunnels, around: Surroundings
) -> Iterator[Setting]:
    for vip in vips_of(role for role in roles if role.direct):
        own = [role for role in roles if role.direct and role.vip == vip]
        device, interface = _LOOPBACK, ip_interface(vip)
        if vip.version == 4 and all(r.forwarding is Forwarding.TUNNEL for r in own):
            device = tunnels.device_of(own[0])
        holder = around.holder(vip)
        if holder is not None and not holder.arp:
            # It is there, on whatever device: nothing is to be done.
            device = holder.name
            interface = next(each for each in holder.addresses if each.ip == vip)
        yield LinkUp(device=device, because=f"it has the VIP {vip}")
        yield DeviceAddress(
            interface=interface,
            device=device,
            virtual=True,
            because="packets for it come here",
        )


def _vips_elsewhere(roles: Sequence[Role], around: Surroundings) -> Iterator[str]:
    for vip in vips_of(role for role in roles if role.direct):
        holder = around.holder(vip)
        if holder is None:
            continue
        if holder.arp:
            yield (
                f"{vip} is on {holder.name}, where others ask for it: expected it on no "
                f"such device (ip address del {_as_held(holder, vip)})"
            )
        elif holder.loopback and any(
            each.ip == vip and each.network.num_addresses > 1
            for each in holder.addresses
        ):
            yield (
                f"{_as_held(holder, vip)} makes every address of its network this "
                f"machine's own: expected {ip_interface(vip)} there"
            )


def _as_held(holder: Device, vip: Address) -> str:
    interface = next(each for each in holder.addresses if each.ip == vip)
    return f"{interface} dev {holder.name}"


def _gateways_out_of_reach(
    roles: Sequence[Role], gateways: Mapping[Address, Address], around: Surroundings
) -> Iterator[str]:
    for server in _translated(roles):
        if server not in gateways:
            yield (
                f"the default gateway for {server} is not known: expected the director's "
                'address in its network as gateway = ["ADDRESS"] in [machine]'
            )
        elif around.devices and around.network(gateways[server]) is None:
            yield (
                f"no device is in the network of {gateways[server]}, which is to be its "
                "default gateway"
            )


def _several_gateways(
    roles: Sequence[Role], gateways: Mapping[Address, Address]
) -> Iterator[str]:
    for version in _ANYWHERE:
        servers = (a for a in _translated(roles) if a.version == version)
        found = dict.fromkeys(gateways[a] for a in servers if a in gateways)
        if len(found) > 1:
            told = " and ".join(map(str, found))
            yield f"{told} are both to be its default gateway: expected one for it"


def _remarks(roles: Sequence[Role]) -> Iterator[str]:
    for key in dict.fromkeys(r.key for r in roles if r.direct and r.vip is None):
        yield (
            f"{key} names no VIP: the addresses that its packets have are not given to "
            "any device"
        )
    translated = {server.version for server in _translated(roles)}
    for version in sorted(translated):
        mixed = (r.key for r in roles if r.direct and r.server.version == version)
        for key in dict.fromkeys(mixed):
            yield (
                f"answers for {key} take the default route, too, to the director that "
                "VS-NAT needs there, and it has to pass them on"
            )


def _translated(roles: Iterable[Role]) -> tuple[Address, ...]:
    return tuple(
        dict.fromkeys(r.server for r in roles if r.forwarding is Forwarding.MASQ)
    )


def _variable(device: str, name: str) -> str:
    return f"net.ipv4.conf.{device}.{name}"
