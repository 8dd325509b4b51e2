"""Monitor programs run for real: mon's own, and ones that misbehave."""

import os
from pathlib import Path

import pytest

from monlvs.model.result import NO_SUMMARY, Advice, AdviceKind, Reason, Result, Verdict
from monlvs.monitors.external import External
from monlvs.wire.monitor import Round, Runner
from monlvs.wire.process import Programs
from tests.monitors.loopback import LIMIT, SHORT, closed_port, serving, silence

MON = Path("/usr/lib/mon/mon.d")
HOSTS = ("127.0.0.1", "127.0.0.2")


def script(tmp_path: Path, body: str) -> str:
    """Write a program for sh, and return its path."""
    path = tmp_path / "test.monitor"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


async def run(
    monitor: External,
    *,
    hosts: tuple[str, ...] = HOSTS,
    timeout: float = LIMIT,
    environ: tuple[tuple[str, str], ...] = (),
) -> Result:
    """Make one check with a program, as the runtime does."""
    check = Round(hosts=hosts, timeout=timeout, environ=environ)
    outcome = await Programs().run(monitor.program(check))
    return monitor.judge(check, outcome)


def verdicts(result: Result) -> dict[str, Verdict]:
    return {host: outcome.verdict for host, outcome in result.outcomes}


def test_it_is_a_monitor_of_the_running_kind() -> None:
    assert isinstance(External(command="x"), Runner)


async def test_success_is_up_and_keeps_what_was_said(tmp_path: Path) -> None:
    result = await run(External(command=script(tmp_path, "echo fine; echo more")))
    assert (result.verdict, result.exit) == (Verdict.UP, 0)
    assert (result.summary, result.detail) == ("fine", "more\n")


async def test_the_hosts_on_line_1_are_down_and_the_others_up(tmp_path: Path) -> None:
    body = 'echo 127.0.0.2; echo "127.0.0.1 is named too late"; exit 3'
    result = await run(External(command=script(tmp_path, body)))
    assert (result.verdict, result.reason, result.exit) == (
        Verdict.DOWN,
        Reason.EXITED,
        3,
    )
    assert verdicts(result) == {"127.0.0.1": Verdict.UP, "127.0.0.2": Verdict.DOWN}
    assert result.output == "127.0.0.2\n127.0.0.1 is named too late\n"


async def test_a_failure_that_names_no_host_is_the_whole_groups(tmp_path: Path) -> None:
    result = await run(External(command=script(tmp_path, "echo 127.0.0.20; exit 1")))
    assert result.verdict is Verdict.DOWN
    assert result.outcomes == ()


@pytest.mark.parametrize("body", ["exit 1", "echo; echo second; exit 1"])
async def test_a_failure_without_a_summary_has_one(tmp_path: Path, body: str) -> None:
    result = await run(External(command=script(tmp_path, body)))
    assert result.summary == NO_SUMMARY
    assert NO_SUMMARY not in result.output


async def test_output_and_errors_are_one_stream(tmp_path: Path) -> None:
    body = "echo out; echo err >&2; exit 1"
    result = await run(External(command=script(tmp_path, body)))
    assert result.output == "out\nerr\n"


async def test_what_is_not_utf_8_is_shown_as_escapes(tmp_path: Path) -> None:
    result = await run(External(command=script(tmp_path, r"printf 'ol\351\n'; exit 1")))
    assert result.summary == "ol\\xe9"


async def test_arguments_and_environment_are_mons(tmp_path: Path) -> None:
    body = 'for w in "$@" "$MON_GROUP" "$HOME"; do echo "[$w]"; done; cat; exit 1'
    monitor = External(
        command=script(tmp_path, body), args=("-p", "two words", "$X;`x`")
    )
    result = await run(monitor, environ=(("MON_GROUP", "web"),))
    assert result.output.splitlines() == [
        "[-p]",
        "[two words]",
        "[$X;`x`]",
        "[127.0.0.1]",
        "[127.0.0.2]",
        "[web]",
        f"[{os.environ.get('HOME', '')}]",
    ]


async def test_a_program_that_wants_no_hosts_gets_none(tmp_path: Path) -> None:
    monitor = External(command=script(tmp_path, 'echo "$#"'), args=("x",), hosts=False)
    assert (await run(monitor)).summary == "1"


async def test_a_program_that_dies_by_a_signal_is_no_success(tmp_path: Path) -> None:
    result = await run(External(command=script(tmp_path, "echo said; kill -SEGV $$")))
    assert (result.verdict, result.reason) == (Verdict.INCONCLUSIVE, Reason.SIGNALLED)
    assert result.summary == "died by signal 11 (SIGSEGV)"
    assert result.detail == "said\n"
    assert result.exit == 128 + 11


async def test_a_program_that_hangs_has_failed_at_its_time_limit(
    tmp_path: Path,
) -> None:
    result = await run(
        External(command=script(tmp_path, "echo half; exec sleep 300")), timeout=SHORT
    )
    assert (result.verdict, result.reason) == (Verdict.DOWN, Reason.TIMED_OUT)
    assert result.summary == "still running after 0.3 s, ended"
    assert result.detail == "half\n"
    assert result.outcomes == ()


async def test_a_program_that_ignores_sigterm_has_failed_too(tmp_path: Path) -> None:
    body = "trap '' TERM; while :; do sleep 300; done"
    result = await run(External(command=script(tmp_path, body)), timeout=SHORT)
    assert (result.verdict, result.reason) == (Verdict.DOWN, Reason.TIMED_OUT)


async def test_a_program_that_takes_its_end_for_a_success_has_failed(
    tmp_path: Path,
) -> None:
    body = "trap 'exit 0' TERM; while :; do sleep 0.05; done"
    result = await run(External(command=script(tmp_path, body)), timeout=SHORT)
    assert (result.verdict, result.reason) == (Verdict.DOWN, Reason.TIMED_OUT)
    assert result.exit != 0


async def test_a_flood_is_cut_and_says_so(tmp_path: Path) -> None:
    body = "echo 127.0.0.1; head -c 3000000 /dev/zero | tr '\\0' x; exit 1"
    result = await run(External(command=script(tmp_path, body)))
    assert verdicts(result)["127.0.0.1"] is Verdict.DOWN
    assert len(result.output) < 70_000
    assert result.output.endswith("(the output was longer and is cut here)\n")


@pytest.mark.parametrize("command", ["/nonexistent/x.monitor", "no-such.monitor"])
async def test_a_program_that_is_missing_is_no_failure_of_the_hosts(
    command: str,
) -> None:
    result = await run(External(command=command))
    assert (result.verdict, result.reason) == (Verdict.INCONCLUSIVE, Reason.NOT_STARTED)
    assert "could not be started" in result.summary
    assert command in result.summary


async def test_a_file_that_is_no_program_is_no_failure_of_the_hosts(
    tmp_path: Path,
) -> None:
    path = script(tmp_path, "exit 0")
    Path(path).chmod(0o644)
    result = await run(External(command=path))
    assert result.reason is Reason.NOT_STARTED
    assert "Permission denied" in result.summary


async def test_mons_fping_monitor_says_nothing_of_hosts_that_answer() -> None:
    result = await run(External(command=str(MON / "fping.monitor")))
    assert (result.verdict, result.summary) == (Verdict.UP, "")


async def test_mons_tcp_monitor_tells_the_open_port_from_the_closed_one() -> None:
    async with serving(silence, host="127.0.0.2") as served:
        args = ("-p", str(served.port))
        result = await run(External(command=str(MON / "tcp.monitor"), args=args))
    assert verdicts(result) == {"127.0.0.1": Verdict.DOWN, "127.0.0.2": Verdict.UP}
    assert result.summary.split() == ["127.0.0.1"]
    assert "could not connect" in result.detail


async def test_mons_http_monitor_names_the_host_that_refuses() -> None:
    served = await closed_port()
    args = ("-p", str(served.port))
    result = await run(
        External(command=str(MON / "http.monitor"), args=args), hosts=HOSTS[:1]
    )
    assert verdicts(result) == {"127.0.0.1": Verdict.DOWN}


@pytest.mark.parametrize("command", ["", "a\0b"])
def test_a_command_has_to_be_one(command: str) -> None:
    with pytest.raises(ValueError, match="command: expected a path or name"):
        External(command=command)


@pytest.mark.parametrize(("code", "weight"), [(2, 0), (12, 10), (255, 253)])
async def test_a_dynamic_exit_sets_a_weight(
    tmp_path: Path, code: int, weight: int
) -> None:
    command = script(tmp_path, f"exit {code}")
    result = await run(External(command=command, dynamic=True))

    assert (result.verdict, result.exit) == (Verdict.UP, 0)
    assert {outcome.advice for _, outcome in result.outcomes} == {
        Advice(AdviceKind.WEIGHT, weight)
    }
    assert (await run(External(command=command))).verdict is Verdict.DOWN


@pytest.mark.parametrize(
    ("body", "verdict"), [("exit 0", Verdict.UP), ("exit 1", Verdict.DOWN)]
)
async def test_0_and_1_mean_what_they_always_do(
    tmp_path: Path, body: str, verdict: Verdict
) -> None:
    result = await run(External(command=script(tmp_path, body), dynamic=True))
    assert result.verdict is verdict
    assert result.outcomes == ()
