"""Comments, each with the statement that it is about: the next, or that of its line."""

from bisect import bisect_left
from collections.abc import Iterable


class Remarks:
    """The comments of a text by the numbers of lines; each is taken once."""

    def __init__(
        self, comments: Iterable[tuple[int, str]], statements: Iterable[int]
    ) -> None:
        anchors = sorted(set(statements))
        self._left: dict[int, list[tuple[int, str]]] = {}
        self.taken = 0
        for at, text in comments:
            near = bisect_left(anchors, at)
            anchor = anchors[near] if near < len(anchors) else at
            self._left.setdefault(anchor, []).append((at, _spelled(text)))

    def take(self, first: int, last: int | None = None) -> list[str]:
        """Return what is left about the statements from `first` to `last`."""
        return [text for _, text in self._take(first, first if last is None else last)]

    def take_spaced(self, first: int, last: int) -> list[str]:
        """Return the same, with an empty line where something stands in between."""
        found = self._take(first, last)
        lines: list[str] = []
        for place, (at, text) in enumerate(found):
            if place and at > found[place - 1][0] + 1:
                lines.append("")
            lines.append(text)
        return lines

    def take_rest(self) -> list[str]:
        """Return whatever is left, spaced."""
        return self.take_spaced(min(self._left, default=0), max(self._left, default=0))

    def drop(self, first: int, last: int) -> None:
        """Forget the comments about statements that are not carried over."""
        for at in [at for at in self._left if first <= at <= last]:
            del self._left[at]

    def _take(self, first: int, last: int) -> list[tuple[int, str]]:
        found = [
            comment
            for at in sorted(self._left)
            if first <= at <= last
            for comment in self._left.pop(at)
        ]
        self.taken += len(found)
        return found


def _spelled(text: str) -> str:
    """Begin with the mark of TOML's comments, and leave out what those cannot have."""
    shown = "".join(c if c.isprintable() or c == "\t" else "?" for c in text)
    return f"#{shown.rstrip()}"
