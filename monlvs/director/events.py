"""What the director tells of its work, for the journal and for people."""

from dataclasses import dataclass
from typing import TypeAlias

from monlvs.director.changes import Change
from monlvs.director.notes import Note
from monlvs.director.table import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class TableAdopted:
    """The first reading: what stands is the starting point."""

    services: int
    servers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChanged:
    """Changes were made, each for its cause."""

    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReported:
    """The table differs where the configuration wants that only reported."""

    changes: tuple[Change, ...]
    """What would repair it."""
    looks_only: bool = False
    """Nothing at all is changed: it is said what would be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRefused:
    """The kernel refused a change for the first time, or for another reason."""

    refusal: Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class TableUnreadable:
    """The table could not be read; nothing is changed until it can be."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableReadable:
    """The table can be read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesChanged:
    """What there is to know about the table has changed."""

    appeared: tuple[Note, ...]
    gone: tuple[Note, ...]


TableEvent: TypeAlias = (
    TableAdopted
    | TableChanged
    | DriftReported
    | ChangeRefused
    | TableUnreadable
    | TableReadable
    | NotesChanged
)
