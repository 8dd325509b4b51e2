"""mon.cf as a tree of blocks, each with its line.

Rule: nothing is judged here but the shape; `stated` says what the lines mean.
"""

from dataclasses import dataclass
from typing import NamedTuple

from monlvs.model.values import Problem


class Line(NamedTuple):
    """A logical line: where it starts, and its text without blanks around it.

    An empty text is a blank line, which ends a block.
    """

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """`name = value` at top level."""

    line: int
    name: str
    value: str


class PlacedWord(NamedTuple):
    """A word of a block that goes over several lines."""

    line: int
    word: str


@dataclass(frozen=True, slots=True)
class WordBlock:
    """`hostgroup` or `view`: a tag, and words over any number of lines."""

    line: int
    tag: str
    words: tuple[PlacedWord, ...]


@dataclass(frozen=True, slots=True)
class AliasBlock:
    """`alias`: a name, and lines of free text."""

    line: int
    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Directive:
    """A keyword and the rest of its line, without blanks around it."""

    line: int
    keyword: str
    rest: str


@dataclass(frozen=True, slots=True)
class Setting:
    """`VAR=value`: a variable for a service's programs; the value is as it stands."""

    line: int
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class PeriodBlock:
    """`period` with what follows the word, and its directives."""

    line: int
    rest: str
    directives: tuple[Directive, ...]


@dataclass(frozen=True, slots=True)
class ServiceBlock:
    """`service` with its directives, variables and periods."""

    line: int
    name: str
    directives: tuple[Directive, ...]
    variables: tuple[Setting, ...]
    periods: tuple[PeriodBlock, ...]


@dataclass(frozen=True, slots=True)
class WatchBlock:
    """`watch` with its services."""

    line: int
    tag: str
    services: tuple[ServiceBlock, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A whole file, with what is wrong with its shape."""

    assignments: tuple[Assignment, ...]
    groups: tuple[WordBlock, ...]
    views: tuple[WordBlock, ...]
    aliases: tuple[AliasBlock, ...]
    watches: tuple[WatchBlock, ...]
    comments: tuple[Line, ...]
    """With their `#`; what follows one on the next line is what it is about."""
    problems: tuple[Problem, ...]
