"""What every test of a whole LVS leaves behind: the words of its daemons, and rest."""

from collections.abc import Iterator

import pytest

from monlvs.lab import Lab

SHOWN = 60
"""Lines of each program's output."""


@pytest.fixture(autouse=True)
def what_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Print the end of each program's output, which pytest shows of failing tests.

    Then end the programs: a worker may go on with another kind of lab, and a client that
    goes on visiting this one would take the others' time.
    """
    for name in request.fixturenames:
        if name.endswith("_lab"):
            request.getfixturevalue(name)  # begun before this, so it ends after this
    yield
    for lab in request.node.funcargs.values():
        if isinstance(lab, Lab):
            for process in lab._started:
                lines = process.output().splitlines()[-SHOWN:]
                print("\n".join([f"--- {process.name}", *lines]))
            lab.end_programs()
