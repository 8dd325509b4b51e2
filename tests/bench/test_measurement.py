"""Results kept in files, and the bills that programs print."""

from pathlib import Path

import pytest

from bench.measurement import Cost, Measurement, cost_of, read, write

ONE = Measurement(
    bench="icmp",
    contender="monlvs",
    load=10_000,
    round=2,
    cost=Cost(cpu_us=4.5, per_second=5_000, failed=1, more={"core_percent": 2.0}),
    load_average=0.5,
)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"

    write(file, ONE)
    write(file, ONE)

    assert read(file) == [ONE, ONE]


@pytest.mark.parametrize("line", ["nonsense", "{}", '{"bench": "x", "cost": {}}'])
def test_a_line_that_is_no_measurement_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "results.jsonl"
    write(file, ONE)
    with file.open("a") as lines:
        lines.write(f"{line}\n")

    with pytest.raises(ValueError, match="line 2: expected a measurement"):
        read(file)


def test_a_bill_becomes_a_cost_with_its_further_figures() -> None:
    line = (
        '{"floor": "http", "mode": "open", "checks": 5, "failed": 2, "cpu_us": 25.5, '
        '"per_second": 900, "rss_kb": 1500}'
    )

    assert cost_of(line) == Cost(
        cpu_us=25.5, per_second=900, failed=2, rss_kb=1500, more={"checks": 5.0}
    )
