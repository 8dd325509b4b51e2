"""Tells systemd how the daemon stands (sd_notify(3)); without systemd, nobody."""

import os
import socket


def notify(**fields: str) -> None:
    """Send `READY="1"`, `STATUS="…"` and the like; never raises."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path.startswith(("/", "@")):
        return
    address = "\0" + path[1:] if path.startswith("@") else path
    message = "\n".join(f"{name}={value}" for name, value in fields.items())
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        try:
            sock.sendto(message.encode(), address)
        except OSError:
            return


def watchdog_seconds() -> float | None:
    """Return how often systemd wants to hear of us, or None."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    return int(microseconds) / 2e6 if microseconds.isdigit() else None
