"""One guest: it comes up, answers, goes down, and leaves nothing behind."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monlvs.lab import Guest, GuestOptions, LabError

pytestmark = pytest.mark.lab

NOBODY = 65534
SMALL = GuestOptions(memory=128)


@pytest.fixture(scope="module")
def guest() -> Iterator[Guest]:
    running = Guest.boot(SMALL)
    yield running
    running.close()


def descendants(pid: int) -> set[int]:
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text()
        except OSError:
            continue
        parents[int(folder.name)] = int(stat.rpartition(")")[2].split()[1])
    found = {pid}
    while new := {child for child, at in parents.items() if at in found} - found:
        found |= new
    return found - {pid}


def runs(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def wait_until_gone(pids: set[int], limit: float = 10.0) -> None:
    deadline = time.monotonic() + limit
    while any(map(runs, pids)):
        assert time.monotonic() < deadline, f"still there: {pids}"
        time.sleep(0.01)


def run(guest: Guest, *argv: str, timeout: float = 20.0, **more: object) -> dict:
    asked = guest.ask("run", host=None, argv=argv, timeout=timeout, **more)
    return asked.result(30)


def test_halting_leaves_no_process_and_no_folder_behind() -> None:
    before = descendants(os.getpid())
    running = Guest.boot(SMALL)
    started = descendants(os.getpid()) - before
    assert len(started) >= 2
    running.close()
    assert not any(Path(f"/proc/{pid}").exists() for pid in started)
    assert not running.folder.exists()


def test_a_program_that_dies_takes_its_guest_along() -> None:
    script = (
        "from monlvs.lab import Guest, GuestOptions\n"
        "g = Guest.boot(GuestOptions(memory=128))\n"
        "print(g.folder, flush=True)\n"
        "import signal; signal.pause()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": "."},
    ) as program:
        assert program.stdout is not None
        folder = Path(program.stdout.readline().strip())
        started = descendants(program.pid)
        program.kill()
    wait_until_gone(started)
    subprocess.run(["rm", "-r", folder], check=True)


def test_a_guest_is_killed_at_its_time_limit() -> None:
    def outlive() -> None:  # a busy machine may need all of it for the boot
        options = replace(SMALL, time_limit=6)
        with contextlib.closing(Guest.boot(options)) as running:
            with contextlib.suppress(LabError):
                run(running, "sleep", "60", timeout=60)
            assert not running.alive
            run(running, "true")

    before = descendants(os.getpid())
    with pytest.raises(LabError, match="killed at its time limit of 6 s"):
        outlive()
    assert descendants(os.getpid()) == before


def test_a_boot_that_fails_shows_the_end_of_the_console() -> None:
    with pytest.raises(LabError, match=r"(?s)ended by itself.*/nowhere/python"):
        Guest.boot(replace(SMALL, python="/nowhere/python"))


def test_a_boot_that_hangs_is_given_up(tmp_path: Path) -> None:
    idler = tmp_path / "idler"
    idler.write_text("#!/bin/sh\necho hanging\nsleep 100\n")
    idler.chmod(0o755)
    before = descendants(os.getpid())
    with pytest.raises(LabError, match=r"(?s)said nothing for 4 s.*hanging"):
        Guest.boot(replace(SMALL, python=str(idler), boot_limit=4))
    assert descendants(os.getpid()) == before


def test_a_command_returns_status_output_and_times(guest: Guest) -> None:
    before = guest.ask("clock").result()["now"]
    answer = run(guest, "sh", "-c", "cat; echo oops >&2; exit 7", stdin="given")
    assert answer["status"] == 7
    assert answer["stdout"] == "given"
    assert answer["stderr"] == "oops\n"
    assert before <= answer["began"] < answer["ended"] <= answer["now"]


def test_output_of_a_megabyte_comes_through(guest: Guest) -> None:
    answer = run(guest, "head", "-c", "1000000", "/dev/zero")
    assert answer["stdout"] == "\0" * 1_000_000


def test_input_of_a_megabyte_comes_through(guest: Guest) -> None:
    answer = run(guest, "wc", "-c", stdin="x" * 1_000_000)
    assert int(answer["stdout"]) == 1_000_000


def test_two_hundred_commands_at_once_all_get_their_own_answer(guest: Guest) -> None:
    words = [f"{number}-{'y' * 700}" for number in range(200)]
    asked = [
        guest.ask("run", host=None, argv=["echo", word], timeout=60) for word in words
    ]
    assert [answer.result(60)["stdout"].strip() for answer in asked] == words


def test_a_command_is_killed_at_its_time_limit_with_its_children(guest: Guest) -> None:
    answer = run(guest, "sh", "-c", "sleep 987 & echo up; wait", timeout=0.5)
    assert answer["timed_out"]
    assert answer["status"] == -signal.SIGKILL
    assert answer["stdout"] == "up\n"
    assert run(guest, "pgrep", "-f", "sleep 98[7]")["status"] == 1


def test_a_command_that_does_not_exist_is_an_error_with_its_name(guest: Guest) -> None:
    with pytest.raises(LabError, match="no-such-program"):
        run(guest, "no-such-program")


def test_the_host_s_files_are_safe_from_the_guest(guest: Guest, tmp_path: Path) -> None:
    answer = run(guest, "touch", str(tmp_path / "intruder"))
    assert answer["status"] != 0
    assert "Read-only" in answer["stderr"]
    assert run(guest, "touch", str(guest.folder / "welcome"))["status"] == 0
    assert (guest.folder / "welcome").exists()


def test_the_libraries_of_the_host_s_python_work_inside(guest: Guest) -> None:
    script = "import aiohttp, pydantic, pyroute2, monlvs; print(monlvs.__file__)"
    answer = run(guest, guest.options.python, "-c", script)
    assert answer["stdout"].endswith("/monlvs/__init__.py\n"), answer["stderr"]


def test_an_ordinary_user_can_boot_one() -> None:
    script = (
        "from monlvs.lab import Guest\n"
        "g = Guest.boot()\n"
        "a = g.ask('run', host=None, argv=['id', '-u'], timeout=9).result()\n"
        "print(a['stdout'].strip(), (g.folder / 'console').stat().st_uid)\n"
        "g.close()"
    )
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["cp", "-r", "monlvs", folder], check=True)
        subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
        done = subprocess.run(
            [*ordinary_python(), "-c", script],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.stdout, done.stderr) == (f"0 {os.getuid() or NOBODY}\n", "")


def ordinary_python() -> list[str]:
    # As root: become nobody, whom the folder of this interpreter may not admit.
    if os.getuid() != 0:
        return [sys.executable]
    ids = (f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    for python in (sys.executable, "/usr/bin/python3"):
        command = ["setpriv", *ids, python]
        check = "import os, sys; sys.exit(not os.access(sys.executable, os.X_OK))"
        tried = subprocess.run([*command, "-c", check], check=False)
        if tried.returncode == 0:
            return command
    raise AssertionError("no interpreter that an ordinary user may run")


def test_a_forked_program_that_fails_leaves_its_traceback(guest: Guest) -> None:
    program, log = guest.folder / "broken.py", guest.folder / "broken.log"
    program.write_text("import sys\nraise ValueError(sys.argv[1])\n")
    forked = guest.ask(
        "fork", host=None, program=str(program), arguments=["why"], log=str(log)
    ).result(10)
    ended = guest.ask("wait", pid=forked["pid"], timeout=10).result(20)
    assert ended["status"] == 1
    assert log.read_text().endswith("ValueError: why\n")


def test_a_forked_program_can_be_killed_at_once(guest: Guest) -> None:
    program, log = guest.folder / "idle.py", guest.folder / "idle.log"
    program.write_text("import time\nwhile True: time.sleep(9)\n")
    for _ in range(10):
        pid = guest.ask(
            "fork", host=None, program=str(program), arguments=[], log=str(log)
        ).result(10)["pid"]
        assert guest.ask("signal", pid=pid, signal=signal.SIGTERM).result(10)["sent"]
        ended = guest.ask("wait", pid=pid, timeout=10).result(20)
        assert ended["status"] == -signal.SIGTERM
