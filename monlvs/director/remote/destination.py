"""How people call a host that they log in to: `[USER@]HOST[:PORT]`, as ssh(1) has it."""

import re
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import Final

_HOST: Final = re.compile(r"[A-Za-z0-9_.%:-]+")
_LARGEST_PORT: Final = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A host to log in to; what is None is as ssh_config(5) has it for the host."""

    host: str
    user: str | None = None
    port: int | None = None

    def __str__(self) -> str:
        """Spell it as `read_destination` takes it."""
        user = "" if self.user is None else f"{self.user}@"
        if self.port is None:
            return f"{user}{self.host}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{user}{host}:{self.port}"


def read_destination(text: str) -> Destination:
    """Read `[USER@]HOST[:PORT]`; an IPv6 address with a port stands in brackets.

    Raises ValueError, which says what was expected.
    """
    user, at, rest = text.rpartition("@")
    if at and (not user or not user.isprintable() or user.startswith("-")):
        raise ValueError(f"{text!r}: expected [USER@]HOST[:PORT]")
    host, port = _host_and_port(rest)
    if host.startswith("-") or not _HOST.fullmatch(host):
        raise ValueError(f"{text!r}: expected [USER@]HOST[:PORT]")
    return Destination(host=host, user=user or None, port=_port(text, port))


def _host_and_port(text: str) -> tuple[str, str | None]:
    if text.startswith("["):
        host, closed, rest = text[1:].partition("]")
        if not closed or (rest and not rest.startswith(":")):
            return "", None
        return host, rest[1:] if rest else None
    if _is_ipv6(text):
        return text, None
    host, colon, port = text.partition(":")
    return host, port if colon else None


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def _port(text: str, port: str | None) -> int | None:
    if port is None:
        return None
    if port.isascii() and port.isdigit() and 0 < int(port) <= _LARGEST_PORT:
        return int(port)
    raise ValueError(
        f"{text!r}: expected a port of 1 to {_LARGEST_PORT} after the host"
    )
