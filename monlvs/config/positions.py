"""Where each key and value of a TOML text stands, since tomllib does not tell.

Rule 1: only text that tomllib has accepted comes in, so nothing is checked again.
Rule 2: a place that the text does not have is told as the nearest one around it.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""Keys and list indexes from the top of the file."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:[^"\\]|\\.)*"'
    r"|'[^']*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]+")


class Position(NamedTuple):
    """A line and a column, both counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Positions:
    """The places of one text; `find` makes them."""

    keys: dict[Path, Position] = field(default_factory=dict)
    values: dict[Path, Position] = field(default_factory=dict)

    def key(self, path: Path) -> Position | None:
        """Return where the key at `path` is written, or what is nearest around it."""
        return self._nearest(path, self.keys, self.values)

    def value(self, path: Path) -> Position | None:
        """Return where the value at `path` begins, or what is nearest around it."""
        return self._nearest(path, self.values, self.keys)

    def _nearest(
        self, path: Path, first: dict[Path, Position], then: dict[Path, Position]
    ) -> Position | None:
        for length in range(len(path), -1, -1):
            part = path[:length]
            found = first.get(part) or then.get(part)
            if found is not None:
                return found
        return None


def find(text: str) -> Positions:
    """Map every key path of a valid TOML text to where it stands."""
    scanner = _Scanner(text)
    scanner.document()
    return scanner.found


def dotted(path: Path) -> str:
    """Spell a path as TOML does: `watch.web.service.http`, list indexes in brackets."""
    told = ""
    for part in path:
        if isinstance(part, int):
            told += f"[{part}]"
        else:
            word = part if _BARE.fullmatch(part) else f'"{_escaped(part)}"'
            told += f".{word}" if told else word
    return told


def _escaped(text: str) -> str:
    return "".join(
        f"\\{c}"
        if c in '"\\'
        else c
        if c.isprintable()
        else c.encode("unicode_escape").decode("ascii")
        for c in text
    )


class _Scanner:
    """Walks the text once; `at` is the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found = Positions()
        self.lines = [0, *(m.end() for m in re.finditer("\n", text))]
        self.arrays: dict[Path, int] = {}

    def document(self) -> None:
        table: Path = ()
        self._skip(_BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)

    def _header(self) -> Path:
        start = self.at
        array = self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        *above, last = self._key()
        self.at += 2 if array else 1
        path: Path = ()
        for part in above:
            path = self._entered((*path, part), start)
        path = (*path, last)
        if array:
            self._mark(path, start)
            self.arrays[path] = self.arrays.get(path, -1) + 1
            path = (*path, self.arrays[path])
        self._mark(path, start)
        return path

    def _entered(self, path: Path, start: int) -> Path:
        self._mark(path, start)
        return (*path, self.arrays[path]) if path in self.arrays else path

    def _pair(self, table: Path) -> None:
        start = self.at
        path = table
        for part in self._key():
            path = (*path, part)
            self._mark(path, start)
        self.at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _value(self, path: Path) -> None:
        self.found.values[path] = self._position(self.at)
        match self.text[self.at]:
            case "[":
                self._array(path)
            case "{":
                self._inline(path)
            case '"' | "'":
                self._skip(_STRING)
            case _:
                self._skip(_SCALAR)

    def _array(self, path: Path) -> None:
        index = 0
        self._step()
        while self.text[self.at] != "]":
            self._value((*path, index))
            index += 1
            self._comma()
        self.at += 1

    def _inline(self, path: Path) -> None:
        self._step()
        while self.text[self.at] != "}":
            self._pair(path)
            self._comma()
        self.at += 1

    def _comma(self) -> None:
        self._skip(_BLANK)
        if self.text[self.at] == ",":
            self._step()

    def _step(self) -> None:
        self.at += 1
        self._skip(_BLANK)

    def _key(self) -> list[str]:
        parts = []
        while True:
            self._skip(_SPACE)
            quoted = self.text[self.at] in "\"'"
            start = self.at
            self._skip(_STRING if quoted else _BARE)
            word = self.text[start : self.at]
            parts.append(_unquoted(word) if quoted else word)
            self._skip(_SPACE)
            if self.text[self.at] != ".":
                return parts
            self.at += 1

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.at)
        assert found is not None, "tomllib accepts what the scanner does not know"
        self.at = found.end()

    def _mark(self, path: Path, at: int) -> None:
        self.found.keys.setdefault(path, self._position(at))

    def _position(self, at: int) -> Position:
        line = bisect_right(self.lines, at)
        return Position(line, at - self.lines[line - 1] + 1)


def _unquoted(word: str) -> str:
    import tomllib  # a mon.cf, which has places as well, needs none

    return str(tomllib.loads(f"k={word}")["k"])
