"""Reads what `look.sh` printed: text in, a Sight out; pure."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Address, ip_address, ip_interface, ip_network
from types import MappingProxyType
from typing import Any, Final

from monlvs.director.audit.sight import Held, Link, Question, Sight, Socket, Way
from monlvs.director.machine.settings import Route, sysctl_device
from monlvs.model.lvs import Listener, Protocol
from monlvs.model.values import Address

_SECTION: Final = re.compile(r"^== (.*)\n", re.MULTILINE)
_ANYWHERE: Final = {4: "0.0.0.0/0", 6: "::/0"}
_SERVICE: Final = re.compile(r"(TCP|UDP|SCTP)\s+(\S+):([0-9A-F]{4})\s")
_GUE: Final = re.compile(r"^port (\d+) gue\b", re.MULTILINE)


class UnreadableError(Exception):
    """What came back is not what look.sh prints; says why."""


def read(text: str) -> Sight:
    """Read a whole look. Raises UnreadableError."""
    told = _sections(text)
    try:
        return _sight(told)
    except (KeyError, ValueError, IndexError, TypeError, AttributeError) as error:
        raise UnreadableError(
            "expected what ip and ss of iproute2 print (ip -j address show); it is "
            f"not understood: {error}"
        ) from error


def _sections(text: str) -> dict[str, str]:
    _, *parts = _SECTION.split(text)
    told = dict(zip(parts[::2], parts[1::2], strict=True))
    if "end" not in told:
        last = next(reversed(told), "it began")
        raise UnreadableError(f"it ended early, after: {last}")
    return told


def _sight(told: Mapping[str, str]) -> Sight:
    listed = [
        (version, each)
        for version in (4, 6)
        for each in _objects(told[f"ipv{version}"])
    ]
    readable = told["capable"].strip() == "1"
    return Sight(
        links=tuple(_link(each) for _, each in listed if "ifname" in each),
        routes=tuple(_routes(listed)),
        own=tuple(
            ip_network(each["dst"]) for _, each in listed if each.get("type") == "local"
        ),
        sysctls=MappingProxyType(dict(_variables(told["variables"]))),
        missing_modules=frozenset(told["missing"].split()),
        modules=frozenset(told["modules"].split()),
        sockets=tuple(_sockets(told["sockets"])),
        rules=told["rules"] if readable else None,
        balanced=frozenset(_balanced(told["table"])),
        gue_ports=frozenset(int(port) for port in _GUE.findall(told["gue"])),
    )


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Read lists of JSON, one after another; ip prints empty objects in between."""
    decoder = json.JSONDecoder()
    at = 0
    while match := re.compile(r"\S").search(text, at):
        found, at = decoder.raw_decode(text, match.start())
        yield from (each for each in found if each)


def _link(told: Mapping[str, Any]) -> Link:
    flags = told["flags"]
    data = told.get("linkinfo", {}).get("info_data", {})
    return Link(
        name=told["ifname"],
        kind=told.get("linkinfo", {}).get("info_kind", ""),
        up="UP" in flags,
        carrier="NO-CARRIER" not in flags,
        arp="NOARP" not in flags,
        loopback="LOOPBACK" in flags,
        mtu=told["mtu"],
        held=tuple(_held(each) for each in told.get("addr_info", ()) if each),
        local=_end(data.get("local")),
        remote=_end(data.get("remote")),
    )


def _end(word: str | None) -> Address | None:
    if word is None or word == "any":
        return None
    found = ip_address(word)
    return None if found.is_unspecified else found


def _held(told: Mapping[str, Any]) -> Held:
    return Held(
        interface=ip_interface(f"{told['local']}/{told['prefixlen']}"),
        scope=str(told.get("scope", "global")),
        tentative=bool(told.get("tentative")),
        dad_failed=bool(told.get("dadfailed")),
        deprecated=bool(told.get("deprecated")) or told.get("preferred_life_time") == 0,
    )


def _routes(listed: Iterable[tuple[int, Mapping[str, Any]]]) -> Iterator[Route]:
    found = [
        (each.get("metric", 0), _route(each, version))
        for version, each in listed
        if "dst" in each and each.get("type", "unicast") == "unicast"
    ]
    found.sort(key=lambda each: each[0])
    yield from (route for _, route in found)


def _route(told: Mapping[str, Any], version: int) -> Route:
    hops = told.get("nexthops") or [told]
    to = _ANYWHERE[version] if told["dst"] == "default" else told["dst"]
    return Route(to=ip_network(to), via=_gateway(hops[0]), device=hops[0].get("dev"))


def _gateway(told: Mapping[str, Any]) -> Address | None:
    word = told.get("gateway") or told.get("via", {}).get("host")
    return None if word is None else ip_address(word)


def _way(told: Mapping[str, Any]) -> tuple[Question, Way]:
    asked = told.get("from")
    origin = None if asked is None else ip_address(asked)
    if origin is not None and origin.is_unspecified:
        origin = None
    source = told.get("prefsrc")
    metrics: dict[str, Any] = {}
    for each in told.get("metrics", ()):
        metrics |= each
    way = Way(
        device=told["dev"],
        gateway=_gateway(told),
        source=None if source is None else ip_address(source),
        local=told.get("type") == "local",
        advmss=metrics.get("advmss"),
    )
    return (ip_address(told["dst"]), origin), way


def _variables(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        path, _, value = line.partition(":")
        yield sysctl_device(path), " ".join(value.split())


def _sockets(text: str) -> Iterator[Socket]:
    for line in text.splitlines():
        kind, _, _, _, local, *_ = line.split()
        host, _, port = local.rpartition(":")
        host = host.partition("%")[0].strip("[]")
        yield Socket(
            protocol=Protocol[kind.upper()],
            address=None if host == "*" else ip_address(host),
            port=int(port),
        )


def _balanced(text: str) -> Iterator[Listener]:
    """Read /proc/net/ip_vs; a service is followed by its real servers."""
    service: Listener | None = None
    for line in text.splitlines():
        if line.startswith("  -> ") and "RemoteAddress" not in line:
            if service is not None:
                yield service
            continue
        found = _SERVICE.match(line)
        service = found and Listener(
            Protocol[found[1]], _told(found[2]), int(found[3], 16)
        )


def _told(word: str) -> Address:
    if word.startswith("["):
        return ip_address(word.strip("[]"))
    return IPv4Address(int(word, 16))


def read_ways(text: str) -> dict[Question, Way]:
    """Read answers to `route get`. Raises UnreadableError."""
    try:
        return dict(map(_way, _objects(text)))
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise UnreadableError(f"ip route get: {error}") from error


def spell(asked: Iterable[Question]) -> str:
    """Spell questions as lines of `ip -batch`."""
    lines = (
        f"route get {to}" + ("" if source is None else f" from {source}")
        for to, source in dict.fromkeys(asked)
    )
    return "\n".join(lines)
