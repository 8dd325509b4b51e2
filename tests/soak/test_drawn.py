"""hypothesis, for as long as the guided fuzzers: other inputs, and short ones."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.soak.fuzzers import FULL, run
from tests.soak.measuring import drawn, seconds

pytestmark = pytest.mark.soak


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", FULL)
def test_no_drawn_input_breaks_its_property(
    name: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    done = run("drawn", name, str(tmp_path), str(seconds()))
    found = [path.read_bytes() for path in (tmp_path / "found").iterdir()]
    assert done.returncode == 0, (found, done.stderr[-6000:])
    runs = drawn(done.stdout)
    record_property("figures", f"{name}, drawn: {runs:,} runs")
    assert runs >= 100
