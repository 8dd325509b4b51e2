"""How long the fuzzers go on, and what is told of them."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
MINUTES = float(os.environ.get("MINUTES", "10"))
"""For each of the four that strangers or edited files speak to; `make soak MINUTES=1`."""
MEMORY = 6_000_000 * 1024
"""Bytes of address space that a fuzzer may take."""

_DONE = re.compile(r"#(\d+)\s+DONE\s+cov: (\d+) .*? corp: (\d+)/")
_DRAWN = re.compile(r"^DONE (\d+) runs$", re.MULTILINE)
_HITS = re.compile(r"^TOTAL\s.*\s(\d+)%$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What came of one guided run."""

    runs: int
    paths: int
    """Edges of the instrumented modules that were taken."""
    inputs: int
    """Kept because each takes a path of its own."""

    def __str__(self) -> str:
        return f"{self.runs:,} runs, {self.paths} edges, {self.inputs} inputs kept"


def figures(log: str) -> Figures:
    """Read libFuzzer's last line; ValueError where it did not come to its end."""
    found = _DONE.findall(log)
    if not found:
        raise ValueError(f"expected a line with DONE in:\n{log[-4000:]}")
    runs, paths, inputs = map(int, found[-1])
    return Figures(runs=runs, paths=paths, inputs=inputs)


def drawn(log: str) -> int:
    """Read how many inputs were drawn; ValueError where it did not come to its end."""
    found = _DRAWN.search(log)
    if found is None:
        raise ValueError(f"expected a line with DONE in:\n{log[-4000:]}")
    return int(found[1])


def seconds(share: float = 1.0) -> float:
    """Return the seconds that a fuzzer goes on."""
    return max(60 * MINUTES * share, 2.0)


def lines_covered(report: str) -> int:
    """Read the percentage from the end of a report of coverage.py's."""
    found = _HITS.search(report)
    return int(found[1]) if found else 0
