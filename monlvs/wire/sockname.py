"""Socket addresses as the kernel takes them: struct sockaddr_in and sockaddr_in6."""

import socket
from struct import Struct

from monlvs.model.values import Address

# ip(7), ipv6(7): the family in the machine's own order; ports are nothing to ICMP.
_V4 = Struct("=H2x4s8x")
_V6 = Struct("=H2x4x16s4x")
_ZONE = Struct("=I")  # the last four bytes of it

SIZES = {int(socket.AF_INET): _V4.size, int(socket.AF_INET6): _V6.size}
"""Bytes of a socket address, by family."""
SENDER_AT = {int(socket.AF_INET): 4, int(socket.AF_INET6): 8}
"""Where in it the address itself is."""


def sockname(address: Address) -> bytes:
    """Spell an address, without its zone."""
    if address.version == 4:
        return _V4.pack(socket.AF_INET, address.packed)
    return _V6.pack(socket.AF_INET6, address.packed)


def with_zone(name: bytes, zone: int) -> bytes:
    """Return an IPv6 socket address with the number of an interface in it."""
    return name[: -_ZONE.size] + _ZONE.pack(zone)


def zone_number(zone: str) -> int:
    """Return the number of an interface by its name or number; 0 when there is none."""
    try:
        return socket.if_nametoindex(zone)
    except OSError:
        return int(zone) if zone.isascii() and zone.isdigit() else 0
