"""What cannot be saved, and why: a full disk, a directory that is gone."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaved:
    """A trouble with saving that goes on."""

    what: str
    """`state` or `journal`."""
    path: Path
    why: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesLost:
    """A gap in the journal, told where the journal goes on."""

    count: int
    since: datetime
    why: str
