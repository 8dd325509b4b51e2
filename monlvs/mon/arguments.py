"""The words after a monitor's or an alert's name, parted into options and the rest.

The letters come from the plugin that would stand in for the program; where one is not
among them, the program is to run itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum


class Takes(Enum):
    """What follows an option."""

    FLAG = "nothing"
    VALUE = "a value"
    PERHAPS = "a value, unless the next word is an option or there is none"


@dataclass(frozen=True, slots=True)
class Arguments:
    """Words that were understood."""

    options: tuple[tuple[str, str | None], ...] = ()
    """Options in their order; None where one has no value."""
    rest: tuple[str, ...] = ()
    """What follows the options."""

    def has(self, name: str) -> bool:
        """Say whether an option was given."""
        return any(name == given for given, _ in self.options)

    def value(self, name: str) -> str | None:
        """Return the value of an option, the last one if it was given often."""
        values = [value for given, value in self.options if given == name]
        return values[-1] if values else None


def split_options(
    words: Sequence[str], letters: Mapping[str, Takes]
) -> Arguments | None:
    """Part words as Perl's Getopt does; None where one of them is not understood.

    Letters may stand together (`-ab`), and with their value (`-p80`). A name of several
    letters stands alone, after one dash or two, with its value behind `=` or in the
    next word. The first word that is no option, or the one after `--`, ends them.
    """
    options: list[tuple[str, str | None]] = []
    position = 0
    while position < len(words):
        word = words[position]
        if word == "--":
            position += 1
            break
        if len(word) < 2 or not word.startswith("-"):
            break
        following = words[position + 1] if position + 1 < len(words) else None
        read = _long(word, following, letters) or _short(word, following, letters)
        if read is None:
            return None
        found, used = read
        options += found
        position += used
    return Arguments(tuple(options), tuple(words[position:]))


_Read = tuple[list[tuple[str, str | None]], int]
"""Options, and how many words they took."""


def _long(
    word: str, following: str | None, letters: Mapping[str, Takes]
) -> _Read | None:
    name, sign, value = word.lstrip("-").partition("=")
    takes = letters.get(name)
    alone = len(name) > 1 or word.startswith("--")
    if takes is None or not alone or len(word) - len(word.lstrip("-")) > 2:
        return None
    if sign:
        return None if takes is Takes.FLAG else ([(name, value)], 1)
    return _with_following(name, takes, following)


def _short(
    word: str, following: str | None, letters: Mapping[str, Takes]
) -> _Read | None:
    options: list[tuple[str, str | None]] = []
    for index, letter in enumerate(word[1:], 2):
        takes = letters.get(letter)
        if takes is None:
            return None
        if takes is Takes.FLAG:
            options.append((letter, None))
        elif word[index:]:
            return [*options, (letter, word[index:])], 1
        else:
            read = _with_following(letter, takes, following)
            return None if read is None else ([*options, *read[0]], read[1])
    return options, 1


def _with_following(name: str, takes: Takes, following: str | None) -> _Read | None:
    match takes:
        case Takes.FLAG:
            return [(name, None)], 1
        case Takes.VALUE:
            return None if following is None else ([(name, following)], 2)
        case Takes.PERHAPS:
            if following is None or following.startswith("-"):
                return [(name, None)], 1
            return [(name, following)], 2
