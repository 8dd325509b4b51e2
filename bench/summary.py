"""Medians and ratios of measurements, and whether the bars are held.

A ratio is the median of the ratios of each round: contenders take turns, so what
disturbs the machine for a while disturbs both sides of a ratio.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median

from bench.measurement import Cost, Measurement


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of some numbers, and how far they lie apart."""

    middle: float
    least: float
    most: float
    count: int


def spread(numbers: Iterable[float]) -> Spread:
    """Summarise at least one number."""
    values = sorted(numbers)
    if not values:
        raise ValueError("expected at least one number")
    return Spread(median(values), values[0], values[-1], len(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What must hold: a cost alone, or as a ratio to another contender's, is at most `limit`."""

    bench: str
    load: int
    contender: str
    against: str | None = None
    """Whose cost to divide by; None: the cost itself is what counts."""
    limit: float
    figure: str = "cpu_us"
    """`cpu_us`, `failed`, or a name in `Cost.more`."""

    def __str__(self) -> str:
        what = f"{self.bench} at {self.load:,}: {self.contender}, {self.figure}"
        if self.against is not None:
            return f"{what} ≤ {self.limit:g} of {self.against}'s"
        return f"{what} ≤ {self.limit:g}"


@dataclass(frozen=True, slots=True)
class Judged:
    """A bar and what was found."""

    bar: Bar
    found: Spread | None
    """None: it was not measured in this run."""

    @property
    def held(self) -> bool | None:
        """Whether the bar is held, or None when it was not measured."""
        return None if self.found is None else self.found.middle <= self.bar.limit


class Results:
    """Measurements by benchmark, load and contender."""

    def __init__(self, measurements: Iterable[Measurement]) -> None:
        self.measurements = tuple(measurements)
        self._costs: dict[tuple[str, int, str], dict[int, Cost]] = {}
        for each in self.measurements:
            key = each.bench, each.load, each.contender
            self._costs.setdefault(key, {})[each.round] = each.cost

    def benches(self) -> tuple[str, ...]:
        """Return the benchmarks, in the order of measuring."""
        return tuple(dict.fromkeys(bench for bench, _, _ in self._costs))

    def loads(self, bench: str) -> tuple[int, ...]:
        """Return the loads of a benchmark, smallest first."""
        return tuple(sorted({load for b, load, _ in self._costs if b == bench}))

    def contenders(self, bench: str, load: int) -> tuple[str, ...]:
        """Return who was measured, in the order of measuring."""
        return tuple(c for b, at, c in self._costs if (b, at) == (bench, load))

    def costs(self, bench: str, load: int, contender: str) -> dict[int, Cost]:
        """Return the costs by round; empty when there are none."""
        return self._costs.get((bench, load, contender), {})

    def figure(
        self, bench: str, load: int, contender: str, name: str = "cpu_us"
    ) -> Spread | None:
        """Summarise one figure of a contender, or None when there is none."""
        of = _figure(name)
        found = [of(cost) for cost in self.costs(bench, load, contender).values()]
        numbers = [number for number in found if number is not None]
        return spread(numbers) if numbers else None

    def ratio(
        self, bench: str, load: int, contender: str, against: str, name: str = "cpu_us"
    ) -> Spread | None:
        """Summarise the ratios of the rounds that both took part in."""
        of = _figure(name)
        ours = self.costs(bench, load, contender)
        theirs = self.costs(bench, load, against)
        ratios = []
        for number in ours.keys() & theirs.keys():
            over, under = of(ours[number]), of(theirs[number])
            if over is not None and under:
                ratios.append(over / under)
        return spread(ratios) if ratios else None

    def judge(self, bar: Bar) -> Judged:
        """Find out whether a bar is held."""
        at = bar.bench, bar.load, bar.contender
        if bar.against is None:
            return Judged(bar, self.figure(*at, bar.figure))
        return Judged(bar, self.ratio(*at, bar.against, bar.figure))


def _figure(name: str) -> Callable[[Cost], float | None]:
    def of(cost: Cost) -> float | None:
        if name in ("cpu_us", "per_second", "failed", "rss_kb"):
            return float(getattr(cost, name))
        return cost.more.get(name)

    return of
