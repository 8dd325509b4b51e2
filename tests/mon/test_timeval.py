"""Time values, as mon 1.3 took and refused them."""

from datetime import timedelta

import pytest

from monlvs.mon.timeval import parse_timeval, positive_timeval, whole_timeval


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5s", 5), ("5M", 300), ("1.5h", 5_400), ("2D", 172_800), ("007s", 7), ("0s", 0)],
)
def test_a_time_value_is_a_number_and_a_unit(text: str, seconds: float) -> None:
    assert parse_timeval(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    ["", "5", ".5m", "5 m", "0", "-5s", "1w", "1.s", "1..5s", "5s x", "5ss", "\u0665s",
     "99999999999999999999d", "9" * 5000 + "d"],
)  # fmt: skip
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_timeval(text)


def test_nothing_is_no_interval() -> None:
    with pytest.raises(ValueError, match="more than nothing"):
        positive_timeval("0.0s")


@pytest.mark.parametrize("text", ["4.5s", "5S", "5", ""])
def test_alertafter_takes_whole_numbers_and_small_letters_only(text: str) -> None:
    with pytest.raises(ValueError, match="whole number"):
        whole_timeval(text)
    assert whole_timeval("30m") == timedelta(minutes=30)
