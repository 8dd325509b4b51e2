"""Tells other mon servers of each alert, as mon's trap.alert does."""

import asyncio
import re
import socket
from dataclasses import dataclass, field
from typing import Any, ClassVar

from monlvs.model.plugin import OPTION_RULES, AlertError, AlertKind, Occasion
from monlvs.model.status import OpStatus
from monlvs.mon.trap import MAX_DATAGRAM, encode_trap
from monlvs.mon.trap import Trap as Message

_USUAL_PORT = 2583  # services(5), mon/udp
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+(?:%[A-Za-z0-9]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trap:
    """Send a trap (mon(8), TRAPS) with the group, the service and what was found.

    It goes over UDP: whether it arrives, nobody knows.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = OPTION_RULES

    letters: ClassVar[dict[str, str]] = {
        "U": "username",
        "P": "password",
        "o": "opstatus",
    }
    """Options by the letters of trap.alert."""

    to: tuple[str, ...]
    """Names or addresses of the servers, at least one."""

    port: int = _USUAL_PORT
    """UDP port of the servers."""

    username: str | None = None
    """Name for the servers' auth.cf; MON_TRAP_USER of the service beats it."""

    password: str | None = field(default=None, repr=False)
    """Password with it, which goes over the wire in the clear; MON_TRAP_PASS of the
    service beats it."""

    opstatus: int | None = None
    """Operational status to tell (0 failure, 1 ok, …); else the service's own."""

    def __post_init__(self) -> None:
        if not self.to:
            raise ValueError("to: expected at least one server")
        for host in self.to:
            if not _HOST.fullmatch(host):
                raise ValueError(f"to: expected a name or an address, not {host!r}")
        if not 1 <= self.port <= 65_535:
            raise ValueError(f"port: expected 1 to 65535, not {self.port}")
        if self.opstatus is not None and self.opstatus not in list(OpStatus):
            raise ValueError(f"opstatus: expected 0 to 9, not {self.opstatus}")

    @property
    def destination(self) -> str:
        """Names the queue: the servers."""
        return f"trap {', '.join(self.to)} port {self.port}"

    async def send(self, occasion: Occasion) -> None:
        """Send it to every server, or raise AlertError."""
        datagram = encode_trap(self.trap(occasion))
        if len(datagram) > MAX_DATAGRAM:
            datagram = encode_trap(self.trap(occasion, room=MAX_DATAGRAM // 4))
        failures = [
            f"{host}: {why}"
            for host in self.to
            if (why := await self._send(host, datagram)) is not None
        ]
        if failures:
            raise AlertError(f"no trap could be sent to {'; '.join(failures)}")

    def preview(self, occasion: Occasion) -> str:
        """Return what `send` would send, but for the password."""
        trap = encode_trap(self.trap(occasion)).decode("utf-8", "backslashreplace")
        shown = re.sub(r"(?m)^pas='.*'$", "pas='…'", trap)
        return f"to {', '.join(self.to)}, UDP port {self.port}:\n{shown}"

    def trap(self, occasion: Occasion, *, room: int | None = None) -> Message:
        """Make the trap; `room` is how many characters of the detail fit."""
        variables = dict(occasion.variables)
        status = occasion.opstatus if self.opstatus is None else self.opstatus
        recovered = occasion.kind in (AlertKind.UP, AlertKind.STARTUP)
        usual = 0 if recovered else 1
        return Message(
            group=occasion.group,
            service=occasion.service,
            status=usual if occasion.exit is None or recovered else occasion.exit,
            summary=occasion.summary[:room],
            detail=occasion.detail.rstrip("\n")[:room],
            user=variables.get("MON_TRAP_USER") or self.username or "",
            password=variables.get("MON_TRAP_PASS") or self.password or "",
            kind=int(status),
            time=int(occasion.time.timestamp()),
        )

    async def _send(self, host: str, datagram: bytes) -> str | None:
        """Send to one server; return why that was not possible."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, self.port, type=socket.SOCK_DGRAM)
            family, kind, protocol, _, address = found[0]
            with socket.socket(family, kind, protocol) as sender:
                sender.settimeout(0)  # the loop waits
                await loop.sock_connect(sender, address)
                await loop.sock_sendall(sender, datagram)
        except (OSError, UnicodeError) as error:  # "a..b" is no name at all
            return getattr(error, "strerror", None) or str(error)
        return None
