"""Comments of a mon.cf, each with the line that it is about: the next that says anything."""

import re
from bisect import bisect_right
from collections.abc import Iterable

from monlvs.mon.cfblocks import ServiceBlock, Tree

_SYNC = re.compile(r'#line \d+( ".*")?')
"""What m4 puts in; see `m4`."""
_FORBIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
"""What no comment of TOML may hold, and one of a mon.cf may."""


class Comments:
    """The comments of one file; each is taken once."""

    def __init__(self, tree: Tree) -> None:
        anchors = sorted(set(_lines(tree)))
        self._left: dict[int, list[str]] = {}
        self.count = 0
        for comment in tree.comments:
            if _SYNC.fullmatch(comment.text):
                continue
            self.count += 1
            at = bisect_right(anchors, comment.number)
            anchor = anchors[at] if at < len(anchors) else _end(anchors)
            self._left.setdefault(anchor, []).append(_printable(comment.text))

    def take(self, line: int) -> list[str]:
        """Return the comments about a line."""
        return self._left.pop(line, [])

    def take_between(self, first: int, last: int) -> list[str]:
        """Return what is left about the lines from `first` to `last`."""
        lines = sorted(line for line in self._left if first <= line <= last)
        return [text for line in lines for text in self.take(line)]

    def take_rest(self) -> list[str]:
        """Return whatever is left."""
        return [text for line in sorted(self._left) for text in self.take(line)]


def _printable(text: str) -> str:
    return _FORBIDDEN.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def _end(anchors: list[int]) -> int:
    return anchors[-1] + 1 if anchors else 0


def _lines(tree: Tree) -> Iterable[int]:
    yield from (each.line for each in tree.assignments)
    yield from (each.line for each in (*tree.groups, *tree.views))
    yield from (each.line for each in tree.aliases)
    for group in (*tree.groups, *tree.views):
        yield from (word.line for word in group.words)
    for watch in tree.watches:
        yield watch.line
        for service in watch.services:
            yield from _service_lines(service)


def _service_lines(service: ServiceBlock) -> Iterable[int]:
    yield service.line
    yield from (each.line for each in service.directives)
    yield from (each.line for each in service.variables)
    for period in service.periods:
        yield period.line
        yield from (each.line for each in period.directives)
