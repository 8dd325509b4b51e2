"""`monlvs check-config`, as people run it."""

import json
import subprocess
import sys
from pathlib import Path

from tests.config.spelled import lvs
from tests.config.uncommented import SHIPPED


def check(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "monlvs", "check-config", *words],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_good_file_is_fine() -> None:
    done = check(str(SHIPPED))

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"{SHIPPED}: 6 services, 2 virtual services, 6 guards: fine\n"
    )


def test_warnings_alone_are_printed_and_fine(tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    path.write_text(lvs(timeout='"20s"'))
    done = check(str(path))

    assert done.returncode == 0
    assert done.stdout.startswith(
        f"{path}:10:11: lvs[0].timeout: warning: timeout (20s)"
    )


def test_every_problem_is_printed_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(lvs(kind='"nta"', rise="0"))
    done = check(str(path))

    assert (done.returncode, done.stderr) == (2, "")
    assert [line.split(": ")[:2] for line in done.stdout.splitlines()] == [
        [f"{path}:7:8", "lvs[0].kind"],
        [f"{path}:10:8", "lvs[0].rise"],
    ]


def test_problems_as_json(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(lvs(rise="0"))
    done = check(str(path), "--json")

    assert done.returncode == 2
    assert json.loads(done.stdout) == {
        "valid": False,
        "problems": [
            {
                "file": str(path),
                "line": 10,
                "column": 8,
                "key": "lvs[0].rise",
                "message": "expected 1 or more, not 0",
                "warning": False,
            }
        ],
    }


def test_the_schema_is_json() -> None:
    done = check("--schema")

    assert done.returncode == 0
    assert json.loads(done.stdout)["type"] == "object"


def test_without_a_file_the_usage_is_told() -> None:
    done = check()

    assert done.returncode == 2
    assert "Missing argument 'FILE'" in done.stderr


def test_a_name_of_a_file_that_no_terminal_can_show(tmp_path: Path) -> None:
    done = check(str(tmp_path / "\udcff.toml"))

    assert done.returncode == 2
    assert "Traceback" not in done.stdout + done.stderr
