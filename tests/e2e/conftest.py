"""What a failing test of a whole LVS needs besides: the words of its daemons."""

from collections.abc import Iterator

import pytest

from monlvs.lab import Lab

SHOWN = 60
"""Lines of each program's output."""


@pytest.fixture(autouse=True)
def words_of_the_daemons(request: pytest.FixtureRequest) -> Iterator[None]:
    """Print the end of what was started in a lab; pytest shows it of failing tests."""
    yield
    for lab in request.node.funcargs.values():
        if isinstance(lab, Lab):
            for process in lab._started:
                lines = process.output().splitlines()[-SHOWN:]
                print("\n".join([f"--- {process.name}", *lines]))
