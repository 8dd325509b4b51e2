"""Looking at another machine by its own commands: ip(8) of iproute2, grep, ls.

Nothing here needs root there. The texts are read by pure functions.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_interface, ip_network
from types import MappingProxyType
from typing import Any, Final

from monlvs.director.machine.settings import GuePort, Route, sysctl_device
from monlvs.director.machine.state import State
from monlvs.director.machine.surroundings import Device, Surroundings
from monlvs.director.remote.session import CommandError, Session, ask
from monlvs.model.values import Address

_PER_DEVICE: Final = (
    "arp_ignore",
    "arp_announce",
    "arp_filter",
    "rp_filter",
    "accept_local",
    "accept_redirects",
    "send_redirects",
    "forwarding",
    "src_valid_mark",
)
_PER_DEVICE6: Final = ("disable_ipv6", "accept_ra", "forwarding")
_SYSCTLS: Final = (
    "grep -sH '' /proc/sys/net/ipv4/ip_forward "
    + " ".join(f"/proc/sys/net/ipv4/conf/*/{name}" for name in _PER_DEVICE)
    + " "
    + " ".join(f"/proc/sys/net/ipv6/conf/*/{name}" for name in _PER_DEVICE6)
    + "; true"
)
_MODULES: Final = (
    'ls /sys/module; cat "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null; true'
)
_ANYWHERE: Final = {4: "0.0.0.0/0", 6: "::/0"}
_INET6: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a look at a machine found."""

    hostname: str
    state: State
    """Its rules are not looked at."""
    came_from: Address | None = None
    """Our own address, as the host sees it."""


async def look(session: Session) -> Look:
    """Read devices, addresses, routes, variables and modules.

    Raises SessionError, and CommandError where a command is missing or fails.
    """
    hostname, came_from, sysctls, modules, ports, around = await asyncio.gather(
        ask(session, ["uname", "-n"]),
        ask(session, ["sh", "-c", 'echo "$SSH_CONNECTION"']),
        ask(session, ["sh", "-c", _SYSCTLS]),
        ask(session, ["sh", "-c", _MODULES]),
        _gue_ports(session),
        look_around(session),
    )
    return Look(
        hostname=hostname.strip(),
        came_from=read_came_from(came_from),
        state=State(
            around=around,
            sysctls=MappingProxyType(read_sysctls(sysctls)),
            modules=read_modules(modules),
            ports=ports,
        ),
    )


async def look_around(session: Session) -> Surroundings:
    """Read devices, addresses and routes. Raises SessionError, CommandError."""
    table = ["route", "show", "table", "main"]
    told = await asyncio.gather(
        ask(session, ["ip", "-json", "address", "show"]),
        ask(session, ["ip", "-json", "-4", *table]),
        _or_nothing(session, ["ip", "-json", "-6", *table]),
    )
    devices, four, six = map(_json, told)
    return Surroundings(
        devices=tuple(map(_device, devices)),
        routes=(*_routes(four, 4), *_routes(six, 6)),
    )


def read_sysctls(text: str) -> dict[str, str]:
    """Read lines of `grep -H '' /proc/sys/...`."""
    found = {}
    for line in text.splitlines():
        path, _, value = line.partition(":")
        name = sysctl_device(path.removeprefix("/proc/sys/"))
        found[name] = " ".join(value.split())
    return found


def read_modules(text: str) -> frozenset[str]:
    """Read names of /sys/module and lines of modules.builtin."""
    names = (
        line.rpartition("/")[2].partition(".ko")[0].replace("-", "_")
        for line in text.split()
    )
    return frozenset(names)


def read_gue_ports(text: str) -> frozenset[GuePort]:
    """Read `ip -json fou show`."""
    return frozenset(
        GuePort(port=each["port"], version=_fou_version(each))
        for each in _json(text)
        if "gue" in each
    )


def read_came_from(text: str) -> Address | None:
    """Read $SSH_CONNECTION: the first word is the client's address."""
    try:
        return ip_address(text.split()[0].partition("%")[0])
    except (ValueError, IndexError):
        return None


async def _gue_ports(session: Session) -> frozenset[GuePort]:
    return read_gue_ports(await _or_nothing(session, ["ip", "-json", "fou", "show"]))


async def _or_nothing(session: Session, argv: list[str]) -> str:
    """A kernel without IPv6 or fou has nothing to tell of them."""
    try:
        return await ask(session, argv)
    except CommandError:
        return ""


def _json(text: str) -> list[Mapping[str, Any]]:
    try:
        found = json.loads(text or "[]")
    except ValueError:
        raise CommandError("ip -json: expected JSON, as iproute2 writes it") from None
    return [each for each in found if each]


def _device(told: Mapping[str, Any]) -> Device:
    flags = told.get("flags", ())
    return Device(
        name=told["ifname"],
        up="UP" in flags,
        loopback="LOOPBACK" in flags,
        arp="NOARP" not in flags and "LOOPBACK" not in flags,
        mtu=told.get("mtu", 0),
        addresses=tuple(
            ip_interface(f"{each['local']}/{each['prefixlen']}")
            for each in told.get("addr_info", ())
            if "local" in each
        ),
    )


def _routes(told: Iterable[Mapping[str, Any]], version: int) -> list[Route]:
    kept = [each for each in told if each.get("type", "unicast") == "unicast"]
    kept.sort(key=lambda each: each.get("metric", 0))
    return [_route(each, version) for each in kept]


def _route(told: Mapping[str, Any], version: int) -> Route:
    to = told["dst"]
    hops = told.get("nexthops") or [told]
    via = hops[0].get("gateway")
    return Route(
        to=ip_network(_ANYWHERE[version] if to == "default" else to),
        via=ip_address(via) if via else None,
        device=hops[0].get("dev"),
        metric=told.get("metric", 0),
        told=_words(told),
    )


def _words(told: Mapping[str, Any]) -> str:
    """Spell a route so that ip-route(8) makes the same one again."""
    hops = told.get("nexthops")
    if hops:
        several = (
            f"nexthop{_hop(each)} weight {each.get('weight', 1)}" for each in hops
        )
        end = " ".join(several)
    else:
        end = _hop(told).strip()
    words = [told["dst"]]
    for key, word in (
        ("protocol", "proto"),
        ("scope", "scope"),
        ("prefsrc", "src"),
        ("metric", "metric"),
    ):
        if key in told:
            words += [word, str(told[key])]
    return " ".join([*words, end])


def _hop(told: Mapping[str, Any]) -> str:
    via = f" via {told['gateway']}" if "gateway" in told else ""
    device = f" dev {told['dev']}" if "dev" in told else ""
    onlink = " onlink" if "onlink" in told.get("flags", ()) else ""
    return f"{via}{device}{onlink}"


def _fou_version(told: Mapping[str, Any]) -> int:
    return 6 if told.get("family") in ("inet6", _INET6) else 4
