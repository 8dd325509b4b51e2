"""mon.cf's global variables (mon(8), "Global Variables"): text to typed values.

What mon does not look at (a port that is no number) is warned about and left out, so
that the default counts; what it refuses is refused in its words.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from monlvs.model.depend import DependBehavior
from monlvs.mon.cfblocks import Assignment
from monlvs.mon.directives import DirectiveError, read_behavior
from monlvs.mon.findings import Findings
from monlvs.mon.timeval import positive_timeval

_NUMBER = re.compile(r"[0-9]{1,9}")
_LAST_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Variables:
    """What a mon.cf states; None: not stated. Paths are as written, relative or not."""

    alertdir: tuple[str, ...] | None = None
    mondir: tuple[str, ...] | None = None
    basedir: str | None = None
    cfbasedir: str | None = None
    statedir: str | None = None
    logdir: str | None = None
    authfile: str | None = None
    authtype: tuple[str, ...] | None = None
    userfile: str | None = None
    pamservice: str | None = None
    serverbind: str | None = None
    trapbind: str | None = None
    serverport: int | None = None
    trapport: int | None = None
    clientallow: str | None = None
    """A regular expression that a client's whole address has to match."""
    dtlogging: bool | None = None
    dtlogfile: str | None = None
    monerrfile: str | None = None
    histlength: int | None = None
    historicfile: str | None = None
    historictime: timedelta | None = None
    pidfile: str | None = None
    """Empty: none is written."""
    maxprocs: int | None = None
    cltimeout: timedelta | None = None
    randstart: timedelta | None = None
    dep_recur_limit: int | None = None
    dep_behavior: DependBehavior | None = None
    dep_memory: timedelta | None = None
    syslog_facility: str | None = None
    startupalerts_on_reset: bool | None = None
    monremote: str | None = None
    native: bool | None = None
    """Not mon's: whether monlvs may run its own monitors and alerts instead of
    programs."""


class _OddError(ValueError):
    """mon takes the value and cannot use it."""


def read_variables(assignments: Iterable[Assignment], findings: Findings) -> Variables:
    """Read all assignments of a file; the last one of a name counts."""
    values: dict[str, Any] = {}
    for assignment in assignments:
        name, value, line = assignment.name, assignment.value, assignment.line
        reader = _READERS.get(name)
        if reader is None:
            findings.error(line, f"unknown variable '{name}'")
            continue
        try:
            values[name] = reader(name, value)
        except DirectiveError as error:
            findings.error(line, str(error))
        except _OddError as odd:
            findings.warning(line, f"{name} = {value} counts for nothing: {odd}")
    return Variables(**values)


def _text(_: str, value: str) -> str:
    if not value:
        raise _OddError("expected a value")
    return value


def _perhaps_empty(_: str, value: str) -> str:
    return value


def _directories(_: str, value: str) -> tuple[str, ...]:
    found = tuple(part for part in value.split(":") if part)
    if not found:
        raise _OddError("expected directories, with : between them")
    return found


def _words(_: str, value: str) -> tuple[str, ...]:
    words = tuple(value.split())
    if not words:
        raise _OddError("expected words")
    return words


def _number(_: str, value: str) -> int:
    if _NUMBER.fullmatch(value) is None:
        raise _OddError("expected a number")
    return int(value)


def _port(name: str, value: str) -> int:
    port = _number(name, value)
    if not 1 <= port <= _LAST_PORT:
        raise _OddError(f"expected a port from 1 to {_LAST_PORT}")
    return port


def _flag(_: str, value: str) -> bool:
    if value not in ("yes", "no"):
        raise _OddError("expected yes or no")
    return value == "yes"


def _timeval(name: str, value: str) -> timedelta:
    try:
        return positive_timeval(value)
    except ValueError:
        raise DirectiveError(
            f"bad value '{value}' for {name} option (syntax: {name} = timeval)"
        ) from None


def _behavior(_: str, value: str) -> DependBehavior:
    return read_behavior(value)


def _pattern(name: str, value: str) -> str:
    # mon starts with a broken one, and dies when the first client comes.
    try:
        re.compile(_text(name, value))
    except (re.error, OverflowError, RecursionError) as error:
        raise DirectiveError(
            f"bad value '{value}' for {name} option (expected a regular expression: "
            f"{error})"
        ) from None
    return value


_READERS: dict[str, Callable[[str, str], object]] = {
    "alertdir": _directories,
    "mondir": _directories,
    "basedir": _text,
    "cfbasedir": _text,
    "statedir": _text,
    "logdir": _text,
    "authfile": _text,
    "authtype": _words,
    "userfile": _text,
    "pamservice": _text,
    "serverbind": _text,
    "trapbind": _text,
    "serverport": _port,
    "trapport": _port,
    "clientallow": _pattern,
    "dtlogging": _flag,
    "dtlogfile": _text,
    "monerrfile": _text,
    "histlength": _number,
    "historicfile": _text,
    "historictime": _timeval,
    "pidfile": _perhaps_empty,
    "maxprocs": _number,
    "cltimeout": _timeval,
    "randstart": _timeval,
    "dep_recur_limit": _number,
    "dep_behavior": _behavior,
    "dep_memory": _timeval,
    "syslog_facility": _text,
    "startupalerts_on_reset": _flag,
    "monremote": _text,
    "native": _flag,
}
