"""What happened and why, one JSON line per event, a file per day."""

import json
import logging
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
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
from monlvs.director.changes import CHANGES, Cause, Change
from monlvs.director.events import TableChanged
from monlvs.model.values import Now
from monlvs.model.watch import ServiceKey
from monlvs.runtime.unsaved import EntriesLost, Unsaved

log = logging.getLogger("monlvs.journal")

RECENT = 200
"""Entries kept in memory for status pages and live views."""

Entry = dict[str, Any]
_PIECE = 256
"""Changes of the table that are spelled at a time."""
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
        self._recent: deque[tuple[object, Now, str | None]] = deque(maxlen=RECENT)

    @property
    def recent(self) -> list[Entry]:
        """The latest entries, as they are written."""
        return [_entry(*each) for each in self._recent]

    def write(self, record: object, *, now: Now, words: str | None = None) -> None:
        """Append one record, a dataclass that nobody changes, told in `words`."""
        self._recent.append((record, now, words))
        if self.unsaved(now=now) is None:
            self._put(record, now, words)
        else:
            self._lost += 1

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
            self._append((_line(_entry(lost, now, words)),), now, 1)
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

    def _put(self, record: object, now: Now, words: str | None) -> None:
        if self._directory is None:
            return
        if isinstance(record, TableChanged) and len(record.changes) > _PIECE:
            self._write_waiting()
            self._append(_pieces(record, now, words), now, 1)
            return
        if self._since is not None and _name(self._since.utc) != _name(now.utc):
            self._write_waiting()
        self._waiting.append(_line(_entry(record, now, words)))
        self._since = self._since or now
        if not self._together:
            self._write_waiting()

    def _write_waiting(self) -> None:
        lines, since = self._waiting, self._since
        self._waiting, self._since = [], None
        if since is not None:
            self._append((b"".join(lines),), since, len(lines))

    def _append(self, pieces: Iterable[bytes], now: Now, lines: int) -> None:
        directory, name = self._directory, _name(now.utc)
        if directory is None:
            return
        whole = 0
        try:
            if self._file is None or name != self._day:
                self.close()
                self._file, self._day = _open(directory / name), name
            for piece in pieces:
                written = self._file.write(piece)
                whole += piece[:written].count(b"\n")
                if written != len(piece):  # it is full: write(2) says so next time
                    raise OSError(ENOSPC, strerror(ENOSPC))  # noqa: TRY301  told as all others are
        except OSError as error:
            self.close()  # opening it anew mends a line that was cut
            why = error.strerror or str(error)
            if self._unsaved is None:
                log.error("journal: cannot write to %s: %s", directory, why)  # noqa: TRY400  people get a sentence, not a traceback
                self._lost = lines - whole
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


def _pieces(record: TableChanged, now: Now, words: str | None) -> Iterator[bytes]:
    """Spell what `_line` does in pieces: a storm's line has millions of characters, and
    memory that is used for the first time costs more than what is written into it."""
    entry = _entry(replace(record, changes=()), now, words)
    start, mark, end = _spell(entry).partition('"changes": [')
    causes: dict[int, str] = {}

    def spelled(change: Change) -> str:
        cause = causes.get(id(change.cause))
        if cause is None:
            cause = causes[id(change.cause)] = _spell(_cause(change.cause))
        return f'{{"ipvsadm": {_spell(change.as_ipvsadm())}, "cause": {cause}}}'

    yield (start + mark).encode()
    for first in range(0, len(record.changes), _PIECE):
        told = ", ".join(map(spelled, record.changes[first : first + _PIECE]))
        joint = ", " if first else ""
        yield (joint + told).encode("utf-8", "backslashreplace")
    yield f"{end}\n".encode("utf-8", "backslashreplace")


def _entry(record: object, now: Now, words: str | None) -> Entry:
    return {
        "time": now.utc.isoformat(timespec="milliseconds"),
        "event": type(record).__name__,
        **plain(record),
        **({} if words is None else {"words": words}),
    }


def _open(path: Path) -> FileIO:
    """Open a day's file so that what is written begins a line."""
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
