"""mon's state files: what is disabled, and where each service stands.

`disabled` has a command on each line; `opstatus` a service on each line, as
`key=value` with tabs between them and mon's escapes. Either can be read by mon, and
from mon.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

from monlvs.model.values import Host
from monlvs.mon.escape import escape, unescape
from monlvs.mon.words import plain_words

_NUMBER = re.compile(r"-?[0-9]{1,15}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DisabledFile:
    """What `savestate disabled` keeps."""

    hosts: tuple[Host, ...] = ()
    services: tuple[tuple[str, str], ...] = ()
    """Group and service."""
    watches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodLine:
    """Where a period of a service stands. Times are epochs; None: never."""

    key: str
    """The period's label, else its text."""
    last_alert: int | None = None
    alert_sent: int | None = None
    """Alerts of the present outage."""
    first_failure: int | None = None
    """Where the window of `alertafter` begins."""
    failures: int | None = None
    """In the window of `alertafter`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLine:
    """Where a service stands, by mon's names. Times are epochs; None: never, nothing."""

    group: str
    service: str
    op_status: int | None = None
    failure_count: int | None = None
    alert_count: int | None = None
    last_success: int | None = None
    first_success: int | None = None
    """Never filled in by mon."""
    consec_failures: int | None = None
    last_failure: int | None = None
    first_failure: int | None = None
    last_summary: str = ""
    last_failure_time: int | None = None
    last_failure_summary: str = ""
    last_failure_detail: str = ""
    last_detail: str = ""
    ack: int | None = None
    ack_comment: str = ""
    last_trap: int | None = None
    last_traphost: str = ""
    exitval: int | None = None
    last_check: int | None = None
    last_op_status: int | None = None
    failure_output: str = ""
    """Complete output of the last failure; the upalert tells it."""
    trap_timer: int | None = None
    """Seconds until the next trap is overdue."""
    periods: tuple[PeriodLine, ...] = ()


_KEYS = tuple(field.name for field in fields(ServiceLine))[:-1]
_TEXTS = frozenset(
    (
        *("group", "service", "last_summary", "last_detail", "failure_output"),
        *("last_failure_summary", "last_failure_detail"),
        *("ack_comment", "last_traphost"),
    )
)
_ZERO = frozenset(
    (
        *("failure_count", "alert_count", "consec_failures"),
        *("last_success", "last_failure", "last_trap", "ack"),
    )
)
"""What mon fills with 0 from the beginning."""
_PERIOD_KEYS = {
    "last_alert": "last_alert",
    "alert_sent": "alert_sent",
    "1stfailtime": "first_failure",
    "failcount": "failures",
}


def write_disabled(disabled: DisabledFile) -> str:
    """Return the file `disabled`."""
    lines = [f"disable host {host}" for host in disabled.hosts]
    lines += [f"disable service {group} {name}" for group, name in disabled.services]
    lines += [f"disable watch {group}" for group in disabled.watches]
    return "".join(f"{line}\n" for line in lines)


def read_disabled(text: str) -> tuple[DisabledFile, tuple[str, ...]]:
    """Read the file `disabled`; lines that make no sense are returned beside it."""
    hosts: list[Host] = []
    services: list[tuple[str, str]] = []
    watches: list[str] = []
    junk: list[str] = []
    for line in text.split("\n"):
        match plain_words(line):
            case ("disable", "host", host):
                hosts.append(host)
            case ("disable", "service", group, name):
                services.append((group, name))
            case ("disable", "watch", group):
                watches.append(group)
            case ():
                pass
            case _:
                junk.append(line)
    disabled = DisabledFile(
        hosts=tuple(dict.fromkeys(hosts)),
        services=tuple(dict.fromkeys(services)),
        watches=tuple(dict.fromkeys(watches)),
    )
    return disabled, tuple(junk)


def write_opstatus(services: Iterable[ServiceLine]) -> str:
    """Return the file `opstatus`."""
    return "".join("\t".join(_words(service)) + "\n" for service in services)


def read_opstatus(text: str) -> tuple[tuple[ServiceLine, ...], tuple[str, ...]]:
    """Read the file `opstatus`; lines that name no service are returned beside it.

    Keys that are not known, and numbers that are none, count for nothing.
    """
    services: list[ServiceLine] = []
    junk: list[str] = []
    for line in text.split("\n"):
        values = _values(line)
        if values.get("group") and values.get("service"):
            services.append(_service(values))
        elif line.strip():
            junk.append(line)
    return tuple(services), tuple(junk)


def _words(service: ServiceLine) -> Iterator[str]:
    for key in _KEYS:
        yield f"{key}={_spelled(key, getattr(service, key))}"
    for period in service.periods:
        # mon does not escape the key, and a tab in it would be a new word.
        name = period.key.replace("\t", " ").replace("\n", " ")
        for key, attribute in _PERIOD_KEYS.items():
            value = getattr(period, attribute)
            yield f"{name}:{key}={'' if value is None else value}"


def _spelled(key: str, value: str | int | None) -> str:
    if isinstance(value, str):
        return escape(value)
    if value is not None:
        return str(int(value))
    if key == "exitval":
        return "undef"
    return "0" if key in _ZERO else ""


def _values(line: str) -> dict[str, str]:
    # A period's text may have a `=`, a value never has one that matters.
    values: dict[str, str] = {}
    for word in line.rstrip("\r").split("\t"):
        head, _, tail = word.partition("=")
        if head in _KEYS:
            values[head] = tail
        else:
            head, _, tail = word.rpartition("=")
            values[head] = tail
    return values


def _service(values: dict[str, str]) -> ServiceLine:
    read: dict[str, Any] = {}
    for key in _KEYS:
        value = values.get(key, "")
        read[key] = unescape(value) if key in _TEXTS else _number(value)
    return ServiceLine(periods=tuple(_periods(values)), **read)


def _periods(values: dict[str, str]) -> Iterator[PeriodLine]:
    found: dict[str, dict[str, int | None]] = {}
    for word, value in values.items():
        name, colon, key = word.rpartition(":")
        if colon and key in _PERIOD_KEYS:
            found.setdefault(name, {})[_PERIOD_KEYS[key]] = _number(value)
    for name, numbers in found.items():
        yield PeriodLine(key=name, **numbers)


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None
