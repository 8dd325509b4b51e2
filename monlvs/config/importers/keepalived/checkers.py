"""Checkers of a keepalived.conf to the checks of a real server."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from monlvs.config.importers.blueprint import PlannedCheck
from monlvs.config.importers.keepalived import hexadecimal
from monlvs.config.importers.keepalived.keywords import HOST, latest, read_block
from monlvs.config.importers.keepalived.pages import pages
from monlvs.config.importers.keepalived.scope import Scope
from monlvs.config.importers.slugs import slug
from monlvs.config.tomltext import duration


def checks(scope: Scope) -> list[PlannedCheck]:
    """Return what becomes of one checker; names may come twice."""
    return _CHECKERS[scope.kind](scope)


def _tcp(scope: Scope) -> list[PlannedCheck]:
    return [scope.check("tcp", "tcp", {})] if scope.has_port() else []


def _ping(scope: Scope) -> list[PlannedCheck]:
    limit = scope.timeout
    options = {"retries": 0, "interval": duration(limit)}
    made = scope.check("fping", "fping", options)
    if (stated := latest("connect_ip", scope.checker)) is not None:
        scope.notes.lost(
            stated.spot, "connect_ip of PING_CHECK: the real server itself is pinged"
        )
        made = replace(made, options=options)
    return [replace(made, port=None)]


def _smtp(scope: Scope) -> list[PlannedCheck]:
    """Greet each host that is named, else the real server."""
    helo = scope.own("helo_name")
    options = {} if helo is None else {"helo": helo}
    usual = {"port": 25}
    hosts = scope.checker.get("host", [])
    if not hosts:
        port = scope.own("connect_port") or scope.port or usual["port"]
        made = scope.check("smtp", "smtp", options)
        return [made if port == scope.port else replace(made, port=port)]
    found = []
    for stated in hosts:
        block = read_block(stated.statement.inner(), HOST, scope.notes)
        scope.told_of(block)
        address = latest("connect_ip", block)
        port = latest("connect_port", block)
        told = options if address is None else options | {"address": str(address.value)}
        made = scope.check("smtp", "smtp", told)
        # A host without a port is asked at 25, whatever the real server's is.
        number = usual["port"] if port is None else port.value
        found.append(made if number == scope.port else replace(made, port=number))
    return found


def _misc(scope: Scope) -> list[PlannedCheck]:
    stated = latest("misc_path", scope.checker)
    if stated is None:
        scope.notes.error(scope.spot, "MISC_CHECK: expected misc_path in it")
        return []
    if (user := latest("user", scope.checker)) is not None:
        scope.notes.lost(user.spot, "user: programs run as the daemon's user")
    command, *arguments = stated.value
    options: dict[str, Any] = {"command": command, "hosts": False}
    if arguments:
        options["args"] = arguments
    if scope.own("misc_dynamic"):
        options["dynamic"] = True
    name = slug(command.rpartition("/")[2]) or "external"
    return [replace(scope.check(name, "external", options), port=None)]


def _dns(scope: Scope) -> list[PlannedCheck]:
    """Ask for a record; port 53 where there is no other."""
    name, kind = scope.own("name", "."), scope.own("type", "SOA").upper()
    made = scope.check("dns", "dns", {"query": [f"{name}:{kind}"]})
    port = scope.own("connect_port") or scope.port or 53
    if "address" in made.options:
        scope.notes.lost(
            scope.spot, "connect_ip of DNS_CHECK: the real server itself is asked"
        )
        made = replace(made, options={"query": made.options["query"]})
    return [made if port == scope.port else replace(made, port=port)]


def _udp(scope: Scope) -> list[PlannedCheck]:
    if not scope.has_port():
        return []
    options: dict[str, Any] = {}
    try:
        if (said := scope.own("payload")) is not None:
            options["send_hex"] = hexadecimal.payload(said)
        if (wanted := scope.own("require_reply")) is None:
            options["patience"] = duration(scope.timeout)
        else:
            least = scope.own("min_reply_length", 0)
            most = scope.own("max_reply_length", 255)
            options["expect"] = hexadecimal.answer(" ".join(wanted), least, most)
    except ValueError as error:
        scope.notes.error(scope.spot, f"UDP_CHECK: {error}")
    return [scope.check("udp", "udp", {**options, "retries": 0})]


def _unknown(scope: Scope) -> list[PlannedCheck]:
    """Tell of a checker that nothing of monlvs's does the work of."""
    scope.notes.lost(scope.spot, f"{scope.kind}: {_INSTEAD[scope.kind]}")
    return []


_INSTEAD: Final = {
    "BFD_CHECK": "keepalived can go on speaking BFD; its notifications can be told as "
    "traps, or `fping` can look after the path",
    "FILE_CHECK": "a program that reads the file can be named as an `external` monitor, "
    "and what writes the file can send traps",
}
_CHECKERS: Final[Mapping[str, Callable[[Scope], list[PlannedCheck]]]] = {
    "TCP_CHECK": _tcp,
    "HTTP_GET": pages,
    "SSL_GET": pages,
    "SMTP_CHECK": _smtp,
    "PING_CHECK": _ping,
    "MISC_CHECK": _misc,
    "DNS_CHECK": _dns,
    "UDP_CHECK": _udp,
    "BFD_CHECK": _unknown,
    "FILE_CHECK": _unknown,
}
