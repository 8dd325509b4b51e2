"""The global variables of a mon.cf with mon's defaults, its paths resolved (mon(8)).

A command line beats the file, the file beats what is looked for on the machine.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from monlvs.model.mon import MonSettings
from monlvs.mon.variables import Variables
from monlvs.wire.services import mon_port

BASE = "/usr/lib/mon"
Exists = Callable[[Path], bool]

_OWN = frozenset(("dep_behavior", "dep_memory"))
"""Defaults of services, not settings of the daemon."""


def settings_of(
    variables: Variables,
    overrides: Mapping[str, Any],
    *,
    exists: Exists = Path.exists,
) -> MonSettings:
    """Return all settings; `overrides` are the command line's, by their names.

    `exists` tells whether a path is there; mon looks for its directories.
    """
    stated = {
        field.name: getattr(variables, field.name)
        for field in fields(variables)
        if field.name not in _OWN and getattr(variables, field.name) is not None
    }
    stated |= {name: value for name, value in overrides.items() if value is not None}
    base = Path(stated.get("basedir", BASE))
    cf_default = "/etc/mon" if exists(Path("/etc/mon")) else str(base)
    cf_base = _under(base, stated.get("cfbasedir", cf_default))
    log = _under(base, stated.get("logdir") or _log_directory(base, exists))
    state = _under(base, stated.get("statedir") or _state_directory(base, exists))
    resolved: dict[str, Any] = {
        "serverport": mon_port("tcp"),
        "trapport": mon_port("udp"),
        **stated,
        "basedir": str(base),
        "cfbasedir": str(cf_base),
        "logdir": str(log),
        "statedir": str(state),
        "alertdir": _search_path(base, stated.get("alertdir", "alert.d")),
        "mondir": _search_path(base, stated.get("mondir", "mon.d")),
        "authfile": str(_under(cf_base, stated.get("authfile", "auth.cf"))),
        "userfile": str(_under(cf_base, stated.get("userfile", "monusers.cf"))),
        "dtlogfile": str(_under(log, stated.get("dtlogfile", "downtime.log"))),
        "pidfile": _pid_file(stated.get("pidfile"), exists),
        "maxprocs": stated.get("maxprocs") or None,  # 0 is no limit
    }
    if "historicfile" in stated:
        resolved["historicfile"] = str(_under(log, stated["historicfile"]))
    return MonSettings(**resolved)


def _under(base: Path, name: str) -> Path:
    return base / name  # an absolute name replaces the base


def _search_path(base: Path, stated: tuple[str, ...] | str) -> tuple[str, ...]:
    if isinstance(stated, str):
        return (f"/usr/local/lib/mon/{stated}", str(base / stated))
    return tuple(str(_under(base, part)) for part in stated)


def _log_directory(base: Path, exists: Exists) -> str:
    return "/var/log/mon" if exists(Path("/var/log/mon")) else str(base / "log.d")


def _state_directory(base: Path, exists: Exists) -> str:
    candidates = (Path("/var/state/mon"), Path("/var/lib/mon"))
    return str(next(filter(exists, candidates), base / "state.d"))


def _pid_file(stated: str | None, exists: Exists) -> str | None:
    if stated is not None:
        return stated or None
    candidates = map(Path, ("/run/mon/mon.pid", "/run/mon.pid", "/etc/mon.pid"))
    found = next((path for path in candidates if exists(path.parent)), None)
    return None if found is None else str(found)


LEAST_LIMIT = timedelta(seconds=60)


def time_limit(interval: timedelta | None) -> timedelta:
    """Return how long a program may run: mon has no limit, we have three intervals."""
    return max(3 * interval, LEAST_LIMIT) if interval is not None else LEAST_LIMIT
