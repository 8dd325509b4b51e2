"""Lines of a keepalived.conf to statements, each with the block in braces that it has.

A brace is a word of its own; it may stand on the statement's line or on the next.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from monlvs.config.importers.keepalived.source import Line
from monlvs.config.importers.notes import Notes, Spot

_ESCAPES: Final = {
    "a": "\a", "b": "\b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t",
    "v": "\v",
}  # fmt: skip
_ESCAPE: Final = re.compile(
    r"\\(?:(?P<octal>[0-7]{1,3})|x(?P<hex>[0-9A-Fa-f]+)|c(?P<control>.)|(?P<other>.))",
    re.DOTALL,
)


@dataclass(slots=True)
class Statement:
    """A keyword with its words, and what stands in braces after it."""

    words: tuple[str, ...]
    spot: Spot
    block: "list[Statement] | None" = None
    last: int = 0
    """Number of the last line that belongs to it."""

    @property
    def keyword(self) -> str:
        """What is stated."""
        return self.words[0]

    @property
    def arguments(self) -> tuple[str, ...]:
        """The words after the keyword."""
        return self.words[1:]

    @property
    def text(self) -> str:
        """The words as one string."""
        return " ".join(self.words)

    def inner(self) -> "list[Statement]":
        """Return what stands in its block."""
        return self.block or []


@dataclass(slots=True)
class _Open:
    """A block that is not closed yet."""

    statement: Statement | None
    found: list[Statement] = field(default_factory=list)


def parse(lines: list[Line], notes: Notes) -> list[Statement]:
    """Return the statements of the top level; braces that do not match are errors."""
    stack = [_Open(None)]
    for line in lines:
        words: list[str] = []
        for word, is_brace in _words(line, notes):
            if not is_brace:
                words.append(word)
                continue
            _finish(words, line.spot, stack)
            if word == "{":
                _open(line.spot, stack, notes)
            else:
                _close(line.spot, stack, notes)
        _finish(words, line.spot, stack)
    for each in stack[1:]:
        assert each.statement is not None
        notes.error(each.statement.spot, f"{each.statement.text} {{ has no }}")
        each.statement.block = each.found
    return stack[0].found


def _finish(words: list[str], spot: Spot, stack: list[_Open]) -> None:
    """End the statement that the words make, if there are any."""
    if words:
        stack[-1].found.append(Statement(tuple(words), spot, last=spot.at))
        words.clear()


def _open(spot: Spot, stack: list[_Open], notes: Notes) -> None:
    here = stack[-1].found
    if not here or here[-1].block is not None:
        notes.error(spot, "this { follows no keyword")
        here.append(Statement(("{",), spot, last=spot.at))
    here[-1].block = []
    stack.append(_Open(here[-1]))


def _close(spot: Spot, stack: list[_Open], notes: Notes) -> None:
    if len(stack) == 1:
        notes.error(spot, "this } closes no block")
        return
    closed = stack.pop()
    assert closed.statement is not None
    closed.statement.block = closed.found
    closed.statement.last = spot.at


def _words(line: Line, notes: Notes) -> Iterator[tuple[str, bool]]:
    """Yield words, quotes taken away, and whether each is a brace."""
    text, at = line.text, 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        word, end, quoted = _word(text, at)
        if end < 0:
            notes.error(line.spot, f"the quotation does not end: {text[at:][:60]!r}")
            return
        yield word, not quoted and word in ("{", "}")
        at = end


def _word(text: str, at: int) -> tuple[str, int, bool]:
    """Return the word at `at`, where it ends (-1: its quotes do not), if it is quoted."""
    quote = text[at] if text[at] in "\"'" else ""
    if not quote:
        end = at
        while end < len(text) and not text[end].isspace():
            end += 1
        return text[at:end], end, False
    end = at + 1
    while end < len(text) and text[end] != quote:
        end += 2 if text[end] == "\\" else 1
    if end >= len(text):
        return "", -1, True
    inner = text[at + 1 : end]
    return _ESCAPE.sub(_unescaped, inner), end + 1, True


def _unescaped(found: "re.Match[str]") -> str:
    if found["octal"]:
        return chr(int(found["octal"], 8) & 0xFF)
    if found["hex"]:
        return chr(int(found["hex"][-2:], 16))
    if found["control"]:
        return chr(ord(found["control"]) & 0x1F)
    return _ESCAPES.get(found["other"], found["other"])
