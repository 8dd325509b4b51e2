"""What another program's configuration asks for, in monlvs's terms, before it is spelled.

Rule: options, alerts and policies stand here as the TOML file spells them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from monlvs.config.importers.notes import Spot
from monlvs.director.rules import Names
from monlvs.model.lvs import EntrySpec, Forwarding, Listener, RealServer, VirtualKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What has to be looked up where the configuration is in use."""

    names: Names = field(default_factory=Names)
    """Addresses of hosts and ports of services."""
    program: Callable[[str], str | None] = lambda _name: None
    """Path of a monitor program of mon's by its name, where it is installed."""
    files: Callable[[str, str], Iterable[tuple[str, str]]] = lambda _pattern, _base: ()
    """Names and texts of the files that a pattern means, seen from a directory."""
    config_id: str = ""
    """Which lines of a keepalived.conf with conditions count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How often is checked, and how long a check may take."""

    interval: timedelta
    timeout: timedelta
    fall: int = 1
    failure_interval: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCheck:
    """One check of a real server."""

    service: str
    monitor: str
    options: Mapping[str, Any] = field(default_factory=dict)
    port: int | None = None
    """None: the real server's own, or no port at all."""
    timing: Timing


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedServer:
    """A real server with what is checked and what is run for it."""

    spot: Spot
    last: int
    """Number of the last line that says something of it."""
    spec: EntrySpec
    checks: tuple[PlannedCheck, ...] = ()
    down: tuple[Mapping[str, Any], ...] = ()
    """Alerts that are told of failures alone."""
    up: tuple[Mapping[str, Any], ...] = ()
    """Alerts that are told of recoveries alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Who gets mail, and how often."""

    mail: Mapping[str, Any]
    alertevery: str | None = None
    """None: once in an outage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedVirtual:
    """One virtual service, or several that have everything in common."""

    spot: Spot
    last: int
    name: str
    keys: tuple[VirtualKey, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """scheduler, persistence, on_failure and so on."""
    servers: tuple[PlannedServer, ...] = ()
    fallback: EntrySpec | None = None
    telling: Telling | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """A whole configuration."""

    virtuals: tuple[PlannedVirtual, ...] = ()


def entry_for(spec: EntrySpec, key: VirtualKey) -> EntrySpec:
    """Return the entry that the kernel makes of `spec` behind `key`.

    Only VS-NAT rewrites packets, so elsewhere the port is the virtual service's.
    """
    if not isinstance(key, Listener) or spec.forwarding is Forwarding.MASQ:
        return spec
    return replace(spec, server=RealServer(spec.server.address, key.port))
