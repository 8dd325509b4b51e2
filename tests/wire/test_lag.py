"""When silence proves nothing."""

import pytest

from monlvs.wire.lag import is_late


@pytest.mark.parametrize(
    ("overdue", "timeout", "late"),
    [
        (0.0, 1.0, False),
        (0.2, 0.1, False),
        (0.21, 0.1, True),
        (0.25, 1.0, False),
        (0.26, 1.0, True),
        (2.0, 10.0, False),
        (2.6, 10.0, True),
    ],
)
def test_a_quarter_of_the_time_limit_is_tolerated(
    overdue: float, timeout: float, late: bool
) -> None:
    assert is_late(overdue, timeout) is late
