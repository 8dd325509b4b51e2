"""What stands after ipvsadm's options: addresses with ports, marks, masks, numbers.

Each reader raises ValueError saying what was expected.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, ip_address
from typing import Final

from monlvs.model.lvs import Family, Protocol, ServiceFlags, TunnelFlags
from monlvs.model.values import Address

DEFAULT_PERSISTENCE: Final = timedelta(minutes=6)
"""ipvsadm's -p without a number: 360 seconds (ip_vs.h, not the 300 of ipvsadm(8))."""
LARGEST: Final = 2**31 - 1
_U32: Final = 2**32
_MODULE: Final = re.compile(r"[A-Za-z0-9_-]{1,15}", re.ASCII)
_FLAGS: Final = {
    "flag-1": ServiceFlags.SCHED1,
    "flag-2": ServiceFlags.SCHED2,
    "flag-3": ServiceFlags.SCHED3,
    "sh-fallback": ServiceFlags.SCHED1,
    "sh-port": ServiceFlags.SCHED2,
    "mh-fallback": ServiceFlags.SCHED1,
    "mh-port": ServiceFlags.SCHED2,
}
CHECKSUMS: Final = {
    "--tun-nocsum": TunnelFlags.NOCSUM,
    "--tun-csum": TunnelFlags.CSUM,
    "--tun-remcsum": TunnelFlags.REMCSUM,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Looks up what `ipvsadm -S` without `-n` writes: names of hosts and services.

    Each returns None for a name that it does not know.
    """

    host: Callable[[str, Family], Address | None] = lambda _name, _family: None
    port: Callable[[str, Protocol], int | None] = lambda _name, _protocol: None


def number(text: str, smallest: int, largest: int) -> int:
    """Read a whole number."""
    if text.isascii() and text.removeprefix("-").isdigit() and len(text) < 12:
        read = int(text)
        if smallest <= read <= largest:
            return read
    raise ValueError(f"expected a number from {smallest} to {largest}, not {text!r}")


def address_and_port(
    text: str, protocol: Protocol, names: Names
) -> tuple[Address, int | None]:
    """Read HOST, HOST:PORT or [HOST]:PORT."""
    if text.startswith("["):
        host, bracket, port = text[1:].partition("]")
        if not bracket or (port and not port.startswith(":")):
            raise ValueError(f"expected [ADDRESS]:PORT, not {text!r}")
        return _host(host, Family.IPV6, names), _port(port[1:], protocol, names)
    if text.count(":") > 1:
        return _host(text, Family.IPV6, names), None
    host, _, port = text.partition(":")
    return _host(host, Family.IPV4, names), _port(port, protocol, names)


def _host(text: str, family: Family, names: Names) -> Address:
    try:
        return ip_address(text)
    except ValueError:
        found = names.host(text, family) if text else None
    if found is None:
        raise ValueError(f"expected an address or a known host, not {text!r}")
    return found


def _port(text: str, protocol: Protocol, names: Names) -> int | None:
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return number(text.lstrip("0") or "0", 0, 65535)
    found = names.port(text, protocol)
    if found is None:
        raise ValueError(
            f"expected a port or a known {protocol.name.lower()} service, not {text!r}"
        )
    return found


def fwmark(text: str) -> int:
    """Read a firewall mark; from 2^31 on, ipvsadm itself prints negative numbers."""
    read = number(text, -LARGEST - 1, _U32 - 1)
    if read == 0:
        raise ValueError("expected a firewall mark, which is not 0")
    return read % _U32


def netmask(text: str, family: Family) -> int:
    """Read 255.255.255.0 for IPv4, a prefix length for IPv6."""
    if family is Family.IPV6:
        return number(text, 1, 128)
    try:
        network = IPv4Network(f"0.0.0.0/{text}")
    except ValueError:
        network = None
    # A host mask such as 0.0.0.255 or a prefix length would be read too.
    if network is None or str(network.netmask) != text or not network.prefixlen:
        raise ValueError(
            f"expected a netmask of leading ones such as 255.255.255.0, not {text!r}"
        )
    return network.prefixlen


def module(text: str) -> str:
    """Read a name that the kernel looks for as a module, of a scheduler or an engine.

    linux/ip_vs.h: IP_VS_SCHEDNAME_MAXLEN and IP_VS_PENAME_MAXLEN are 16, with a zero.
    """
    if _MODULE.fullmatch(text) is None:
        raise ValueError(
            f"expected a name of up to 15 letters, digits, - and _, not {text!r}"
        )
    return text


def scheduler_flags(text: str, scheduler: str) -> ServiceFlags:
    """Read the argument of -b; a flag that has a scheduler's name is that one's."""
    flags = ServiceFlags.NONE
    for word in text.split(","):
        if word not in _FLAGS:
            raise ValueError(f"expected one of {', '.join(_FLAGS)}, not {word!r}")
        owner = word.partition("-")[0]
        if owner not in ("flag", scheduler):
            raise ValueError(f"{word} is for the scheduler {owner}, not {scheduler}")
        flags |= _FLAGS[word]
    return flags
