"""What was read in one session of one row, and the file that such results are kept in."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.compared.readings import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A reading, with what it was read of."""

    row: str
    contender: str
    round: int
    reading: Reading


def write(path: Path, result: Result) -> None:
    """Append a result to a file of JSON lines."""
    with path.open("a") as lines:
        lines.write(json.dumps(asdict(result)) + "\n")


def load(path: Path) -> list[Result]:
    """Read a file of JSON lines; ValueError names the line that is none."""
    return list(_parsed(path.read_text().splitlines()))


def _parsed(lines: Iterable[str]) -> Iterator[Result]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
            values["reading"] = Reading(**values["reading"])
            yield Result(**values)
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"line {number}: expected a result: {error}") from error
