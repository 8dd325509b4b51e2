"""One measured run of one contender, and the file that such runs are kept in."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a contender did and what that took."""

    cpu_us: float
    """Microseconds of user and system time per completed operation."""
    per_second: float
    """Completed operations per second of wall time."""
    failed: int = 0
    """Operations that went wrong."""
    rss_kb: int = 0
    """Resident memory of all its processes at the end."""
    more: dict[str, float] = field(default_factory=dict)
    """Figures that only this kind of benchmark has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A cost, with what it was measured of."""

    bench: str
    contender: str
    load: int
    """What was asked: checks per second, hosts, services or checks in flight."""
    round: int
    cost: Cost
    load_average: float = 0.0


def write(path: Path, measurement: Measurement) -> None:
    """Append a measurement to a file of JSON lines."""
    with path.open("a") as lines:
        lines.write(json.dumps(asdict(measurement)) + "\n")


def read(path: Path) -> list[Measurement]:
    """Read a file of JSON lines; ValueError names the line that is none."""
    return list(_parsed(path.read_text().splitlines()))


def _parsed(lines: Iterable[str]) -> Iterator[Measurement]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
            values["cost"] = Cost(**values["cost"])
            yield Measurement(**values)
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"line {number}: expected a measurement: {error}"
            ) from error


def cost_of(line: str) -> Cost:
    """Read the bill that a floor or driver program prints."""
    bill = json.loads(line)
    known = ("cpu_us", "per_second", "failed", "rss_kb")
    numbers = {k: v for k, v in bill.items() if isinstance(v, int | float)}
    return Cost(
        cpu_us=float(bill["cpu_us"]),
        per_second=float(bill["per_second"]),
        failed=int(bill.get("failed", 0)),
        rss_kb=int(bill.get("rss_kb", 0)),
        more={k: float(v) for k, v in numbers.items() if k not in known},
    )
