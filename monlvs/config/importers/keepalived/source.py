"""The text of a keepalived.conf line by line: comments, conditions, parameters, loops.

What is done here keepalived does before it looks at any keyword:

    # or !            begin a comment, outside of quotes
    @ID, @^ID         the line is for the configuration ID, for every other one
    $NAME=VALUE       a parameter; VALUE may go on after a backslash at the end of the line
    $NAME, ${NAME}    its value, which may be several lines
    ~SEQ(…), ~LST(…)  the rest of the line, for each value
    include PATTERN   other files
"""

import re
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Final

from monlvs.config.importers.blueprint import Site
from monlvs.config.importers.keepalived import loops
from monlvs.config.importers.notes import Notes, Spot
from monlvs.model.values import Place

_DEFINITION: Final = re.compile(r"\$([A-Za-z_]\w*)=(.*)", re.ASCII | re.DOTALL)
_PARAMETER: Final = re.compile(
    r"\$(?:\{(?P<braced>[A-Za-z_]\w*)(?P<range>(?:\s+\d+)*)\}"
    r"|(?P<bare>[A-Za-z_]\w*)(?=\s|$))",
    re.ASCII,
)
_INCLUDE: Final = re.compile(r"include[rmwba]?\s+(\S.*)", re.ASCII)
_DEEPEST: Final = 200
"""How often a line may be put in the place of another, or a file in a file."""
_LONGEST: Final = 500_000
"""How many lines may be looked at."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line that counts, without comments, and where it stands or is asked for."""

    text: str
    spot: Spot


@dataclass(slots=True)
class Source:
    """What was read."""

    lines: list[Line] = field(default_factory=list)
    comments: list[tuple[int, str]] = field(default_factory=list)


class EndlessError(Exception):
    """Parameters or files that stand for themselves."""


def read_source(text: str, file: str, site: Site, notes: Notes) -> Source:
    """Read a text and all that it includes."""
    reader = _Reader(site, notes)
    try:
        reader.file(text, file, 0)
    except EndlessError as error:
        place = Place(file=file, line=reader.number)
        notes.error(Spot(place, reader.at), str(error))
    return reader.source


class _Reader:
    def __init__(self, site: Site, notes: Notes) -> None:
        self._site = site
        self._notes = notes
        self._parameters: dict[str, str] = {"_HASH": "#", "_BANG": "!"}
        self._looked = 0
        self.source = Source()
        self.at = 0
        self.number = 0

    def file(self, text: str, file: str, depth: int) -> None:
        """Read one file's lines."""
        if depth > _DEEPEST:
            raise EndlessError(f"{file} is included by itself, or far too deep")
        pending: list[str] = []
        begun: Spot | None = None
        for number, raw in enumerate(text.split("\n"), 1):
            self.at += 1
            self.number = number
            spot = Spot(Place(file=file, line=number), self.at)
            said = self._without_comment(raw.rstrip("\r"), spot).strip()
            if pending and not said:
                continue
            goes_on = said.endswith("\\") and (pending or _is_definition(said))
            pending.append(said[:-1].rstrip() if goes_on else said)
            begun = begun or spot
            if goes_on:
                continue
            self._take("\n".join(pending).removesuffix("\n"), begun, file, depth)
            pending, begun = [], None
        if begun is not None and pending:
            self._notes.error(begun, "the definition that begins here does not end")

    def _without_comment(self, raw: str, spot: Spot) -> str:
        quote = ""
        escaped = False
        for place, character in enumerate(raw):
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif quote:
                quote = "" if character == quote else quote
            elif character in "\"'":
                quote = character
            elif character in "#!":
                self.source.comments.append((spot.at, raw[place + 1 :]))
                return raw[:place]
        return raw

    def _take(self, text: str, spot: Spot, file: str, depth: int) -> None:
        """Follow what a line asks for; what is left of it counts."""
        text = text.strip()
        self._looked += 1
        if self._looked > _LONGEST:
            raise EndlessError(f"more than {_LONGEST} lines come of this file")
        if depth > _DEEPEST:
            raise EndlessError("a parameter stands for itself here, or far too deep")
        if not text:
            return
        if text.startswith("@"):
            rest = self._condition(text)
            self._take(rest, spot, file, depth + 1)
        elif found := _DEFINITION.fullmatch(text):
            self._parameters[found[1]] = found[2]
        elif text.startswith("~"):
            self._loop(text, spot, file, depth)
        elif found := _INCLUDE.fullmatch(text):
            self._include(found[1].strip().strip("\"'"), spot, file, depth)
        elif (parts := self._substituted(text, spot, file)) is not None:
            for part in parts.split("\n"):
                self._take(part, spot, file, depth + 1)
        else:
            self.source.lines.append(Line(text, spot))

    def _condition(self, text: str) -> str:
        """Return the rest of a line that counts, else nothing."""
        word, *rest = text[1:].split(None, 1)
        wanted = word.removeprefix("^") == self._site.config_id
        return (rest[0] if rest else "") if wanted is not word.startswith("^") else ""

    def _loop(self, text: str, spot: Spot, file: str, depth: int) -> None:
        try:
            rounds, rest = loops.rounds(text)
        except ValueError as error:
            self._notes.error(spot, str(error))
            return
        before = dict(self._parameters)
        for values in rounds:
            self._parameters |= values
            self._take(rest, spot, file, depth + 1)
        for name in rounds[0] if rounds else ():
            self._parameters.pop(name, None)
            self._parameters |= {k: v for k, v in before.items() if k == name}

    def _include(self, pattern: str, spot: Spot, file: str, depth: int) -> None:
        base = str(PurePath(file).parent)
        found = list(self._site.files(pattern, base))
        if not found:
            self._notes.lost(spot, f"include {pattern}: no such file can be read here")
        for name, text in found:
            self.file(text, name, depth + 1)

    def _substituted(self, text: str, spot: Spot, file: str) -> str | None:
        """Put a value in the place of the first parameter that has one."""
        for found in _PARAMETER.finditer(text):
            name = found["braced"] or found["bare"]
            value = self._value(name, found["range"], spot, file)
            if value is not None:
                return text[: found.start()] + value + text[found.end() :]
        return None

    def _value(
        self, name: str, stated: str | None, spot: Spot, file: str
    ) -> str | None:
        if name in self._parameters:
            return self._parameters[name]
        match name:
            case "_PWD":
                return str(PurePath(file).parent)
            case "_INSTANCE":
                return self._site.config_id
            case "_RANDOM":
                least = (stated or "").split()[:1] or ["0"]
                self._notes.changed(
                    spot, f"a random number: it is always {least[0]} here"
                )
                return least[0]
            case _:
                return None


def _is_definition(text: str) -> bool:
    bare = re.sub(r"^(?:@\S+\s+)+", "", text)
    return _DEFINITION.fullmatch(bare) is not None
