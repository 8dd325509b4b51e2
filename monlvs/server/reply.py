"""What a client is answered: short replies whole, long lists while they are written."""

from collections.abc import Awaitable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

from monlvs.mon.escape import to_bytes
from monlvs.mon.replies import QUITTING, TERMINATING, Reply


@dataclass(frozen=True, slots=True)
class Stream:
    """A list that may be long: its lines are made one by one, and never all at once."""

    lines: Iterable[str]
    end: Reply
    """What ends it; it has no lines of its own."""


Answer: TypeAlias = Reply | Stream
Awaited: TypeAlias = Answer | Awaitable[Answer]


def encoded(answer: Answer) -> Iterator[bytes]:
    """Yield an answer's lines as they go over the wire."""
    match answer:
        case Stream(lines=lines, end=end):
            told: Iterable[str] = chain(lines, end.told)
        case _:
            told = answer.told
    for line in told:
        # A line end inside a line would be a second answer.
        yield to_bytes(line.replace("\r", " ").replace("\n", " ") + "\n")


def closes(answer: Answer) -> bool:
    """Return whether the connection ends with it."""
    return answer in (QUITTING, TERMINATING)
