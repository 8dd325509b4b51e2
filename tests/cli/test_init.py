"""The command as a whole: help, typing slips, streams, signals."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from monlvs.cli import COMMANDS, command
from tests.commandline import ROOT, argv, environment, monlvs, run, running


def found(*words: str) -> click.Command:
    """Return the command that `monlvs WORDS` calls."""
    here: click.Command = command
    for word in words:
        assert isinstance(here, click.Group)
        inner = here.get_command(click.Context(here), word)
        assert inner is not None
        here = inner
    return here


def every_command(*above: str) -> Iterator[tuple[str, ...]]:
    """Return the words of every command at and below this one."""
    yield above
    here = found(*above)
    if isinstance(here, click.Group):
        for name in here.list_commands(click.Context(here)):
            yield from every_command(*above, name)


@pytest.mark.parametrize("words", [*every_command()], ids=" ".join)
def test_the_help_shows_an_example_and_the_exit_statuses(
    words: tuple[str, ...],
) -> None:
    made = found(*words)

    text = re.sub(r"\s+", " ", made.get_help(click.Context(made)))

    assert f"monlvs {' '.join(words[:1]) or 'daemon'}" in text
    assert "Example" in text
    assert (isinstance(made, click.Group) and words) or "Exit status" in text


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_begins_as_their_help_does(name: str) -> None:
    does = COMMANDS[name][1]
    first = (found(name).help or "").split("\n\n")[0]

    assert does.split()[0] == first.split()[0]


def test_the_help_of_all_is_the_same_for_h_and_help() -> None:
    long, short = monlvs("--help"), monlvs("-h")

    assert long == short
    assert long.status == 0
    assert all(name in long.out for name in COMMANDS)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("statsu",), "No such command 'statsu'"),
        (("daemno",), "Did you mean 'daemon'?"),
        (("director", "shwo"), "Did you mean 'show'?"),
        (("daemon", "--confg", "x"), "--config"),
        (("daemon", "--log-level", "loud"), "'loud' is not one of"),
        (("lab", "up", "--kind", "vs-nat"), "'vs-nat' is not one of"),
        (("demo", "--seconds", "soon"), "'soon' is not a valid float"),
        (("demo", "--seconds", "-1"), "-1"),
        (("ack", "a/b", "why", "--for", "nanh"), "--for: expected a time"),
        (("ack", "a/b", "why", "--for", "-1h"), "--for: expected a time"),
        (("ack", "a/b"), "expected a reason"),
        (("check-config",), "Missing argument"),
        (("test-alert",), "Missing argument"),
        (("test-monitor",), "Missing argument"),
    ],
    ids=lambda x: " ".join(x) if isinstance(x, tuple) else "",
)
def test_a_slip_is_named_and_exits_with_2(words: tuple[str, ...], told: str) -> None:
    ended = monlvs(*words)

    assert ended.status == 2
    assert told in ended.err
    assert ended.out == ""


@pytest.mark.parametrize(
    "words", [("daemon", "-c"), ("check-config",), ("director", "apply", "-c")]
)
def test_a_configuration_that_cannot_be_read_is_named(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    for name in ("missing.toml", ".", "\udcff.toml", "a\nb.toml"):
        path = f"{tmp_path}/{name}"
        ended = monlvs(*words, path)

        assert ended.status == 2
        assert "cannot be read" in ended.text or "a directory" in ended.text


def test_what_nobody_reads_ends_the_command_quietly() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as out:
        done = subprocess.run(
            argv("--help"),
            stdout=out,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
        )

    assert (done.returncode, done.stderr) == (141, b"")


def test_a_full_disk_is_told_and_no_success() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            argv("check-config", "--schema"),
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
        )

    assert done.returncode == 1
    assert done.stderr == b"monlvs: No space left on device\n"


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_streams_that_are_closed_change_no_status(closed: str) -> None:
    line = f'exec "{sys.executable}" -m monlvs test-alert log {closed}'

    ended = run(["sh", "-c", line])

    assert ended.status == 0


def test_text_that_the_locale_cannot_spell_is_escaped() -> None:
    ended = monlvs("--help", env={"PYTHONIOENCODING": "ascii"})
    alert = monlvs(
        "test-alert", "-g", "zürich →", "log", env={"PYTHONIOENCODING": "ascii"}
    )

    assert (ended.status, alert.status) == (0, 0)
    assert "rich" in alert.out


def test_ctrl_c_ends_a_command_with_130(tmp_path: Path) -> None:
    started = tmp_path / "started"
    script = tmp_path / "slow.monitor"
    script.write_text(
        f"#!/bin/sh\necho $$ >{started}.new\nmv {started}.new {started}\nexec sleep 60\n"
    )
    script.chmod(0o755)
    words = argv(
        "test-monitor", "-t", "60", "-m", "external", "-o", f"command={script}", "x"
    )
    with running(words) as command:
        command.until(started.exists)
        pid = int(started.read_text())

        assert command.end(signal.SIGINT) == 130
        assert not Path(f"/proc/{pid}").exists()


HEAVY = (
    "aiohttp",
    "asyncssh",
    "aiosmtplib",
    "pyroute2",
    "pydantic",
    "rich",
    "apscheduler",
)


@pytest.mark.parametrize(
    "words",
    [("--help",), ("--version",), *((name, "--help") for name in COMMANDS)],
    ids=" ".join,
)
def test_help_imports_nothing_heavy(words: tuple[str, ...]) -> None:
    ended = run([sys.executable, "-X", "importtime", *argv(*words)[1:]], cwd=ROOT)
    imported = {
        line.rpartition("|")[2].strip().partition(".")[0]
        for line in ended.err.splitlines()
    }

    assert ended.status == 0
    assert imported.isdisjoint(HEAVY)
