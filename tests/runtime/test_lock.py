"""One daemon per state directory, told apart by a lock that dies with its process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from monlvs.runtime.lock import LOCK_FILE, LockedError, hold, holder

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys
from pathlib import Path
from monlvs.runtime.lock import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_nobody_else_holds_what_is_held(tmp_path: Path) -> None:
    with hold(tmp_path):
        with pytest.raises(LockedError) as caught, hold(tmp_path):
            pass

        assert caught.value.pid == os.getpid()
        assert holder(tmp_path) == os.getpid()
    assert holder(tmp_path) is None


def test_a_directory_without_a_lock_has_no_holder(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    assert holder(tmp_path / "missing") is None


def test_a_holder_that_has_not_told_its_pid_is_known_to_be_there(
    tmp_path: Path,
) -> None:
    with hold(tmp_path):
        (tmp_path / LOCK_FILE).write_text("")

        assert holder(tmp_path) == 0


def test_a_lock_ends_with_the_process_that_held_it(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert holder(tmp_path) == process.pid
        os.kill(process.pid, signal.SIGKILL)

    with hold(tmp_path):
        assert holder(tmp_path) == os.getpid()


def test_a_directory_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), hold(tmp_path / "missing"):
        pass


def test_a_lock_that_says_nonsense_has_a_holder_without_a_pid(tmp_path: Path) -> None:
    with hold(tmp_path):
        for nonsense in (b"\xff\xfe", "²".encode(), b"9" * 5000, b"-1"):
            (tmp_path / LOCK_FILE).write_bytes(nonsense)

            assert holder(tmp_path) == 0


def test_a_lock_belongs_to_whose_directory_it_is(tmp_path: Path) -> None:
    directory = tmp_path / "state"
    directory.mkdir()
    if os.geteuid() == 0:
        os.chown(directory, 65534, 65534)
    with hold(directory):
        pass

    owner = directory.stat()
    assert (directory / LOCK_FILE).stat().st_uid == owner.st_uid
