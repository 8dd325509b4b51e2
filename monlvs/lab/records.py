"""What a lab writes down: requests, changes of the table, mails; and commands' results.

Every time is the guest's monotonic clock in seconds, so all of them compare.
"""

import ipaddress
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A command that ended: exit status (negative: the signal), and what it wrote."""

    status: int
    stdout: str
    stderr: str
    began: float
    ended: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request of the client: its port, the server that answered, or the error."""

    began: float
    ended: float
    port: int
    server: str | None
    error: str | None

    @property
    def ok(self) -> bool:
        """Whether a server answered."""
        return self.error is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What the client said on the connection that it holds, and who said it back."""

    sent: float
    heard: float | None
    """None: never; the connection has ended with `error`."""
    server: str | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChange:
    """The director's table became different between `after` and `at`.

    Lines read `tcp 192.168.1.110:80 rr` for a virtual service, and for a real
    server `tcp 192.168.1.110:80 -> 192.168.1.2:80 Route 1` (method, weight).
    """

    at: float
    after: float
    added: frozenset[str]
    removed: frozenset[str]
    table: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableWatch:
    """All that the watcher saw.

    `first` is the table at the first look. `until` is the time of the last look
    that is on record, `longest_gap` the longest time between two looks.
    """

    first: tuple[str, ...]
    changes: tuple[TableChange, ...]
    until: float
    longest_gap: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A message that arrived; `text` is headers and body."""

    at: float
    sender: str
    recipients: tuple[str, ...]
    text: str


def read_requests(log: Path) -> list[Request]:
    """Return the requests that are over, in the order in which they began."""
    requests = (
        Request(
            began=entry["began"],
            ended=entry["ended"],
            port=entry["port"],
            server=entry["body"].strip() if "body" in entry else None,
            error=entry.get("error"),
        )
        for entry in _entries(log)
    )
    return sorted(requests, key=lambda request: request.began)


def read_words(log: Path) -> list[Word]:
    """Return what was said and heard, or in vain, in order."""
    return [
        Word(
            sent=entry["sent"],
            heard=entry.get("heard"),
            server=entry.get("server"),
            error=entry.get("error"),
        )
        for entry in _entries(log)
    ]


def read_table_watch(log: Path) -> TableWatch:
    """Return what the watcher saw; ValueError before its first look."""
    first: tuple[str, ...] | None = None
    known: tuple[str, ...] = ()
    changes = []
    until = gap = 0.0
    for entry in _entries(log):
        gap = max(gap, entry["gap"])
        if "lines" in entry:
            table = read_table(entry["lines"])
            if first is None:
                first = table
            else:
                changes.append(
                    TableChange(
                        at=entry["at"],
                        after=entry["at"] - entry["gap"],
                        added=frozenset(table) - frozenset(known),
                        removed=frozenset(known) - frozenset(table),
                        table=table,
                    )
                )
            known = table
        until = entry["at"]
    if first is None:
        raise ValueError(f"no table was seen yet: {log}")
    return TableWatch(first=first, changes=tuple(changes), until=until, longest_gap=gap)


def read_mails(log: Path) -> list[Mail]:
    """Return the mails that have arrived."""
    return [
        Mail(
            at=entry["at"],
            sender=entry["sender"],
            recipients=tuple(entry["recipients"]),
            text=entry["text"],
        )
        for entry in _entries(log)
    ]


def read_table(lines: list[str]) -> tuple[str, ...]:
    """Return the lines of /proc/net/ip_vs with their addresses readable, sorted."""
    service = ""
    table = []
    for line in lines:
        words = line.split()
        if words[0] == "->":
            server, method, weight = words[1:4]
            table.append(f"{service} -> {_endpoint(server)} {method} {weight}")
        else:
            listener = (
                str(int(words[1], 16)) if words[0] == "FWM" else _endpoint(words[1])
            )
            service = f"{words[0].lower()} {listener}"
            table.append(" ".join([service, *words[2:]]))
    return tuple(sorted(table))


def _endpoint(text: str) -> str:
    # C0A8016E:0050, or [fd00:0001:0000:…:0110]:0050
    host, _, port = text.rpartition(":")
    if host.startswith("["):
        return f"[{ipaddress.IPv6Address(host[1:-1])}]:{int(port, 16)}"
    return f"{ipaddress.IPv4Address(int(host, 16))}:{int(port, 16)}"


def _entries(log: Path) -> Iterator[dict[str, Any]]:
    # The last line may be half written.
    if log.exists():
        for line in log.read_text().splitlines(keepends=True):
            if line.endswith("\n"):
                yield json.loads(line)
