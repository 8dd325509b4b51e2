"""Fuzzers that look for new paths through what reads what others wrote.

`make soak MINUTES=1` shortens them. What they find is in `found` beside the corpus that
the failing test names; it becomes a test of the reader.
"""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.soak.measuring import MEMORY, ROOT, figures, lines_covered, seconds

pytestmark = pytest.mark.soak

FULL = ("moncf", "protocol", "trap", "authcf")
"""Those that strangers speak to, or that people write."""
SHARES = dict.fromkeys(FULL, 1.0) | dict.fromkeys(
    ("userfile", "toml", "rules", "statefile", "output", "httpreply"), 0.2
)


def _limited() -> None:
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _run(module: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", f"tests.soak.{module}", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        preexec_fn=_limited,
    )


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", SHARES)
def test_no_input_breaks_its_property(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("atheris", reason="atheris has no wheel for this Python")
    done = _run("guided", name, str(tmp_path), str(seconds(SHARES[name])))
    found = list((tmp_path / "found").iterdir())
    assert done.returncode == 0, (found, done.stderr[-6000:])
    assert not found

    reached = _run("replaying", name, str(tmp_path))
    assert reached.returncode == 0, reached.stderr[-4000:]
    percent = lines_covered(reached.stdout)
    with capsys.disabled():
        print(f"\n{name}: {figures(done.stderr)}, {percent} % of the lines reached")
    assert percent >= 60
