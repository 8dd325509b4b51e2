"""Lines of an ldirectord.cf to directives, global ones and those of virtual services.

A virtual service's directives follow it at once, four blanks (or a tab) deep; whatever
stands less deep, an empty line among them, ends it. `#` ends a line of a virtual service
wherever it stands, in quotes too.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from monlvs.config.importers.notes import Notes, Spot
from monlvs.model.values import Place

_DIRECTIVE: Final = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)\s*=\s*(.*)")
_COMMENT: Final = re.compile(r"\s*#(.*)")
_INDENT: Final = " " * 4


@dataclass(frozen=True, slots=True)
class Directive:
    """`word = value`, without comment and blanks around it."""

    word: str
    value: str
    spot: Spot


@dataclass(slots=True)
class Section:
    """A virtual service: its first line and the directives below it."""

    head: Directive
    directives: list[Directive] = field(default_factory=list)

    @property
    def last(self) -> int:
        """Number of its last line that says anything."""
        return self.directives[-1].spot.at if self.directives else self.head.spot.at


@dataclass(slots=True)
class Document:
    """A whole file."""

    directives: list[Directive] = field(default_factory=list)
    """Those that are about the daemon, or about all virtual services."""
    sections: list[Section] = field(default_factory=list)
    comments: list[tuple[int, str]] = field(default_factory=list)
    """Number of the line, and what stands after the mark."""

    def statements(self) -> list[int]:
        """Return the numbers of the lines that say anything."""
        inner = [each for section in self.sections for each in section.directives]
        heads = [section.head for section in self.sections]
        return [each.spot.at for each in (*self.directives, *heads, *inner)]


def parse(text: str, file: str, notes: Notes) -> Document:
    """Split a text; lines that are no directives are errors."""
    document = Document()
    section: Section | None = None
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.rstrip("\r").replace("\t", _INDENT)
        if found := _COMMENT.fullmatch(line):
            document.comments.append((number, found[1]))
            continue
        if not line.strip():
            section = None
            continue
        spot = Spot(Place(file=file, line=number), number)
        if section is None or not line.startswith(_INDENT):
            section = _global_line(line, spot, document, notes)
        elif directive := _directive(line, spot, document, notes):
            section.directives.append(directive)
    return document


def _global_line(
    line: str, spot: Spot, document: Document, notes: Notes
) -> Section | None:
    """Take a line outside of a virtual service; return the one that it begins."""
    if line[0] == " ":
        notes.error(
            spot,
            f"{_shown(line)} belongs to no virtual service: expected it right below "
            "`virtual = …`, with no empty line between, or without blanks before it",
        )
        return None
    if line.strip() == "supervised":
        line = "supervised = yes"
    directive = _directive(line, spot, document, notes)
    if directive is None:
        return None
    if directive.word not in ("virtual", "virtual6"):
        document.directives.append(directive)
        return None
    document.sections.append(Section(directive))
    return document.sections[-1]


def _directive(
    line: str, spot: Spot, document: Document, notes: Notes
) -> Directive | None:
    said, mark, comment = line.partition("#")
    if mark:
        document.comments.append((spot.at, comment))
    found = _DIRECTIVE.fullmatch(said.strip())
    if found is None:
        notes.error(spot, f"expected a directive, NAME = VALUE, not {_shown(line)}")
        return None
    return Directive(found[1], found[2], spot)


def _shown(line: str) -> str:
    return repr(line.strip()[:60])
