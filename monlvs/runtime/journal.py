"""What happened and why, one JSON line per event, a file per day."""

import json
import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
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

log = logging.getLogger("monlvs.journal")

RECENT = 200
"""Entries kept in memory for status pages and live views."""

Entry = dict[str, Any]


class Journal:
    """Appends records to `directory`; without one it remembers the latest only.

    A disk that is full or gone stops neither checks nor alerts: what cannot be written
    is in the log alone, which tells of the trouble once.
    """

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._file: FileIO | None = None
        self._day = ""
        self._in_trouble = False
        self.recent: deque[Entry] = deque(maxlen=RECENT)

    def write(self, record: object, *, now: Now, words: str | None = None) -> Entry:
        """Append one record, a dataclass, told in `words`; return the entry as written."""
        entry = {
            "time": now.utc.isoformat(timespec="milliseconds"),
            "event": type(record).__name__,
            **plain(record),
            **({} if words is None else {"words": words}),
        }
        self.recent.append(entry)
        if self._directory is not None:
            line = json.dumps(entry, ensure_ascii=False) + "\n"
            self._append(self._directory, line, _name(now.utc))
        return entry

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

    def _append(self, directory: Path, line: str, name: str) -> None:
        data = line.encode("utf-8", "backslashreplace")
        try:
            if self._file is None or name != self._day:
                self.close()
                self._file, self._day = _open(directory / name), name
            _write_whole(self._file, data)
        except OSError as error:
            self.close()  # opening it anew mends a line that was cut
            if not self._in_trouble:
                log.error("journal: cannot write to %s: %s", directory, error.strerror)  # noqa: TRY400  people get a sentence, not a traceback
            self._in_trouble = True
            return
        if self._in_trouble:
            log.warning("journal: written to %s again", directory)
        self._in_trouble = False


def _open(path: Path) -> FileIO:
    """Open a day's file so that one write(2) is one whole line, from its start."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("ab+", buffering=0)
    if file.seek(0, SEEK_END):
        file.seek(-1, SEEK_END)
        if file.read(1) != b"\n":
            file.write(b"\n")
    return file


def _write_whole(file: FileIO, data: bytes) -> None:
    if file.write(data) != len(data):  # the disk is full: write(2) says so next time
        raise OSError(ENOSPC, strerror(ENOSPC))


def _name(utc: datetime) -> str:
    return f"journal-{utc.astimezone(UTC):%Y-%m-%d}.jsonl"


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
            return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
        case _:
            return str(value)


@lru_cache(maxsize=256)
def _cause(cause: Cause) -> Entry:
    return {f.name: plain(getattr(cause, f.name)) for f in fields(cause)}
