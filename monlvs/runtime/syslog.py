"""What mon writes to syslog(3): tag `mon[pid]`, never waiting for anybody.

The C library's syslog(3) waits while the system's log is slow; a datagram that would
have to wait is dropped here.
"""

import os
import socket
from contextlib import suppress
from enum import IntEnum

from monlvs.model.values import Now

SOCKET = "/dev/log"

FACILITIES = {
    name: number
    for number, name in enumerate(
        [
            "kern",
            "user",
            "mail",
            "daemon",
            "auth",
            "syslog",
            "lpr",
            "news",
            "uucp",
            "cron",
            "authpriv",
            "ftp",
        ]
    )
} | {f"local{n}": 16 + n for n in range(8)}
"""Their numbers (syslog(3), RFC 3164)."""

_LONGEST = 1800
"""Bytes of one line; syslogd cuts what is longer than 2,048 with all that is before."""


class Severity(IntEnum):
    """How grave a line is (syslog(3))."""

    ALERT = 1
    CRIT = 2
    ERR = 3
    WARNING = 4
    NOTICE = 5
    INFO = 6


class Syslog:
    """Sends lines to the system's log; never raises, never waits."""

    def __init__(self, facility: str, *, path: str = SOCKET) -> None:
        """A facility that is unknown is `daemon`."""
        self._facility = FACILITIES.get(facility, FACILITIES["daemon"])
        self._path = path

    def write(self, severity: Severity, text: str, *, now: Now) -> None:
        """Send one line; control characters in it are shown as `?`."""
        line = "".join(c if c.isprintable() else "?" for c in text)
        time = f"{now.utc.astimezone():%b %e %H:%M:%S}"
        head = f"<{self._facility * 8 + severity}>{time} mon[{os.getpid()}]: "
        data = (head + line).encode("utf-8", "replace")[:_LONGEST]
        flags = socket.SOCK_DGRAM | socket.SOCK_NONBLOCK
        with suppress(OSError), socket.socket(socket.AF_UNIX, flags) as sock:
            sock.sendto(data, self._path)
