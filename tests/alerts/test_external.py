"""Alert programs run for real: mon's own, and ones that misbehave."""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monlvs.alerts.external import External
from monlvs.model.plugin import Alert, AlertError, AlertKind
from tests.alerts.occasions import FAILURE, UP

MON = Path("/usr/lib/mon/alert.d")


def script(tmp_path: Path, body: str) -> str:
    """Write a program for sh that runs in `tmp_path`, and return its path."""
    path = tmp_path / "test.alert"
    path.write_text(f"#!/bin/sh\ncd {tmp_path}\n{body}\n")
    path.chmod(0o755)
    return str(path)


def test_it_is_an_alert() -> None:
    assert isinstance(External(command="x"), Alert)


async def test_words_variables_and_input_are_mons(tmp_path: Path) -> None:
    body = 'printf "[%s]" "$@" >words; cat >input; env >variables'
    alert = External(command=script(tmp_path, body), args=("-f", "two words", "$X;`x`"))
    await alert.send(replace(UP, variables=(("X_OWN", "1"),)))
    assert (tmp_path / "words").read_text() == (
        "[-s][http][-g][web][-h][10.1.1.2 10.1.1.3][-t][1714568403][-u]"
        "[-f][two words][$X;`x`]"
    )
    assert (tmp_path / "input").read_text() == UP.text
    told = (tmp_path / "variables").read_text().splitlines()
    assert {"MON_ALERTTYPE=up", "MON_RETVAL=0", "X_OWN=1"} <= set(told)
    assert f"PATH={os.environ['PATH']}" in told


async def test_the_next_alert_is_told_when_asked_for(tmp_path: Path) -> None:
    alert = External(command=script(tmp_path, 'echo "$@" >words'), next_alert=True)
    await alert.send(FAILURE)
    assert (tmp_path / "words").read_text().endswith("-l 1800\n")


async def test_the_exit_code_is_told_and_otherwise_ignored_as_mon_does(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    alert = External(command=script(tmp_path, "echo oops; exit 3"))
    await alert.send(FAILURE)
    assert "exited with 3: oops" in caplog.text


async def test_the_exit_code_counts_where_it_is_asked_for(tmp_path: Path) -> None:
    path = script(tmp_path, "echo oops; exit 3")
    with pytest.raises(AlertError, match="exited with 3: oops") as caught:
        await External(command=path, check_exit=True).send(FAILURE)
    assert not caught.value.lasting
    await External(command=script(tmp_path, "exit 0"), check_exit=True).send(FAILURE)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "echo half; exec sleep 300",
            "was still running after 0.3 s and was ended: half",
        ),
        ("trap '' TERM; while :; do sleep 300; done", "was still running"),
        ("trap 'exit 0' TERM; while :; do sleep 0.05; done", "was still running"),
    ],
)
async def test_a_program_that_does_not_end_is_ended_and_told(
    tmp_path: Path, body: str, message: str
) -> None:
    limit = timedelta(seconds=0.3)
    with pytest.raises(AlertError, match=message) as caught:
        await External(command=script(tmp_path, body), timeout=limit).send(FAILURE)
    assert not caught.value.lasting


async def test_a_program_that_dies_by_a_signal_is_told(tmp_path: Path) -> None:
    with pytest.raises(AlertError, match="died by signal 11") as caught:
        await External(command=script(tmp_path, "kill -SEGV $$")).send(FAILURE)
    assert not caught.value.lasting


@pytest.mark.parametrize("command", ["/nonexistent/x.alert", "no-such.alert"])
async def test_a_program_that_is_missing_is_told_at_once(command: str) -> None:
    with pytest.raises(AlertError, match="could not be started") as caught:
        await External(command=command).send(FAILURE)
    assert caught.value.lasting


async def test_a_program_may_leave_its_input_unread(tmp_path: Path) -> None:
    large = replace(FAILURE, text="x" * 1_000_000)
    await External(command=script(tmp_path, "exit 0"), check_exit=True).send(large)


async def test_an_output_of_any_size_reaches_the_program(tmp_path: Path) -> None:
    large = replace(FAILURE, text="é" * 500_000, previous_output="é" * 500_000)
    alert = External(command=script(tmp_path, "cat >input"), check_exit=True)
    await alert.send(large)
    assert (tmp_path / "input").read_bytes() == large.text.encode()


async def test_mons_file_alert_writes_what_it_writes_under_mon(tmp_path: Path) -> None:
    args = ("-d", str(tmp_path), "alerts")
    alert = External(command=str(MON / "file.alert"), args=args, check_exit=True)
    await alert.send(FAILURE)
    await alert.send(replace(FAILURE, kind=AlertKind.TRAP))
    lines = (tmp_path / "alerts").read_text().splitlines()
    assert lines[0].startswith("failure web http 1714564800 (Wed May 1 ")
    assert lines[0].endswith(" 10.1.1.2")
    assert lines[1:5] == [
        "DESCR=The shop",
        "OPSTATUS=0",
        "10.1.1.2: connection refused",
        ".",
    ]
    assert lines[5].startswith("trap web http ")


async def test_a_preview_is_a_command_that_does_the_same(tmp_path: Path) -> None:
    body = 'printf "[%s]" "$@" "$MON_LAST_SUMMARY" >>said; cat >>said'
    alert = External(command=script(tmp_path, body), args=("it's",))
    await alert.send(FAILURE)
    sent = (tmp_path / "said").read_text()
    (tmp_path / "said").unlink()
    shown = tmp_path / "shown"
    shown.write_text(f"#!/bin/sh\n{alert.preview(FAILURE)}")
    shown.chmod(0o755)
    await External(command=str(shown)).send(FAILURE)
    assert (tmp_path / "said").read_text() == sent


def test_the_command_with_its_words_is_the_destination() -> None:
    alert = External(command="page", args=("on call",))
    assert alert.destination == "program page 'on call'"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"command": ""}, "command: expected a path or name"),
        ({"command": "x", "timeout": timedelta(0)}, "timeout: expected a duration"),
    ],
)
def test_wrong_options_are_refused_in_a_sentence(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        External(**options)
