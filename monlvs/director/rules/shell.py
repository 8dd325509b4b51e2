"""Enough of a shell to read scripts of ipvsadm commands: words, quotes, variables.

Nothing is run. Branches and loops are not followed: a statement inside of one is told
as conditional, and what a variable gets there is not known. A line of `ipvsadm -S` is a
statement as well.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

_NAME: Final = re.compile(r"\{([A-Za-z_]\w*|[0-9@*#?$!-])\}|([A-Za-z_]\w*|[0-9@*#?$!])")
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*=")
_BLANKS: Final = frozenset(" \t\r\f\v")
_SEPARATORS: Final = frozenset(";|&()\n")
_OPENING: Final = frozenset(("if", "for", "while", "until", "case", "select", "{"))
_CLOSING: Final = frozenset(("fi", "done", "esac", "}"))
_PREFIXES: Final = frozenset(
    ("do", "then", "else", "elif", "!", "time", "sudo", "exec", "command", "export")
)
UNCLOSED: Final = "the end of a quotation"
"""What is unknown of a text whose quotes do not match: all of its rest."""
_LOOPS: Final = frozenset(("for", "select", "read"))
_LONGEST: Final = 4096  # characters of a value; `A=$A$A` doubles with each line


@dataclass(frozen=True, slots=True)
class Word:
    """A word after expansion, and where it begins (from 1)."""

    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """A part whose value only running the script would tell."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A simple command."""

    words: tuple[Word, ...]
    unknown: tuple[str, ...] = ()
    """What in it has no value here, as the script spells it."""
    conditional: bool = False
    """Whether it stands in a branch, a loop or a function."""


@dataclass(slots=True)
class _Raw:
    """A word before expansion: literal text, and variables (name, in quotes)."""

    line: int
    column: int
    parts: list[str | tuple[str, bool] | Unknown] = field(default_factory=list)


def statements(text: str) -> Iterator[Statement]:
    """Walk the simple commands of `text` in their order, variables put in.

    Assignments are obeyed and not told.
    """
    known: dict[str, str] = {}
    depth = 0
    for raw in _commands(text):
        first = _plain(raw[0])
        if first in _CLOSING:
            depth = max(0, depth - 1)
            continue
        depth += first in _OPENING
        command = _without_prefixes(raw)
        while command and (name := _assigned(command[0])):
            _assign(name, command.pop(0), known, depth)
        if command and _plain(command[0]) in _LOOPS:
            for word in command[1:]:
                known.pop(_plain(word), None)
        elif command:
            yield _statement(command, known, conditional=depth > 0)


def _without_prefixes(raw: list[_Raw]) -> list[_Raw]:
    skipped = _PREFIXES | (_OPENING - _LOOPS)
    at = next((n for n, word in enumerate(raw) if _plain(word) not in skipped), None)
    return [] if at is None else raw[at:]


def _statement(
    raw: list[_Raw], known: dict[str, str], *, conditional: bool
) -> Statement:
    words: list[Word] = []
    unknown: list[str] = []
    for each in raw:
        expanded, missing = _expand(each, known)
        words += (Word(text, each.line, each.column) for text in expanded)
        unknown += missing
    return Statement(
        words=tuple(words), unknown=tuple(unknown), conditional=conditional
    )


def _plain(word: _Raw) -> str:
    """Give the text of a word without variables, else ""."""
    match word.parts:
        case [str(text)]:
            return text
        case _:
            return ""


def _assigned(word: _Raw) -> str:
    first = word.parts[0] if word.parts else ""
    found = _ASSIGNMENT.match(first) if isinstance(first, str) else None
    return found[0][:-1] if found else ""


def _assign(name: str, word: _Raw, known: dict[str, str], depth: int) -> None:
    quoted: list[str | tuple[str, bool] | Unknown] = [
        (part[0], True) if isinstance(part, tuple) else part for part in word.parts
    ]
    (value,), missing = _expand(_Raw(word.line, word.column, quoted), known)
    other = known.get(name)
    value = value[len(name) + 1 :]
    if missing or len(value) > _LONGEST or (depth and other not in (None, value)):
        known.pop(name, None)  # whether it is this or another, nobody knows
    else:
        known[name] = value


def _expand(word: _Raw, known: dict[str, str]) -> tuple[list[str], list[str]]:
    """Put variables in; one that is not in quotes may become several words."""
    found = [""]
    missing: list[str] = []
    for part in word.parts:
        match part:
            case str():
                found[-1] += part
            case Unknown():
                missing.append(part.name)
            case name, quoted:
                value = known.get(name)
                if value is None:
                    missing.append(f"${name}")
                elif quoted:
                    found[-1] += value
                else:
                    first, *more = value.split() or [""]
                    found[-1] += first
                    found += more
    return found, missing


def _commands(text: str) -> Iterator[list[_Raw]]:
    scanner = _Scanner(text)
    words: list[_Raw] = []
    while not scanner.done:
        if scanner.skip_blanks():
            continue
        if scanner.separator():
            if words:
                yield words
            words = []
        else:
            words.append(scanner.word())
    if words:
        yield words


class _Scanner:
    """Walks a text; knows line and column."""

    def __init__(self, text: str) -> None:
        self._text = text.replace("\r\n", "\n")
        self._at = 0
        self._line = 1
        self._line_start = 0

    @property
    def done(self) -> bool:
        return self._at >= len(self._text)

    def skip_blanks(self) -> bool:
        """Pass one blank, comment or continued line; tell whether there was one."""
        rest = self._text
        if rest.startswith("\\\n", self._at):
            self._pass(2)
        elif rest[self._at] in _BLANKS:
            self._pass(1)
        elif rest[self._at] == "#":
            end = rest.find("\n", self._at)
            self._pass((len(rest) if end < 0 else end) - self._at)
        else:
            return False
        return True

    def separator(self) -> bool:
        """Pass what ends a command, if it is next."""
        if self._text[self._at] not in _SEPARATORS:
            return False
        self._pass(1)
        return True

    def word(self) -> _Raw:
        word = _Raw(self._line, self._at - self._line_start + 1)
        quote = ""
        while not self.done:
            here = self._text[self._at]
            if not quote and (here in _BLANKS or here in _SEPARATORS):
                break
            if here == quote or (not quote and here in "'\""):
                quote = "" if quote else here
                _add(word, "")
                self._pass(1)
            elif quote == "'":
                _add(word, self._pass(1))
            else:
                self._special(word, here, quoted=bool(quote))
        if quote:
            word.parts.append(Unknown(UNCLOSED))
        return word

    def _special(self, word: _Raw, here: str, *, quoted: bool) -> None:
        """Take a backslash, a variable, a command's output, or a plain character."""
        if here == "\\":
            escaped = self._pass(2)[1:]
            if quoted and escaped not in ("$", "`", '"', "\\", "\n"):
                escaped = "\\" + escaped
            _add(word, "" if escaped == "\n" else escaped)
        elif here == "`":
            self._output(word, "`", 1)
        elif self._text.startswith("$(", self._at):
            self._output(word, ")", 2)
        elif here == "$" and (found := _NAME.match(self._text, self._at + 1)):
            word.parts.append((found[1] or found[2], quoted))
            self._pass(1 + len(found[0]))
        elif self._text.startswith("${", self._at):
            self._output(word, "}", 2)
        else:
            _add(word, self._pass(1))

    def _output(self, word: _Raw, closing: str, skip: int) -> None:
        end = self._text.find(closing, self._at + skip)
        end = len(self._text) if end < 0 else end + 1
        word.parts.append(Unknown(self._pass(end - self._at).split("\n")[0]))

    def _pass(self, count: int) -> str:
        passed = self._text[self._at : self._at + count]
        if newlines := passed.count("\n"):
            self._line += newlines
            self._line_start = self._at + passed.rfind("\n") + 1
        self._at += count
        return passed


def _add(word: _Raw, text: str) -> None:
    if word.parts and isinstance(word.parts[-1], str):
        word.parts[-1] += text
    else:
        word.parts.append(text)
