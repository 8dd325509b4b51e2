"""The small spellings, and what is said of those that are wrong."""

from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.config import scalars
from monlvs.model.watch import (
    AfterCount,
    AfterCountWithin,
    AfterDuration,
    AlertEvery,
    AlertEveryMode,
    ExitRange,
)

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("15s", 15), ("500ms", 0.5), ("2m", 120), ("1.5h", 5400), ("1d", 86_400),
     ("5M", 300), ("0s", 0), ("0.25s", 0.25), ("250MS", 0.25)],
)  # fmt: skip
def test_durations(text: str, seconds: float) -> None:
    assert scalars.duration(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["0s", "1ms", "9.9ms", "0.0001s"])
def test_an_interval_leaves_time_for_something_else(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        scalars.interval(text)


@given(st.integers(0, 10**5), st.sampled_from(["ms", "s", "m", "h"]))
def test_a_duration_is_its_number_times_its_unit(number: int, unit: str) -> None:
    unit_seconds = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[unit]
    expected = timedelta(seconds=number * unit_seconds)
    assert scalars.duration(f"{number}{unit}") == expected


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (3, AfterCount(3)),
        ("3", AfterCount(3)),
        ("5m", AfterDuration(300 * SECOND)),
        ("3 30m", AfterCountWithin(3, 1800 * SECOND)),
    ],
)
def test_alertafter_has_three_forms(value: object, read: object) -> None:
    assert scalars.alertafter(value) == read


def test_alertevery_may_have_a_mode() -> None:
    assert scalars.alertevery("1h") == AlertEvery(interval=3600 * SECOND)
    strict = AlertEvery(interval=60 * SECOND, mode=AlertEveryMode.STRICT)
    assert scalars.alertevery("1m strict") == strict


@pytest.mark.parametrize(
    ("value", "read"), [(2, (2, 2)), ("2", (2, 2)), ("0", (0, 0)), ("2-255", (2, 255))]
)
def test_exit_codes(value: object, read: tuple[int, int]) -> None:
    assert scalars.exits(value) == ExitRange(*read)


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [
        ("10.1.1.2:80", "10.1.1.2", 80),
        ("10.1.1.2", "10.1.1.2", None),
        ("[fd00::2]:80", "fd00::2", 80),
        ("[fd00::2]", "fd00::2", None),
        ("fd00::2", "fd00::2", None),
    ],
)
def test_endpoints(text: str, address: str, port: int | None) -> None:
    assert scalars.endpoint(text) == (ip_address(address), port)


@pytest.mark.parametrize(
    ("value", "length"),
    [(24, 24), (1, 1), (128, 128), ("255.255.255.0", 24), ("255.255.255.255", 32)],
)
def test_netmasks(value: object, length: int) -> None:
    assert scalars.netmask(value) == length


READERS: list[Callable[[Any], Any]] = [
    scalars.duration, scalars.positive_duration, scalars.alertafter, scalars.alertevery,
    scalars.exits, scalars.endpoint, scalars.address, scalars.netmask, scalars.name,
]  # fmt: skip
ANYTHING = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    | st.text("0123456789smhd.-:[] /")
    | st.lists(st.integers()) | st.dictionaries(st.text(), st.integers())
)  # fmt: skip


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
@given(value=ANYTHING)
def test_a_reader_reads_or_says_what_it_expected(
    reader: Callable[[Any], Any], value: object
) -> None:
    complaint = "expected"
    try:
        reader(value)
    except ValueError as error:
        complaint = str(error)
    assert "expected" in complaint
