"""`monlvs lab` where it cannot be run, and where it is interrupted."""

import signal
import sys
import time
from pathlib import Path

import pytest

from tests.commandline import PATIENCE, argv, in_terminal, run, running

BOOT = 120.0
"""Seconds that a whole LVS may take to boot where others boot theirs."""
WITHOUT = """
import sys
from monlvs.cli import main
from monlvs.lab import kernel
kernel.SEARCH_PATH = "/nowhere"
sys.argv[0] = "monlvs"
main()
"""


@pytest.mark.parametrize("word", ["up", "demo"])
def test_what_is_missing_is_named_with_its_packages(word: str) -> None:
    command = [sys.executable, "-c", WITHOUT, "lab", word]

    ended = run(command, env={"PATH": "/nowhere"})

    assert ended.status == 1
    for name in ("linux.uml", "ipvsadm", "busybox", "apt install user-mode-linux"):
        assert name in ended.err


def processes_of(folder: Path) -> list[str]:
    """Return the command lines that name a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in line:
            found.append(line)
    return found


def wait_until_gone(folder: Path) -> None:
    """Wait until no process names a folder: the killed ones end when they can."""
    deadline = time.monotonic() + PATIENCE
    while left := processes_of(folder):
        assert time.monotonic() < deadline, left
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("word", ["up", "demo"])
def test_an_interrupted_boot_leaves_nothing_behind(
    word: str, number: signal.Signals, tmp_path: Path
) -> None:
    with running(argv("lab", word), env={"TMPDIR": str(tmp_path)}) as lab:
        lab.until(lambda: any("linux" in line for line in processes_of(tmp_path)))
        status = lab.end(number)

    assert status == (130 if number == signal.SIGINT else -15)
    wait_until_gone(tmp_path)


def test_ctrl_c_at_the_prompt_ends_the_lab(tmp_path: Path) -> None:
    env = {"TMPDIR": str(tmp_path)}
    with in_terminal(argv("lab", "up"), 80, 24, env=env) as lab:
        lab.until("lab> ", patience=BOOT)
        assert lab.end(signal.SIGINT) == 130
    wait_until_gone(tmp_path)
    left = {path.name.rstrip("0123456789") for path in tmp_path.iterdir()}
    assert left <= {"monlvs-lab-cores-"}  # the list of cores in use, for other labs
