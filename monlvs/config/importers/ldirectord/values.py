"""What stands after the names of ldirectord's directives.

Each reader raises ValueError saying what was expected.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from monlvs.config.importers.ldirectord.lines import Directive
from monlvs.config.importers.notes import Notes, Spot
from monlvs.director.rules.operands import scheduler_flags

SERVICES: Final = (
    "dns", "ftp", "http", "https", "http_proxy", "imap", "imaps", "ldap", "ldaps",
    "mysql", "nntp", "none", "oracle", "pgsql", "pop", "pops", "radius", "simpletcp",
    "sip", "smtp", "submission",
)  # fmt: skip
_CHECKTYPES: Final = (
    "connect", "negotiate", "ping", "off", "on", "external", "external-perl",
)  # fmt: skip
_STATUSES: Final = ("all", "none", "starting", "running", "stopping", "reloading")
_QUOTED: Final = re.compile(r'"(.*)"')


@dataclass(frozen=True, slots=True)
class Combined:
    """checktype = N: N connections, then one negotiation."""

    connects: int


def _text(value: str) -> str:
    found = _QUOTED.fullmatch(value)
    read = found[1] if found else value
    if not read:
        raise ValueError("expected something after =")
    return read


def _quoted(value: str) -> str:
    found = _QUOTED.fullmatch(value)
    if found is None or not found[1]:
        raise ValueError(f'expected a value in quotes ("), not {value!r}')
    return found[1]


def _name(value: str) -> str:
    """Read text that may be empty, with or without quotes."""
    found = _QUOTED.fullmatch(value)
    return found[1] if found else value


def _count(value: str) -> int:
    return _number(value, 1)


def _any_number(value: str) -> int:
    return _number(value, 0)


def _number(value: str, least: int) -> int:
    if re.fullmatch(r"\d{1,9}", value, re.ASCII) and int(value) >= least:
        return int(value)
    raise ValueError(f"expected a whole number from {least} on, not {value!r}")


def _port(value: str) -> int:
    read = _number(value, 1)
    if read > 65_535:
        raise ValueError(f"expected a port from 1 to 65535, not {value}")
    return read


def _one_of(*words: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value in words:
            return value
        raise ValueError(f"expected one of {', '.join(words)}, not {value!r}")

    return read


def _yes(value: str) -> bool:
    return _one_of("yes", "no")(value) == "yes"


def _method(value: str) -> str:
    return _one_of("GET", "HEAD")(value.upper())


def _checktype(value: str) -> str | Combined:
    if value.isdecimal() and value.isascii():
        return Combined(_any_number(value))
    try:
        return _one_of(*_CHECKTYPES)(value)
    except ValueError as error:
        raise ValueError(f"{error} (a number is for so many connections)") from None


def _scheduler(value: str) -> str:
    if re.fullmatch(r"[a-z]+", value):
        return value
    raise ValueError(f"expected a scheduler such as wrr, not {value!r}")


def _flags(value: str) -> tuple[str, ...]:
    words = tuple(value.split(","))
    for word in words:
        scheduler_flags(word, word.partition("-")[0])
    return words


def _addresses(value: str) -> tuple[str, ...]:
    read = tuple(word.strip() for word in _text(value).split(",") if word.strip())
    if not read:
        raise ValueError("expected a mail address")
    return read


def _statuses(value: str) -> frozenset[str]:
    words = [word.strip() for word in _text(value).split(",")]
    read = frozenset(_one_of(*_STATUSES)(word) for word in words)
    if "none" in read and len(read) > 1:
        raise ValueError("expected nothing beside none")
    return read


_BOTH: Final[Mapping[str, Callable[[str], Any]]] = {
    "checktimeout": _count,
    "negotiatetimeout": _count,
    "checkinterval": _count,
    "checkcount": _count,
    "failurecount": _count,
    "fallbackcommand": _text,
    "quiescent": _yes,
    "cleanstop": _yes,
    "emailalert": _addresses,
    "emailalertfreq": _any_number,
    "emailalertstatus": _statuses,
    "smtp": _text,
    "fallback": _text,
    "fallback6": _text,
}
GLOBAL: Final[Mapping[str, Callable[[str], Any]]] = MappingProxyType(
    {
        **_BOTH,
        "autoreload": _yes,
        "callback": _quoted,
        "execute": _text,
        "fork": _yes,
        "supervised": _yes,
        "logfile": _quoted,
        "readdquiescent": _yes,
        "emailalertfrom": _text,
        "maintenancedir": _text,
    }
)
"""Readers of the directives that are about the daemon or all virtual services."""
VIRTUAL: Final[Mapping[str, Callable[[str], Any]]] = MappingProxyType(
    {
        **_BOTH,
        "real": _text,
        "real6": _text,
        "checktype": _checktype,
        "checkcommand": _text,
        "checkport": _port,
        "service": _one_of(*SERVICES),
        "request": _quoted,
        "receive": _quoted,
        "httpmethod": _method,
        "virtualhost": _name,
        "login": _quoted,
        "passwd": _quoted,
        "database": _quoted,
        "secret": _quoted,
        "load": _quoted,
        "scheduler": _scheduler,
        "schedflags": _flags,
        "persistent": _count,
        "netmask": _text,
        "protocol": _one_of("tcp", "udp", "fwm"),
        "ops": _yes,
        "monitorfile": _text,
        "servicename": _name,
        "comment": _name,
    }
)
"""Readers of the directives of one virtual service."""
_GONE: Final = {
    "connecttimeout": "expected negotiatetimeout, which has taken its place",
    "timeout": "expected checktimeout and negotiatetimeout, which have taken its place",
}


@dataclass(frozen=True, slots=True)
class Stated:
    """A value and where it stands."""

    value: Any
    spot: Spot


def read_directives(
    directives: list[Directive],
    readers: Mapping[str, Callable[[str], Any]],
    notes: Notes,
) -> dict[str, list[Stated]]:
    """Read values by the names of their directives; what is wrong goes to the notes."""
    found: dict[str, list[Stated]] = {}
    for each in directives:
        reader = readers.get(each.word)
        if reader is None:
            notes.error(each.spot, _unknown(each.word, readers))
            continue
        try:
            value = reader(each.value)
        except ValueError as error:
            notes.error(each.spot, f"{each.word}: {error}")
        else:
            found.setdefault(each.word, []).append(Stated(value, each.spot))
    return found


def _unknown(word: str, readers: Mapping[str, Callable[[str], Any]]) -> str:
    from monlvs.config.findings import choices

    if word in _GONE:
        return f"{word}: {_GONE[word]}"
    if word in GLOBAL or word in VIRTUAL:
        where = (
            "below a virtual service" if word in VIRTUAL else "without blanks before"
        )
        return f"{word} has no place here: expected it {where}"
    return f"unknown directive {word}: {choices(word, sorted(readers))}"
