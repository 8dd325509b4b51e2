"""Durations in words."""

from datetime import timedelta

import pytest

from monlvs.model.span import span


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (59.6, "1 min"),
        (3600, "1 h"),
        (93_784, "1 d 2 h 3 min 4 s"),
        (864_000, "10 d"),
    ],
)
def test_parts_that_are_nothing_are_not_said(seconds: float, words: str) -> None:
    assert span(timedelta(seconds=seconds)) == words
