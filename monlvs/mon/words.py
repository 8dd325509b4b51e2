"""Shell-like words, as mon.cf and the client protocol spell programs and comments.

Blanks part words, quotes of either kind keep them together, a backslash keeps the next
character; inside single quotes it keeps itself too, so that `'it\\'s'` is `it\\'s`.
Nothing is expanded: `$X`, backquotes, `*`, `~` and `#` stand for themselves.
"""

import re
from collections.abc import Iterator

BLANKS = " \t\r\n\f\v"
"""What parts words; other spaces of Unicode are letters like any other."""

_PART = re.compile(
    r'"(?P<double>(?:[^"\\]|\\.)*)"'
    r"|'(?P<single>(?:[^'\\]|\\.)*)'"
    r"|\\(?P<escaped>.?)"
    r"|(?P<plain>[^ \t\r\n\f\v'\"\\]+)"
    r"|(?P<blank>[ \t\r\n\f\v]+)",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class UnbalancedQuoteError(ValueError):
    """A quote is opened and not closed. mon takes such a line for no words at all."""


def split_words(text: str) -> tuple[str, ...]:
    """Return the words of `text`. Raises UnbalancedQuoteError."""
    return tuple(word for word, _ in _words(text))


def first_word(text: str) -> tuple[str, str]:
    """Return the first word, and what follows it as it is written, without blanks
    around it. No word at all gives two empty strings. Raises UnbalancedQuoteError."""
    for word, end in _words(text):
        return word, text[end:].strip(BLANKS)
    return "", ""


def plain_words(text: str) -> tuple[str, ...]:
    """Return what blanks part; quotes and backslashes stand for themselves."""
    return tuple(word for word in re.split(f"[{BLANKS}]+", text) if word)


def _words(text: str) -> Iterator[tuple[str, int]]:
    """Yield each word with the place where it ends."""
    position, parts = 0, list[str]()
    while position < len(text):
        part = _PART.match(text, position)
        if part is None:
            raise UnbalancedQuoteError(
                f"expected another {text[position]} after: {text[position:][:40]}"
            )
        if part["blank"] is None:
            parts.append(_meaning(part))
        elif parts:
            yield "".join(parts), position
            parts = []
        position = part.end()
    if parts:
        yield "".join(parts), position


def _meaning(part: re.Match[str]) -> str:
    if part["double"] is not None:
        return _ESCAPE.sub(r"\1", part["double"])
    if part["escaped"] is not None:
        return part["escaped"] or "\\"  # nothing follows it at the end of a line
    return str(part["single"] if part["plain"] is None else part["plain"])
