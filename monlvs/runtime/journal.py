"""What happened and why, one JSON line per event, a file per day."""

import json
import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, IntEnum
from pathlib import Path
from typing import Any, TextIO

from monlvs.model.values import Now
from monlvs.model.watch import ServiceKey

log = logging.getLogger("monlvs.journal")

RECENT = 200
"""Entries kept in memory for status pages and live views."""

Entry = dict[str, Any]


class Journal:
    """Appends records to `directory`; without one it remembers the latest only.

    A disk that is full or gone stops neither checks nor alerts: the entry goes to the
    log instead, once per trouble.
    """

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._file: TextIO | None = None
        self._day = ""
        self._in_trouble = False
        self.recent: deque[Entry] = deque(maxlen=RECENT)

    def write(self, record: object, *, now: Now) -> Entry:
        """Append one record, a dataclass; return the entry as written."""
        entry = {
            "time": now.utc.isoformat(timespec="milliseconds"),
            "event": type(record).__name__,
            **plain(record),
        }
        self.recent.append(entry)
        if self._directory is not None:
            self._append(json.dumps(entry, ensure_ascii=False), now.utc)
        return entry

    def prune(self, keep: timedelta, *, now: Now) -> int:
        """Delete the files of days longer ago than `keep`; return how many."""
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

    def _append(self, line: str, utc: datetime) -> None:
        assert self._directory is not None
        try:
            name = _name(utc)
            if name != self._day or self._file is None:
                self.close()
                path = self._directory / name
                self._file = path.open("a", encoding="utf-8", errors="replace")
                self._day = name
            self._file.write(line + "\n")
            self._file.flush()
        except OSError as error:
            if not self._in_trouble:
                log.error("journal: cannot write to %s: %s", self._directory, error)  # noqa: TRY400  people get a sentence, not a traceback
            self._in_trouble = True
            self._file = None
        else:
            self._in_trouble = False


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
