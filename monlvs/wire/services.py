"""Port numbers by name, from services(5)."""

import socket

MON_PORT = 2583


def mon_port(protocol: str) -> int:
    """Return mon's port where none is stated: the service `mon`'s, else 2583 (mon(8))."""
    try:
        return socket.getservbyname("mon", protocol)
    except OSError:
        return MON_PORT
