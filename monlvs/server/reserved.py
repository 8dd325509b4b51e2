"""mon's ports, taken before the rest of the daemon is there.

A trap that is sent while the daemon starts then waits in the kernel, and a client is
greeted a little later, as at a port of inetd(8). Rule 1: nothing heavy is imported here.
Rule 2: what is read here is a guess, the configuration alone counts: what it does not
ask for is closed again, and what could not be had is opened, or complained of, later.
"""

import re
import socket
import stat
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monlvs.wire.services import mon_port

EVERYWHERE = "0.0.0.0"  # noqa: S104  as mon does where no address is configured
BACKLOG = 128
"""Clients that may wait to be greeted."""

_STATED = re.compile(
    rb"^[ \t]*((?:server|trap)(?:port|bind))[ \t]*=[ \t]*(\S+)[ \t\r]*$", re.MULTILINE
)
_LAST_PORT = 65_535
_LARGEST = 16 * 1024 * 1024

_Place = tuple[socket.SocketKind, str, int]


class Reserved:
    """Sockets that are bound and not served yet; a context manager closes what is left."""

    def __init__(self) -> None:
        self._sockets: dict[_Place, socket.socket] = {}
        self._opened = 0.0
        self.heard_since: float | None = None
        """Monotonic time from which on traps could come; None: they could not."""

    def __enter__(self) -> "Reserved":
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._sockets.values():
            each.close()
        self._sockets.clear()

    def reserve(self, path: Path, overrides: Mapping[str, Any]) -> None:
        """Take the ports that a mon.cf seems to ask for. Raises nothing.

        `overrides` are the command line's, as `config.load` takes them. What m4 is to go
        over first is not looked at.
        """
        if not path.name.endswith(".cf") or overrides.get("m4") is not None:
            return
        stated = {**_stated(path), **overrides}
        for kind, name in (
            (socket.SOCK_STREAM, "server"),
            (socket.SOCK_DGRAM, "trap"),
        ):
            host = stated.get(f"{name}bind") or EVERYWHERE
            usual = mon_port("tcp" if name == "server" else "udp")
            opened = _opened(kind, host, stated.get(f"{name}port", usual))
            if opened is not None:
                self._sockets[kind, host, opened.getsockname()[1]] = opened
        self._opened = time.monotonic()

    def take(
        self, kind: socket.SocketKind, host: str, port: int
    ) -> socket.socket | None:
        """Hand over the socket of a place; None: it is not here."""
        taken = self._sockets.pop((kind, host, port), None)
        if taken is not None and kind is socket.SOCK_DGRAM:
            self.heard_since = self._opened
        return taken


def _stated(path: Path) -> dict[str, Any]:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe can be read only once
            return {}
        with path.open("rb") as file:
            found = _STATED.findall(file.read(_LARGEST))
    except OSError:
        return {}
    words = {name.decode(): value.decode("latin-1") for name, value in found}
    return {
        name: int(value) if name.endswith("port") else value
        for name, value in words.items()
        if value.isdecimal() or not name.endswith("port")
    }


def _opened(kind: socket.SocketKind, host: str, port: int) -> socket.socket | None:
    """Bind a port, unless the address is a name or the port is not to be had."""
    if not 0 < port <= _LAST_PORT:
        return None
    try:
        family, *_, address = socket.getaddrinfo(
            host, port, type=kind, flags=socket.AI_NUMERICHOST
        )[0]
        opened = socket.socket(family, kind)
    except OSError:
        return None
    try:
        opened.settimeout(0)
        if kind is socket.SOCK_STREAM:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
        if kind is socket.SOCK_STREAM:
            opened.listen(BACKLOG)
    except OSError:
        opened.close()
        return None
    return opened
