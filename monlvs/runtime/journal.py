"""What happened and why, one JSON line per event, a file per day."""

import json
import logging
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum, IntEnum
from errno import ENOSPC
from functools import lru_cache
from io import SEEK_END, FileIO
from os import strerror
from pathlib import Path
from typing import Any

from monlvs.core.effects import OperatorActed
from monlvs.director.changes import CHANGES, Cause
from monlvs.model.values import Now
from monlvs.model.watch import ServiceKey
from monlvs.runtime.unsaved import EntriesLost, Unsaved

log = logging.getLogger("monlvs.journal")

RECENT = 200
"""Entries kept in memory for status pages and live views."""

Entry = dict[str, Any]
_spell = json.JSONEncoder(ensure_ascii=False).encode


class Journal:
    """Appends records to `directory`; without one it remembers the latest only.

    A disk that is full or gone stops neither checks nor alerts: what cannot be written
    is in the log alone, which tells of the trouble once. Where the journal goes on it
    says how many entries it lacks.
    """

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._file: FileIO | None = None
        self._day = ""
        self._unsaved: Unsaved | None = None
        self._lost = 0
        self._together = 0
        self._waiting: list[bytes] = []
        """Lines that are to be written as one, all of one day."""
        self._since: Now | None = None
        """When the first of them came."""
        self.recent: deque[Entry] = deque(maxlen=RECENT)

    def write(self, record: object, *, now: Now, words: str | None = None) -> Entry:
        """Append one record, a dataclass, told in `words`; return the entry as written."""
        entry = _entry(record, now, words)
        self.recent.append(entry)
        if self.unsaved(now=now) is None:
            self._put(entry, now)
        else:
            self._lost += 1
        return entry

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write all that is written in this block at its end, in one write(2)."""
        self._together += 1
        try:
            yield
        finally:
            self._together -= 1
            if not self._together:
                self._write_waiting()

    def unsaved(self, *, now: Now) -> Unsaved | None:
        """Return what keeps the journal from being written, after one more attempt."""
        if self._unsaved is not None:
            lost = EntriesLost(
                count=self._lost, since=self._unsaved.since, why=self._unsaved.why
            )
            words = f"entries lost before this one: {lost.count} ({lost.why})"
            self._append([_line(_entry(lost, now, words))], now)
        return self._unsaved

    def prune(self, keep: timedelta, *, now: Now) -> int:
        """Delete the files of days longer ago than `keep`; return how many.

        Raises OSError when one cannot be deleted.
        """
        if self._directory is None:
            return 0
        oldest = _name(now.utc - keep)
        stale = [
            path
            for path in self._directory.glob("journal-*.jsonl")
            if path.name < oldest
        ]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)

    def close(self) -> None:
        """Close the file; the next write opens it again."""
        if self._file is not None:
            self._file.close()
        self._file, self._day = None, ""

    def _put(self, entry: Entry, now: Now) -> None:
        if self._directory is None:
            return
        if self._since is not None and _name(self._since.utc) != _name(now.utc):
            self._write_waiting()
        self._waiting.append(_line(entry))
        self._since = self._since or now
        if not self._together:
            self._write_waiting()

    def _write_waiting(self) -> None:
        lines, since = self._waiting, self._since
        self._waiting, self._since = [], None
        if since is not None:
            self._append(lines, since)

    def _append(self, lines: Sequence[bytes], now: Now) -> None:
        directory, name = self._directory, _name(now.utc)
        if directory is None:
            return
        data, written = b"".join(lines), 0
        try:
            if self._file is None or name != self._day:
                self.close()
                self._file, self._day = _open(directory / name), name
            written = self._file.write(data)
            if written != len(data):  # the disk is full: write(2) says so next time
                raise OSError(ENOSPC, strerror(ENOSPC))  # noqa: TRY301  told as all others are
        except OSError as error:
            self.close()  # opening it anew mends a line that was cut
            why = error.strerror or str(error)
            if self._unsaved is None:
                log.error("journal: cannot write to %s: %s", directory, why)  # noqa: TRY400  people get a sentence, not a traceback
                self._lost = len(lines) - data[:written].count(b"\n")
                self._unsaved = Unsaved(
                    what="journal", path=directory, why=why, since=now.utc
                )
            self._unsaved = replace(self._unsaved, why=why)
            return
        if self._unsaved is not None:
            log.warning("journal: written to %s again", directory)
        self._unsaved = None


def _line(entry: Entry) -> bytes:
    return (_spell(entry) + "\n").encode("utf-8", "backslashreplace")


def _entry(record: object, now: Now, words: str | None) -> Entry:
    return {
        "time": now.utc.isoformat(timespec="milliseconds"),
        "event": type(record).__name__,
        **plain(record),
        **({} if words is None else {"words": words}),
    }


def _open(path: Path) -> FileIO:
    """Open a day's file so that one write(2) is one whole line, from its start."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("ab+", buffering=0)
    if file.seek(0, SEEK_END):
        file.seek(-1, SEEK_END)
        if file.read(1) != b"\n":
            file.write(b"\n")
    return file


def _name(utc: datetime) -> str:
    return f"journal-{utc.astimezone(UTC).date()}.jsonl"


def plain(value: object) -> Any:  # noqa: C901, PLR0911, PLR0912  one case per type
    """Return a record, or a part of one, as JSON-able values."""
    match value:
        case None | bool() | str() | float():
            return value
        case IntEnum():
            return value.name.lower()
        case Enum():
            return value.value
        case int():
            return value
        case ServiceKey():
            return str(value)
        case OperatorActed(act=act):
            return {"act": type(act).__name__, **plain(act)}
        case _ if isinstance(value, CHANGES):
            # A storm has thousands, for few causes.
            return {"ipvsadm": value.as_ipvsadm(), "cause": _cause(value.cause)}
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case tuple() | list() | frozenset() | set():
            return [plain(item) for item in value]
        case _ if is_dataclass(value):
            kind: type = type(value)
            return {name: plain(getattr(value, name)) for name in _names(kind)}
        case _:
            return str(value)


@lru_cache(maxsize=256)
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


@lru_cache(maxsize=256)
def _cause(cause: Cause) -> Entry:
    return {f.name: plain(getattr(cause, f.name)) for f in fields(cause)}
