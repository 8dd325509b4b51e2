"""What every check goes through, compiled, does what its sources do."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commandline import ROOT

ALSO = ("tests/monitors", "tests/wire/test_tls.py")
"""Tests of what works with it all the time."""
NATIVE = ROOT / "build" / "native"
WHERE = "import monlvs.wire.sockets; print(monlvs.wire.sockets.__file__)"


def ran(*words: str | Path, cwd: Path) -> str:
    """Run a program to its end and return what it says, which is shown if it fails."""
    outer = ("PYTEST_", "MAKE", "MFLAGS", "PYTHONPATH")
    env = {k: v for k, v in os.environ.items() if not k.startswith(outer)}
    done = subprocess.run(
        words,
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def files_for_what_is_compiled() -> list[str]:
    modules = re.findall(r'"monlvs/(\w+)/(\w+)\.py"', (ROOT / "setup.py").read_text())
    found = {
        str(path.relative_to(ROOT))
        for package, module in modules
        for path in (ROOT / "tests" / package).glob(f"test_{module}*.py")
    }
    assert len(modules) > 20
    assert len(found) > 20
    return sorted(found)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_what_is_compiled_passes_the_tests_of_its_sources(tmp_path: Path) -> None:
    python = Path(sys.prefix, "bin", "python")

    ran("make", "native", f"VENV={sys.prefix}", cwd=ROOT)

    assert ran(python, "-c", WHERE, cwd=NATIVE).strip().endswith(".so")
    words = ("-m", "pytest", "-q", "-m", "not soak and not lab")
    files = files_for_what_is_compiled()
    ran(python, *words, *files, *ALSO, "-o", f"cache_dir={tmp_path}", cwd=NATIVE)


def test_what_is_lacking_for_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "pydantic.py").write_text("raise ImportError(name='pydantic')\n")

    told = subprocess.run(
        [sys.executable, "setup.py", "--version"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "MONLVS_COMPILE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 1
    assert told.stderr.startswith("MONLVS_COMPILE=1 needs pydantic: ")
    assert "Traceback" not in told.stderr
