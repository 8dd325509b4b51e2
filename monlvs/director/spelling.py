"""Values in the words of ipvsadm(8): options as `ipvsadm -Sn` prints them."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network
from typing import Final

from monlvs.model.lvs import (
    Entry,
    Family,
    Forwarding,
    Fwmark,
    Listener,
    Protocol,
    RealServer,
    ServiceFlags,
    Tunnel,
    TunnelFlags,
    TunnelType,
    VirtualKey,
    VirtualService,
)
from monlvs.model.values import Address

_PROTOCOL: Final = {
    Protocol.TCP: "-t",
    Protocol.UDP: "-u",
    Protocol.SCTP: "--sctp-service",
}
_FORWARDING: Final = {
    Forwarding.MASQ: "-m",
    Forwarding.LOCAL: "-g",  # ipvsadm has no letter for it; see VS-LocalNode
    Forwarding.TUNNEL: "-i",
    Forwarding.ROUTE: "-g",
}
_TUNNEL_FLAGS: Final = {
    TunnelFlags.NOCSUM: "--tun-nocsum",
    TunnelFlags.CSUM: "--tun-csum",
    TunnelFlags.REMCSUM: "--tun-remcsum",
}
_NAMED_FLAGS: Final = {
    "sh": ("sh-fallback", "sh-port"),
    "mh": ("mh-fallback", "mh-port"),
}
_SCHEDULERS_OWN: Final = ServiceFlags.SCHED1 | ServiceFlags.SCHED2 | ServiceFlags.SCHED3


def endpoint(address: Address, port: int) -> str:
    """Write an address and a port as ipvsadm, that is inet_ntop(3), does.

    Of an IPv6 address that wraps an IPv4 address the last 32 bits are dotted.
    """
    if address.version == 4:
        return f"{address}:{port}"
    high, low = divmod(int(address), 1 << 32)
    if high == 0xFFFF or (high == 0 and low > 0xFFFF):
        prefix = "::ffff:" if high else "::"
        return f"[{prefix}{IPv4Address(low)}]:{port}"
    return f"[{address}]:{port}"


@lru_cache(maxsize=1 << 14)
def server_option(server: RealServer) -> str:
    """Name a real server: `-r ADDRESS:PORT`. In a storm there are few, named often."""
    return f"-r {endpoint(server.address, server.port)}"


@lru_cache(maxsize=4096)
def key_option(key: VirtualKey) -> str:
    """Name a virtual service: `-t VIP:PORT`, `-f MARK -6`."""
    match key:
        case Listener():
            return f"{_PROTOCOL[key.protocol]} {endpoint(key.address, key.port)}"
        case Fwmark():
            return f"-f {key.mark}" + (" -6" if key.family is Family.IPV6 else "")


def scheduler_flags(service: VirtualService) -> str:
    """Name the scheduler's flags as `-b` takes them; "" without any."""
    flags = (ServiceFlags.SCHED1, ServiceFlags.SCHED2, ServiceFlags.SCHED3)
    special = _NAMED_FLAGS.get(service.scheduler, ())
    names = (*special, *("flag-1", "flag-2", "flag-3")[len(special) :])
    return ",".join(
        name for flag, name in zip(flags, names, strict=True) if service.flags & flag
    )


def printed_flags(service: VirtualService) -> str | None:
    """Name the scheduler's flags as ipvsadm prints them; None without any.

    Of the schedulers whose flags have names of their own it forgets the third.
    """
    if not service.flags & _SCHEDULERS_OWN:
        return None
    words = scheduler_flags(service).split(",")
    special = service.scheduler in _NAMED_FLAGS
    return ",".join(word for word in words if not (special and word == "flag-3"))


def signed(mark: int) -> int:
    """Give a firewall mark as ipvsadm prints it: as a number with a sign."""
    return mark - (1 << 32) if mark > 0x7FFFFFFF else mark


def netmask(service: VirtualService) -> str:
    """Spell the netmask of persistence: dotted for IPv4, a length for IPv6, or ""."""
    if service.persistence is None or service.netmask is None:
        return ""
    if service.key.family is Family.IPV4:
        return str(IPv4Network((0, service.netmask)).netmask)
    return str(service.netmask)


def service_rule(command: str, service: VirtualService) -> str:
    """Spell a whole virtual service after `command` (-A or -E)."""
    words = [command, key_option(service.key), "-s", service.scheduler]
    words += persistence_words(service)
    if flags := scheduler_flags(service):
        words += ["-b", flags]
    return " ".join(words)


def persistence_words(service: VirtualService) -> list[str]:
    """Spell what stands between the scheduler and its flags."""
    words: list[str] = []
    if service.persistence is not None:
        words += ["-p", str(int(service.persistence.total_seconds()))]
    if mask := netmask(service):
        words += ["-M", mask]
    if service.persistence_engine:
        words += ["--pe", service.persistence_engine]
    if service.flags & ServiceFlags.ONE_PACKET:
        words.append("-o")
    return words


def checksum_words(flags: TunnelFlags) -> list[str]:
    """Spell a tunnel's checksum mode; several words where somebody set several bits."""
    several = [_TUNNEL_FLAGS[flag] for flag in TunnelFlags if flag and flag in flags]
    return several or [_TUNNEL_FLAGS[TunnelFlags.NOCSUM]]


def _tunnel_options(tunnel: Tunnel) -> list[str]:
    words = ["--tun-type", tunnel.type.name.lower()]
    if tunnel.type is TunnelType.GUE:
        words += ["--tun-port", str(tunnel.port)]
    if tunnel.type is not TunnelType.IPIP:
        words += checksum_words(tunnel.flags)
    return words


def entry_rule(command: str, key: VirtualKey, entry: Entry) -> str:
    """Spell a whole real server of `key` after `command` (-a or -e)."""
    words = [command, key_option(key), server_option(entry.server)]
    return " ".join([*words, *entry_words(entry)])


def entry_words(entry: Entry, *, thresholds: bool = True) -> list[str]:
    """Spell the attributes of a real server."""
    words = [_FORWARDING[entry.forwarding], "-w", str(entry.weight)]
    if thresholds:
        words += threshold_words(entry)
    if entry.forwarding is Forwarding.TUNNEL:
        words += _tunnel_options(entry.tunnel or Tunnel())
    return words


def threshold_words(entry: Entry) -> list[str]:
    """Spell the connection thresholds of a real server; nothing without any."""
    upper = ["-x", str(entry.upper)] if entry.upper else []
    lower = ["-y", str(entry.lower)] if entry.lower else []
    return [*upper, *lower]
