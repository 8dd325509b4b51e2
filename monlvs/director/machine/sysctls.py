"""The kernel's variables below /proc/sys, of this network namespace."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from monlvs.director.machine.settings import Sysctl, sysctl_device

_ROOT: Final = Path("/proc/sys")
# net/ipv4/devinet.c, inet_forward_change; net/ipv6/addrconf.c, addrconf_fixup_forwarding
_DRAWN_ALONG: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "net.ipv4.ip_forward": (
            "net/ipv4/conf/*/forwarding",
            "net/ipv4/conf/*/accept_redirects",
        ),
        "net.ipv4.conf.all.forwarding": (
            "net/ipv4/conf/*/forwarding",
            "net/ipv4/conf/*/accept_redirects",
        ),
        "net.ipv6.conf.all.forwarding": ("net/ipv6/conf/*/forwarding",),
    }
)


def read(name: str) -> str | None:
    """Return the value, words parted by one space; None without such a variable.

    Raises OSError when there is one that cannot be read.
    """
    try:
        return " ".join((_ROOT / _path(name)).read_text(encoding="ascii").split())
    except FileNotFoundError:
        return None


def read_all(names: Iterable[str]) -> dict[str, str]:
    """Read several; those that the kernel does not have, or does not tell, are left
    out."""
    found: dict[str, str] = {}
    for name in names:
        try:
            value = read(name)
        except OSError:
            continue
        if value is not None:
            found[name] = value
    return found


def write(name: str, value: str) -> None:
    """Set a variable. Raises OSError."""
    # Not opened for writing anew: a variable is no file that could be cut short.
    with (_ROOT / _path(name)).open("r+", encoding="ascii") as file:
        file.write(f"{value}\n")


def drawn_along(name: str) -> dict[str, str]:
    """Read what the kernel changes when `name` is changed."""
    paths = (
        path.relative_to(_ROOT)
        for pattern in _DRAWN_ALONG.get(name, ())
        for path in _ROOT.glob(pattern)
    )
    return read_all(sysctl_device(str(path)) for path in paths)


def _path(name: str) -> str:
    return Sysctl(name=name, value="").path
