"""Histories: alerts as the file `historicfile` and clients have them, and failures."""

import re
from dataclasses import dataclass

from monlvs.mon.escape import escape

_ENTRY = re.compile(r"(\S+) (\S+) (\S+) ([0-9]{1,15}) (\S+) \((.*)", re.DOTALL)
_CLOSING = re.compile(
    r"""((?:[^)"'\\]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\\.)*?)\)(?: (.*))?""",
    re.DOTALL,
)
_PLAIN_CLOSING = re.compile(r"(.*?)\)(?: ?(.*))?", re.DOTALL)
"""Where quotes in the arguments are not closed."""
_LINE_END = re.compile(r"[\r\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEntry:
    """One alert that was sent."""

    kind: str
    """alert, upalert, startupalert, trapalert or traptimeoutalert."""
    group: str
    service: str
    time: int
    """An epoch in seconds."""
    path: str
    """The program."""
    arguments: str = ""
    """As the configuration spells them, quotes kept."""
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureEntry:
    """One check that failed."""

    group: str
    service: str
    time: int
    """An epoch in seconds."""
    summary: str = ""


def history_line(entry: AlertEntry) -> str:
    """Return the line of the file, without a line end."""
    line = (
        f"{entry.kind} {entry.group} {entry.service} {entry.time} {entry.path} "
        f"({entry.arguments}) {entry.summary}"
    )
    return _LINE_END.sub(" ", line)


def parse_history(line: str) -> AlertEntry | None:
    """Read a line of the file; None: it is none."""
    found = _ENTRY.fullmatch(line.rstrip("\r\n"))
    if found is None or ")" not in found[6]:
        return None
    kind, group, service, time, path, rest = found.groups()
    closing = _CLOSING.fullmatch(rest) or _PLAIN_CLOSING.fullmatch(rest)
    assert closing is not None
    return AlertEntry(
        kind=kind,
        group=group,
        service=service,
        time=int(time),
        path=path,
        arguments=closing[1],
        summary=closing[2] or "",
    )


def read_history(text: str, *, since: int | None = None) -> tuple[AlertEntry, ...]:
    """Read a whole file, junk left out; `since` is the oldest time that counts."""
    read = (parse_history(line) for line in text.split("\n"))
    return tuple(
        entry
        for entry in read
        if entry is not None and (since is None or entry.time >= since)
    )


def alert_word(entry: AlertEntry) -> str:
    """Return the entry as `list alerthist` shows it: one escaped word.

    mon does not double backslashes here, so that its own clients cannot tell them
    from escapes.
    """
    return escape(history_line(entry))


def failure_word(entry: FailureEntry) -> str:
    """Return the entry as `list failurehist` shows it: one escaped word."""
    return escape(f"{entry.group} {entry.service} {entry.time} {entry.summary}")
