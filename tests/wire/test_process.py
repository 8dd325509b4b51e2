"""Real programs, the ill-behaved ones above all."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from monlvs.wire.process import Program, ProgramOutcome, Programs
from tests.wire.servers import descriptors

PATH = (("PATH", os.defpath),)


@pytest.fixture
async def programs() -> AsyncIterator[Programs]:
    engine = Programs()
    before = descriptors()
    yield engine
    await engine.close()
    assert descriptors() == before


def shell(directory: Path, text: str, **terms: Any) -> Program:
    """Write an executable script; only the test speaks to a shell."""
    path = directory / "check.sh"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    terms.setdefault("environ", PATH)
    terms.setdefault("timeout", 20.0)
    return Program(argv=(str(path), *terms.pop("words", ())), **terms)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


async def vanished(pid: int) -> bool:
    """Wait until a process that nobody here can wait for is gone."""
    async with asyncio.timeout(5):
        while is_alive(pid):
            await asyncio.sleep(0.01)
    return True


async def test_output_and_exit_code_are_reported(
    programs: Programs, tmp_path: Path
) -> None:
    script = 'echo "$1 $COLOUR"; echo to stderr >&2; exit 3'
    environ = (*PATH, ("COLOUR", "blue"))
    program = shell(tmp_path, script, words=("rs1 rs2",), environ=environ)
    outcome = await programs.run(program)

    assert outcome.exit == 3
    assert outcome.output == b"rs1 rs2 blue\nto stderr\n"
    assert (outcome.signal, outcome.error, outcome.timed_out) == (None, "", False)
    assert 0 < outcome.seconds < 10


async def test_a_name_is_looked_up_in_its_own_path(
    programs: Programs, tmp_path: Path
) -> None:
    shell(tmp_path, "echo found")
    environ = (("PATH", str(tmp_path)),)
    outcome = await programs.run(Program(argv=("check.sh",), environ=environ))

    assert outcome.output == b"found\n"


async def test_standard_input_is_what_was_given_or_nothing(
    programs: Programs, tmp_path: Path
) -> None:
    given = await programs.run(shell(tmp_path, "cat", stdin=b"x" * 300_000))
    nothing = await programs.run(shell(tmp_path, "cat; readlink /proc/self/fd/0"))

    assert (len(given.output), given.truncated) == (65_536, True)
    assert nothing.output == b"/dev/null\n"


async def test_the_environment_is_the_given_one_alone(
    programs: Programs, tmp_path: Path
) -> None:
    environ = (("MON_GROUP", "web"), *PATH)
    outcome = await programs.run(Program(argv=("env",), environ=environ))

    assert set(outcome.output.splitlines()) == {
        b"MON_GROUP=web",
        b"PATH=" + os.defpath.encode(),
    }


async def test_a_program_has_its_own_session_and_none_of_our_descriptors(
    programs: Programs, tmp_path: Path
) -> None:
    inherited = os.dup(0)
    os.set_inheritable(inherited, True)
    Programs()
    script = "echo $$ $(ps -o pgid=,sid= -p $$); readlink /proc/$$/fd/*"
    outcome = await programs.run(shell(tmp_path, script))
    os.close(inherited)
    first, *files = outcome.output.decode().splitlines()
    pid, pgid, sid = first.split()
    [output] = {file for file in files if file.startswith("pipe:")}

    assert pid == pgid == sid
    assert set(files) <= {"/dev/null", output, str(tmp_path / "check.sh")}


async def test_python_s_ignored_signals_are_not_handed_down(
    programs: Programs, tmp_path: Path
) -> None:
    outcome = await programs.run(shell(tmp_path, "grep SigIgn /proc/self/status"))

    ignored = int(outcome.output.split()[1], 16)

    assert not ignored & (1 << signal.SIGPIPE - 1 | 1 << signal.SIGXFSZ - 1)


async def test_a_signal_that_is_not_ours_is_told(
    programs: Programs, tmp_path: Path
) -> None:
    outcome = await programs.run(shell(tmp_path, "kill -SEGV $$"))

    assert (outcome.signal, outcome.exit) == (signal.SIGSEGV, None)
    assert not outcome.timed_out


NOT_STARTED = {
    "no such program": ("/nonexistent/x", "No such file or directory"),
    "no such name": ("no-such-check", "not found in"),
    "not executable": ("/etc/passwd", "Permission denied"),
    "a directory": ("/etc", "Permission denied"),
    "a NUL in a word": ("/bin/\0true", "embedded null byte"),
}


@pytest.mark.parametrize(("name", "words"), NOT_STARTED.values(), ids=NOT_STARTED)
async def test_what_cannot_be_started_is_an_outcome(
    programs: Programs, name: str, words: str
) -> None:
    outcome = await programs.run(Program(argv=(name,), environ=PATH))

    assert words in outcome.error
    assert (outcome.exit, outcome.signal) == (None, None)


async def test_a_file_that_is_no_program_is_not_given_to_a_shell(
    programs: Programs, tmp_path: Path
) -> None:
    path = tmp_path / "plain"
    path.write_text("echo hello\n")
    path.chmod(0o755)
    outcome = await programs.run(Program(argv=(str(path),), environ=PATH))

    assert outcome.error == f"{path}: Exec format error"


async def test_words_too_long_for_the_kernel_are_an_outcome(programs: Programs) -> None:
    environ = (*PATH, ("MON_LAST_OUTPUT", "x" * 300_000))
    outcome = await programs.run(Program(argv=("true",), environ=environ))

    assert "Argument list too long" in outcome.error


async def test_a_time_limit_is_kept(programs: Programs, tmp_path: Path) -> None:
    program = shell(tmp_path, "echo started; exec sleep 60", timeout=0.3)
    outcome = await programs.run(program)

    assert (outcome.timed_out, outcome.signal) == (True, signal.SIGTERM)
    assert outcome.output == b"started\n"
    assert 0.3 <= outcome.seconds < 0.6


async def test_a_program_that_ends_cleanly_on_sigterm_has_timed_out_all_the_same(
    programs: Programs, tmp_path: Path
) -> None:
    script = "trap 'echo bye; exit 0' TERM; while :; do sleep 0.05; done"
    outcome = await programs.run(shell(tmp_path, script, timeout=0.3))

    assert (outcome.timed_out, outcome.exit) == (True, 0)
    assert outcome.output.endswith(b"bye\n")


async def test_a_program_that_ignores_sigterm_is_killed(
    programs: Programs, tmp_path: Path
) -> None:
    script = "trap '' TERM; echo $$; while :; do sleep 0.05; done"
    outcome = await programs.run(shell(tmp_path, script, timeout=0.3, grace=0.2))

    assert (outcome.timed_out, outcome.signal) == (True, signal.SIGKILL)
    assert 0.5 <= outcome.seconds < 1
    assert await vanished(int(outcome.output))


async def test_grandchildren_are_ended_with_their_group(
    programs: Programs, tmp_path: Path
) -> None:
    script = "(trap '' TERM; exec sleep 60) & echo $!; exec sleep 60"
    outcome = await programs.run(shell(tmp_path, script, timeout=0.3, grace=0.2))

    assert outcome.timed_out
    assert await vanished(int(outcome.output))


async def test_grandchildren_that_hold_the_output_do_not_hold_up_the_result(
    programs: Programs, tmp_path: Path
) -> None:
    script = "sleep 60 & echo $!; exit 1"
    outcome = await programs.run(shell(tmp_path, script, grace=0.2))

    assert (outcome.exit, outcome.timed_out) == (1, False)
    assert outcome.seconds < 0.2
    assert await vanished(int(outcome.output))


async def test_grandchildren_that_let_go_of_the_output_live_on(
    programs: Programs, tmp_path: Path
) -> None:
    script = "sleep 60 >/dev/null 2>&1 & echo $!"
    outcome = await programs.run(shell(tmp_path, script))
    pid = int(outcome.output)
    try:
        assert (outcome.exit, is_alive(pid)) == (0, True)
    finally:
        os.kill(pid, signal.SIGKILL)


async def test_a_program_that_closes_its_output_and_hangs_is_ended(
    programs: Programs, tmp_path: Path
) -> None:
    script = "exec >&- 2>&-; exec sleep 60"
    outcome = await programs.run(shell(tmp_path, script, timeout=0.3))

    assert (outcome.timed_out, outcome.output) == (True, b"")


async def test_a_flood_is_read_but_not_kept(programs: Programs, tmp_path: Path) -> None:
    script = "echo first; head -c 20000000 /dev/zero"
    outcome = await programs.run(shell(tmp_path, script, output_limit=1000))

    assert (outcome.exit, outcome.truncated, len(outcome.output)) == (0, True, 1000)
    assert outcome.output.startswith(b"first\n")


async def test_an_endless_flood_ends_at_the_time_limit(
    programs: Programs, tmp_path: Path
) -> None:
    outcome = await programs.run(shell(tmp_path, "exec yes", timeout=0.3))

    assert (outcome.timed_out, outcome.truncated) == (True, True)
    assert outcome.seconds < 1


async def test_the_last_words_before_the_exit_are_not_lost(
    programs: Programs, tmp_path: Path
) -> None:
    program = shell(tmp_path, "head -c 60000 /dev/zero; echo end")
    outcomes = await asyncio.gather(*(programs.run(program) for _ in range(20)))

    assert {outcome.output[60_000:] for outcome in outcomes} == {b"end\n"}


async def test_no_more_than_the_limit_run_at_a_time(tmp_path: Path) -> None:
    programs = Programs(limit=2)
    program = shell(tmp_path, "exec sleep 0.2")
    started = time.monotonic()
    outcomes = await asyncio.gather(*(programs.run(program) for _ in range(6)))

    assert {outcome.exit for outcome in outcomes} == {0}
    assert time.monotonic() - started >= 0.6


async def test_a_program_that_gets_no_turn_is_not_started(tmp_path: Path) -> None:
    programs = Programs(limit=1)
    mark = tmp_path / "mark"
    hog = Program(argv=("sleep", "1"), environ=PATH)
    late = Program(argv=("touch", str(mark)), environ=PATH, timeout=0.1)
    _, outcome = await asyncio.gather(programs.run(hog), programs.run(late))

    assert outcome == ProgramOutcome(error="waited 0.1 s for its turn", seconds=0.1)
    assert not mark.exists()


async def starts(tmp_path: Path, many: int, words: str) -> list[float]:
    """Run so many programs at once on one processor; return when each was started."""
    programs = Programs()
    program = shell(tmp_path, f"date +%s.%N; {words}")
    outcomes = await asyncio.gather(*(programs.run(program) for _ in range(many)))
    return sorted(float(outcome.output) for outcome in outcomes)


async def test_programs_of_one_moment_are_started_in_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0})

    first, *_, last = await starts(tmp_path, 4, "exec sleep 0.5")
    assert last - first >= 0.1

    short, *_, latest = await starts(tmp_path, 4, ":")
    assert latest - short < last - first


async def test_of_many_that_sleep_none_waits_long_for_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0})

    first, *_, last = await starts(tmp_path, 32, "exec sleep 3")

    assert last - first < 1.3  # one after the other would take 1.6 s


async def test_cancelling_kills_the_group(programs: Programs, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    program = shell(
        tmp_path, f"echo $$ > {mark}.new; mv {mark}.new {mark}; sleep 60; :"
    )
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(programs.run(program))
        async with asyncio.timeout(5):
            while not mark.exists():
                await asyncio.sleep(0.01)
        running.cancel()

    assert await vanished(int(mark.read_text()))


async def test_closing_ends_what_runs_and_says_so(tmp_path: Path) -> None:
    before = descriptors()
    programs = Programs()
    stubborn = shell(tmp_path, "trap '' TERM; while :; do sleep 0.05; done", grace=0.2)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(programs.run(stubborn))
        while not programs.running:
            await asyncio.sleep(0)
        await programs.close()
        outcome = await running

    assert (outcome.stopped, outcome.timed_out) == (True, False)
    assert outcome.signal in (signal.SIGKILL, signal.SIGTERM)
    assert (await programs.run(stubborn)).stopped
    assert descriptors() == before
