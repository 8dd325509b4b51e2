"""Collects what is wrong with a configuration, each finding with its place."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from monlvs.config.positions import Path, Positions, dotted
from monlvs.model.values import Place, Problem

_FEW = 20
"""Known words that are listed even where one of them was probably meant."""


class Findings:
    """The problems of one file, placed by key path."""

    def __init__(
        self,
        file: str,
        positions: Positions | Callable[[], Positions],
        document: Mapping[str, Any] | None = None,
    ) -> None:
        """Place what is found by `positions`, or by what looks for them when needed.

        `document` is what the file says, by key path.
        """
        self._file = file
        self._find = positions
        self._document = document or {}
        self._problems: dict[tuple[Path, str], Problem] = {}

    def error(self, path: Path, message: str, *, at_key: bool = False) -> None:
        """Note what makes the configuration unusable, at the value (or key) of `path`."""
        self._add(path, message, at_key=at_key, warning=False)

    def warning(self, path: Path, message: str, *, at_key: bool = False) -> None:
        """Note what is odd, and works."""
        self._add(path, message, at_key=at_key, warning=True)

    def stated(self, *paths: Path) -> Path:
        """Return the first of `paths` that the file has, else the last."""
        return next((p for p in paths if _has(self._document, p)), paths[-1])

    def reported(self, path: Path) -> bool:
        """Say whether an error was noted at `path` or inside it."""
        return any(
            known[: len(path)] == path and not problem.warning
            for (known, _), problem in self._problems.items()
        )

    @property
    def failed(self) -> bool:
        """Whether any error was noted."""
        return any(not problem.warning for problem in self._problems.values())

    def problems(self) -> tuple[Problem, ...]:
        """Return all of them in the order of the file."""
        return tuple(
            sorted(
                self._problems.values(),
                key=lambda p: (p.place.line or 0, p.place.column or 0),
            )
        )

    def _add(self, path: Path, message: str, *, at_key: bool, warning: bool) -> None:
        place = self._place(path, at_key=at_key)
        problem = Problem(place=place, message=message, warning=warning)
        self._problems.setdefault((path, message), problem)

    def _place(self, path: Path, *, at_key: bool) -> Place:
        if not isinstance(self._find, Positions):
            self._find = self._find()
        known = self._find
        position = known.key(path) if at_key else known.value(path)
        return Place(
            file=self._file,
            line=position.line if position else None,
            column=position.column if position else None,
            key=dotted(path),
        )


def _has(document: Any, path: Path) -> bool:
    for part in path:
        match document:
            case Mapping() if part in document:
                document = document[part]
            case list() if isinstance(part, int) and part < len(document):
                document = document[part]
            case _:
                return False
    return True


def choices(word: str, known: list[str]) -> str:
    """Say what was expected instead of `word`: the nearest known word, else all of them."""
    close = get_close_matches(word.lower(), known, n=1)
    if close and len(known) > _FEW:
        return f"did you mean {close[0]!r}?"
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"{hint}expected {'one of ' if len(known) > 1 else ''}{', '.join(known)}"
