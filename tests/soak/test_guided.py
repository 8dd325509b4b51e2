"""Fuzzers that look for new paths through what reads what others wrote.

`make soak MINUTES=1` shortens them. What they find is in `found` beside the corpus that
the failing test names; it becomes a test of the reader.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from tests.soak.fuzzers import FULL, run
from tests.soak.measuring import figures, lines_covered, seconds
from tests.soak.target import Target

pytestmark = pytest.mark.soak

SHARES = dict.fromkeys(FULL, 1.0) | dict.fromkeys(
    ("userfile", "toml", "rules", "statefile", "output", "httpreply"), 0.2
)


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", SHARES)
def test_no_input_breaks_its_property(
    name: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    done = run("guided", name, str(tmp_path), str(seconds(SHARES[name])))
    found = list((tmp_path / "found").iterdir())
    if done.returncode or found:
        pytest.fail(f"{found}\n{done.stderr[-6000:]}")

    target: Target = import_module(f"tests.soak.targets.{name}").TARGET
    reached = run("replaying", name, str(tmp_path))
    assert reached.returncode == 0, reached.stderr[-4000:]
    percent = lines_covered(reached.stdout)
    record_property(
        "figures",
        f"{name}, guided: {figures(done.stderr)}, {percent} % of the lines reached",
    )
    assert percent >= target.reached
