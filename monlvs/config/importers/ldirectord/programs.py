"""Programs of mon's that check what monlvs has no monitor for, and their arguments."""

from collections.abc import Callable, Mapping
from typing import Final

from monlvs.config.importers.ldirectord.words import Words

_Arguments = Callable[[Words, int], list[str]]


def _database(*first: str) -> _Arguments:
    def arguments(words: Words, port: int) -> list[str]:
        return [*first, f"--port={port}", *_options(words, "database")]

    return arguments


def _radius(words: Words, port: int) -> list[str]:
    return [f"--port={port}", *_options(words, "secret")]


def _options(words: Words, further: str) -> list[str]:
    spelled = (("login", "username"), ("passwd", "password"), (further, further))
    return [
        f"--{option}={value}"
        for word, option in spelled
        if (value := words.get(word)) is not None
    ]


PROGRAMS: Final[Mapping[str, tuple[str, _Arguments, str]]] = {
    "mysql": (
        "msql-mysql.monitor",
        _database("--mode", "mysql"),
        "connects and lists the databases; the SELECT is not made",
    ),
    "pgsql": (
        "postgresql.monitor",
        _database(),
        "connects to the database; the SELECT is not made",
    ),
    "radius": ("radius.monitor", _radius, "logs in"),
}
"""By service: the program, its arguments, and what it does in a few words."""
