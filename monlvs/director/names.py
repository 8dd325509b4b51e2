"""Names of hosts and services by the system's own look-up, for rules that have them."""

import socket
from ipaddress import ip_address

from monlvs.director.rules import Names
from monlvs.model.lvs import Family, Protocol
from monlvs.model.values import Address


def system_names() -> Names:
    """Return what asks this machine's resolver; it may block for seconds."""
    return Names(host=_host, port=_port)


def _host(name: str, family: Family) -> Address | None:
    try:
        found = socket.getaddrinfo(name, None, socket.AddressFamily(family))
    except (OSError, UnicodeError):
        return None
    return ip_address(str(found[0][4][0]).partition("%")[0]) if found else None


def _port(name: str, protocol: Protocol) -> int | None:
    try:
        return socket.getservbyname(name, protocol.name.lower())
    except (OSError, ValueError):  # a name with a NUL in it
        return None
