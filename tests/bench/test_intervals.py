"""What is said of intervals that are kept, and of such that are not."""

import socket
import time

import pytest

from bench.intervals import PORT, Arrivals, exactness


def test_exact_intervals_are_off_by_nothing() -> None:
    rows = [[start + 5.0 * turn for turn in range(13)] for start in (0.25, 3.5)]

    assert exactness(rows, 5.0) == pytest.approx(
        {"off_p99_ms": 0, "off_most_ms": 0, "drift_ms": 0}
    )


def test_what_is_early_and_then_late_moves_nothing_in_the_end() -> None:
    found = exactness([[0.0, 0.99, 2.01, 3.0]], 1.0)

    assert found["off_most_ms"] == pytest.approx(20)
    assert found["drift_ms"] == pytest.approx(0, abs=1e-6)


def test_a_little_more_each_time_adds_up() -> None:
    found = exactness([[0.0, 1.0, 2.0], [0.0, 1.5, 3.0]], 1.0)

    assert found["off_most_ms"] == pytest.approx(500)
    assert found["drift_ms"] == pytest.approx(1000)


def test_who_was_connected_to_and_when_is_noted() -> None:
    before = time.monotonic()
    with Arrivals() as arrivals:
        for host in ("127.1.0.1", "127.1.0.2", "127.1.0.1"):
            with socket.create_connection((host, PORT), timeout=5) as connection:
                assert connection.recv(1) == b""
        after = time.monotonic()

    assert {host: len(row) for host, row in arrivals.times.items()} == {
        "127.1.0.1": 2,
        "127.1.0.2": 1,
    }
    assert all(before <= t <= after for row in arrivals.times.values() for t in row)
