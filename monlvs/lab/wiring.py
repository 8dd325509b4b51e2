"""The shell scripts that make a topology's machines in a guest: pure.

One script for the wire and one per host, each with a single `ip -batch`, since to
start a program costs 7 ms in a guest.
"""

from collections.abc import Iterable
from enum import Enum

from monlvs.lab.kernel import LabError
from monlvs.lab.topology import CLIENT, VIP, Cable, Kind, Topology
from monlvs.model.lvs import TunnelType

# A machine that holds the VIP without being asked for it by ARP (the "ARP
# problem" of the LVS-HOWTO; ip-sysctl of the kernel's documentation).
SILENT_ABOUT_VIP = ("conf/all/arp_ignore=1", "conf/all/arp_announce=2")
# IPv6 may choose any address as source, and servers hold the VIP themselves: their
# answers would not leave them. A deprecated address is not chosen (RFC 6724, rule 3).
NO_SOURCE = "nodad preferred_lft 0"
GUE_PORT = 6080
# What takes packets out of a tunnel: modules, and the device that comes with the first.
# GUE hands on what ipip takes.
UNWRAPS = {
    TunnelType.IPIP: ("ipip", "tunl0"),
    TunnelType.GRE: ("ip_gre", "gre0"),
    TunnelType.GUE: ("ipip fou", "tunl0"),
}


class Cut(Enum):
    """How a cable is pulled."""

    SEEN = "the host loses its carrier"
    UNSEEN = "the line is dead, but the host's device stays up"


def wire_script(topology: Topology) -> str:
    """Return the script that makes hosts, bridges and cables."""
    return _modules(topology) + _batch(
        [
            *(f"netns add {host}" for host in topology.hosts),
            *(
                f"link add {bridge} type bridge mcast_snooping 0"
                for bridge in topology.bridges
            ),
            *(f"link set {bridge} up" for bridge in topology.bridges),
            *(line for cable in topology.cables for line in _cable(cable)),
        ]
    )


def host_script(topology: Topology, host: str) -> str:
    """Return the script that, run inside `host`, gives it addresses and routes."""
    lines = ["link set lo up"]
    for cable in topology.cables_of(host):
        lines += [f"link set {cable.device} up"]
        lines += [
            f"addr add {address} dev {cable.device}{_nodad(address)}"
            for address in cable.addresses
        ]
    settings: tuple[str, ...] = ()
    if host in topology.bare:
        pass
    elif host in topology.directors:
        settings, extra = _director(topology)
        lines += extra
    elif host != CLIENT:
        settings, extra = _server(topology)
        lines += extra
    return _settings(settings) + _batch(lines)


def table_script(topology: Topology) -> str:
    """Return `ipvsadm -R` input that balances http and telnet over all servers."""
    method = {Kind.NAT: "-m", Kind.TUN: "-i"}.get(topology.kind, "-g")
    lines = []
    for port in (80, 23):
        listener = f"-t {topology.vip}:{port}"
        lines.append(f"-A {listener} -s rr")
        lines += [
            f"-a {listener} -r {server.address}:{port} {method} -w 1"
            for server in topology.servers
        ]
        if topology.local:
            lines.append(f"-a {listener} -r 127.0.0.1:{port} -g -w 1")
    return "\n".join([*lines, ""])


def pull_batch(topology: Topology, host: str, device: str | None, cut: Cut) -> str:
    """Return `ip -batch` input that pulls the cables of a host, or of one device."""
    what = {Cut.SEEN: "down", Cut.UNSEEN: "nomaster"}[cut]
    cables = _cables(topology, host, device)
    return "".join(f"link set {cable.socket} {what}\n" for cable in cables)


def plug_batch(topology: Topology, host: str, device: str | None) -> str:
    """Return `ip -batch` input that plugs cables in again, however they were cut."""
    return "".join(
        f"link set {cable.socket} master {cable.bridge} up\n"
        for cable in _cables(topology, host, device)
    )


def _cables(topology: Topology, host: str, device: str | None) -> list[Cable]:
    wanted = [c for c in topology.cables_of(host) if device in (None, c.device)]
    if not wanted:
        known = ", ".join(f"{cable.host} {cable.device}" for cable in topology.cables)
        raise LabError(
            f"no cable at {' '.join(filter(None, (host, device)))}; there are: {known}"
        )
    return wanted


def _cable(cable: Cable) -> Iterable[str]:
    yield (
        f"link add {cable.socket} type veth peer name {cable.device} netns {cable.host}"
    )
    yield f"link set {cable.socket} master {cable.bridge} up"


def _director(topology: Topology) -> tuple[tuple[str, ...], list[str]]:
    nat = topology.kind is Kind.NAT
    settings: tuple[str, ...] = ("conf/all/send_redirects=0",)
    if nat:
        settings = ("ip_forward=1", "../ipv6/conf/all/forwarding=1", *settings)
    if topology.paired:
        return settings, []
    lines = [f"addr add {VIP}/32 dev eth0"]
    if not nat:
        lines.append(f"addr add {topology.vip6}/128 dev eth0 {NO_SOURCE}")
    return settings, lines


def _server(topology: Topology) -> tuple[tuple[str, ...], list[str]]:
    if topology.kind is Kind.NAT:
        return (), [
            f"route add default via {topology.gateway}",
            f"route add ::/0 via {topology.gateway6}",
        ]
    if topology.kind is Kind.TUN:
        return _tunnelled(topology)
    return SILENT_ABOUT_VIP, [
        f"addr add {topology.vip}/32 dev lo",
        f"addr add {topology.vip6}/128 dev lo {NO_SOURCE}",
    ]


def _tunnelled(topology: Topology) -> tuple[tuple[str, ...], list[str]]:
    devices = list(dict.fromkeys(UNWRAPS[each][1] for each in topology.tunnels))
    unfiltered = [f"conf/{each}/rp_filter=0" for each in ("all", "eth0", *devices)]
    lines = [f"link set {device} up" for device in devices]
    if TunnelType.GUE in topology.tunnels:
        lines.append(f"fou add port {GUE_PORT} gue")
    lines.append(f"addr add {topology.vip}/32 dev {devices[0]}")
    lines.append(f"addr add {topology.vip6}/128 dev lo {NO_SOURCE}")
    return (*SILENT_ABOUT_VIP, *unfiltered), lines


def _modules(topology: Topology) -> str:
    """With a tunnel's module loaded, every new namespace comes with its device."""
    servers = {server.host for server in topology.servers}
    if topology.kind is not Kind.TUN or servers <= topology.bare:
        return ""
    names = dict.fromkeys(" ".join(UNWRAPS[t][0] for t in topology.tunnels).split())
    return f"/run/modprobe -a {' '.join(names)}\n"


def _nodad(address: str) -> str:
    # Duplicate address detection takes a second before an address can be used.
    return " nodad" if ":" in address else ""


def _settings(settings: Iterable[str]) -> str:
    # "ip_forward=1" is /proc/sys/net/ipv4/ip_forward.
    pairs = (setting.split("=") for setting in settings)
    return "".join(
        f"echo {value} >/proc/sys/net/ipv4/{name}\n" for name, value in pairs
    )


def _batch(lines: Iterable[str]) -> str:
    return "\n".join(["ip -batch - <<END", *lines, "END", ""])
