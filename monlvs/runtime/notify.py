"""Tells systemd how the daemon stands (sd_notify(3)); without systemd, nobody."""

import os
import socket
from contextlib import suppress


def notify(**fields: str) -> None:
    """Send `READY="1"`, `STATUS="…"` and the like; never raises, never waits."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path.startswith(("/", "@")):
        return
    address = "\0" + path[1:] if path.startswith("@") else path
    message = "\n".join(f"{name}={value}" for name, value in fields.items())
    with (
        suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock,
    ):
        sock.sendto(message.encode(), address)


def watchdog_seconds() -> float | None:
    """Return how often systemd wants to hear of us (sd_watchdog_enabled(3)), or None.

    It is half of what systemd allows, so that one message may be late.
    """
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    meant_for = os.environ.get("WATCHDOG_PID", str(os.getpid()))
    if not microseconds.isdecimal() or meant_for != str(os.getpid()):
        return None
    return int(microseconds) / 2e6 or None
