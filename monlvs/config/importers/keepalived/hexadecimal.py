"""HEX_STR of UDP_CHECK: digits in free order, two a byte, a lone one a byte of its own."""

import re
from typing import Final

_WORD: Final = re.compile(r"[0-9A-Fa-fXx]+")


def payload(text: str) -> str:
    """Return pairs of digits. Raises ValueError for anything else."""
    return "".join(_pairs(text, wild=False))


def answer(text: str, shortest: int, longest: int) -> str:
    """Return an expression for datagrams that begin so; X is any digit.

    `shortest` and `longest` are what their lengths may be. Raises ValueError.
    """
    lengths = rf"(?=[\s\S]{{{shortest},{longest}}}\Z)"
    return rf"\A{lengths}{''.join(map(_byte, _pairs(text, wild=True)))}"


def _pairs(text: str, *, wild: bool) -> list[str]:
    found = []
    for word in text.split():
        if not _WORD.fullmatch(word) or ("x" in word.lower() and not wild):
            raise ValueError(f"expected hexadecimal digits, not {word!r}")
        pairs = [word[at : at + 2] for at in range(0, len(word), 2)]
        found += [pair if len(pair) == 2 else f"0{pair}" for pair in pairs]
    return found


def _byte(pair: str) -> str:
    high, low = pair[0].lower(), pair[1].lower()
    if (high, low) == ("x", "x"):
        return r"[\s\S]"
    if low == "x":
        return rf"[\x{high}0-\x{high}f]"
    if high == "x":
        return "[" + "".join(rf"\x{digit:x}{low}" for digit in range(16)) + "]"
    return rf"\x{pair.lower()}"
