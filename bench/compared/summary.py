"""Medians of results, and whether monlvs is the best or as good as it: pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

from bench.compared.contenders import OURS
from bench.compared.readings import Reading
from bench.compared.results import Result
from bench.summary import Spread, spread

MARGIN = 1.1
"""What is at most so much of the best is as good as it."""
GRAIN_SECONDS = 0.05
"""What is less behind than this cannot be told apart: the kernel's tick and the watcher's
looks are 10 ms each, and a fault strikes a few of them beside its place."""
GRAIN_REQUESTS = 1
"""Whether a request begins just before or after something is chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One contender in one row; infinite: never."""

    noticed: Spread
    repaired: Spread
    failed: Spread
    requests: Spread
    longest: float
    """Seconds that the longest window lasted."""

    @classmethod
    def of(cls, readings: Iterable[Reading]) -> "Figures":
        """Summarise at least one reading."""
        seen = tuple(readings)
        return cls(
            noticed=spread(_or_never(each.noticed) for each in seen),
            repaired=spread(_or_never(each.repaired) for each in seen),
            failed=spread(each.failed for each in seen),
            requests=spread(each.requests for each in seen),
            longest=max(each.longest for each in seen),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How monlvs did in a row, against the best of all others."""

    row: str
    seconds: bool | None
    """Whether it was in time: the best, or as good as it; None: not compared."""
    requests: bool | None
    """The same of failed requests."""

    @property
    def held(self) -> bool | None:
        """Both; None where nothing was compared."""
        if self.seconds is None or self.requests is None:
            return None
        return self.seconds and self.requests


class Comparison:
    """Results by row and contender."""

    def __init__(self, results: Iterable[Result]) -> None:
        self._readings: dict[tuple[str, str], dict[int, Reading]] = {}
        for each in results:
            of = self._readings.setdefault((each.row, each.contender), {})
            of[each.round] = each.reading

    @property
    def rounds(self) -> int:
        """The most rounds that anybody took part in."""
        return max((len(each) for each in self._readings.values()), default=0)

    def figures(self, row: str, contender: str) -> Figures | None:
        """Return what a contender did in a row, None when it was not there."""
        readings = self._readings.get((row, contender))
        return Figures.of(readings.values()) if readings else None

    def judge(self, row: str) -> Verdict:
        """Compare monlvs with the best of the others in a row."""
        ours = self.figures(row, OURS)
        others = [
            figures
            for key, contender in self._readings
            if key == row and contender != OURS
            for figures in [self.figures(row, contender)]
            if figures is not None
        ]
        if ours is None or not others:
            return Verdict(row=row, seconds=None, requests=None)
        repaired = min(each.repaired.middle for each in others)
        failed = min(each.failed.middle for each in others)
        return Verdict(
            row=row,
            seconds=as_good(ours.repaired.middle, repaired, GRAIN_SECONDS),
            requests=as_good(ours.failed.middle, failed, GRAIN_REQUESTS),
        )


def as_good(ours: float, best: float, grain: float) -> bool:
    """Whether a figure is the least, or not more than the margin or the grain above it."""
    return ours <= max(best * MARGIN, best + grain)


def _or_never(seconds: float | None) -> float:
    return inf if seconds is None else seconds
