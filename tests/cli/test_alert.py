"""`monlvs test-alert`: what would be sent, sending it, and slips."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.commandline import argv, environment, monlvs


def test_nothing_is_sent_without_being_asked(tmp_path: Path) -> None:
    file = tmp_path / "alert.log"
    seen = monlvs("test-alert", "-g", "LVS3", "-h", "10.1.1.2", "log", str(file))
    assert not file.exists()
    sent = monlvs("test-alert", "--send", "--up", "log", f"file={file}")

    assert (seen.status, sent.status) == (0, 0)
    assert " -s test -g LVS3 -h 10.1.1.2 -t " in seen.out
    assert "--send does it" in seen.err
    assert file.read_text() == sent.out
    assert " -u " in sent.out


def test_a_program_can_read_what_would_be_sent_and_whether_it_was(
    tmp_path: Path,
) -> None:
    file, line = tmp_path / "alert.log", ("-V", "192.168.1.1:23", "-R", "10.1.1.2:23")
    seen = monlvs("test-alert", "--json", "-h", "10.1.1.2", "log", str(file))
    shown = json.loads(seen.out)
    assert not file.exists()
    sent = monlvs("test-alert", "--json", "--send", "--up", "log", str(file))
    lost = monlvs("test-alert", "--json", "--send", "log", "/no/such/dir")
    guard = json.loads(monlvs("test-alert", "--json", "virtualserver", *line).out)

    assert (seen.status, sent.status, lost.status) == (0, 0, 1)
    assert (shown["kind"], shown["hosts"], shown["sent"]) == (
        "failure", ["10.1.1.2"], False,
    )  # fmt: skip
    assert (seen.err, sent.err) == ("", "")
    told = json.loads(sent.out)
    assert (told["kind"], told["sent"], told["trouble"]) == ("up", True, None)
    assert told["preview"] == file.read_text()
    assert (json.loads(lost.out)["sent"], "No such file" in lost.err) == (False, True)
    assert "No such file" in json.loads(lost.out)["trouble"]
    assert guard["destination"] is None
    assert guard["preview"] == "ipvsadm -d -t 192.168.1.1:23 -r 10.1.1.2:23\n"


def test_the_text_is_read_from_standard_input() -> None:
    mail = monlvs("test-alert", "mail", "root", stdin="hello\nworld\n")
    as_mon = monlvs("test-alert", "mail", "-u", "root", stdin="hello\n")

    assert "hello" in mail.out
    assert "UPALERT" not in mail.out
    assert mail.status == as_mon.status == 0


@pytest.mark.parametrize("evil", ["g\r\nBcc: x@y", "\x1b[31m", "\udcff\udcfe", "a\tb"])
def test_what_comes_from_outside_adds_no_header(evil: str) -> None:
    ended = monlvs("test-alert", "-g", evil, "-h", evil, "mail", "root", stdin=evil)

    headers = ended.out.partition("\n\n")[0]
    assert ended.status == 0
    assert "\nBcc:" not in headers
    assert "\x1b" not in ended.out


def test_a_text_without_an_end_is_cut() -> None:
    with subprocess.Popen(["yes"], stdout=subprocess.PIPE) as endless:
        done = subprocess.run(
            argv("test-alert", "log"),
            stdin=endless.stdout,
            capture_output=True,
            env=environment(),
            timeout=30,
            check=False,
        )
        endless.kill()

    assert done.returncode == 0
    assert b"the text is cut" in done.stderr


@pytest.mark.parametrize(
    ("words", "told", "status"),
    [
        (("mial", "root"), "there is no 'mial' (did you mean 'mail'?); there are: ", 2),
        (("mail",), "the option to is missing: to=VALUE", 2),
        (("mail", "root", "tls=maybe"), "expected one of", 2),
        (("mail", "root", "sevrer=x"), "did you mean 'server'?", 2),
        (("mail", "root", "-x"), "mail has no option 'x'", 2),
        (("log", "/a", "/b"), "log has no use for '/b'", 2),
        (("log", "relative"), "expected an absolute path", 2),
        (("virtualserver", "-V"), "-V wants an argument", 2),
        (("virtualserver", "-V", "x"), "expected ADDRESS", 2),
        (("external",), "the option command is missing: command=VALUE", 2),
        (("--send", "log", "/"), "Is a directory", 1),
        (("--send", "log", "/no/such/dir"), "No such file", 1),
        (("--send", "external", "/no/such"), "could not be started", 1),
        (
            ("--send", "mail", "root", "server=127.0.0.1:1", "tls=none"),
            "127.0.0.1:1",
            1,
        ),
        (
            ("--send", "virtualserver", "-V1.2.3.4:5", "-R1.2.3.5"),
            "it cannot be sent",
            2,
        ),
    ],
    ids=lambda x: " ".join(x) if isinstance(x, tuple) else "",
)
def test_what_is_wrong_is_said(words: tuple[str, ...], told: str, status: int) -> None:
    ended = monlvs("test-alert", *words)

    assert ended.status == status
    assert told in ended.err


def test_letters_are_those_of_mons_programs() -> None:
    line = ("-V", "192.168.1.1:23", "-R10.1.1.2:23", "-W", "3", "-B")
    down = monlvs("test-alert", "virtualserver", *line)
    up = monlvs("test-alert", "--up", "virtualserver", *line)

    assert down.status == up.status == 0
    assert "-d -t 192.168.1.1:23 -r 10.1.1.2:23" in down.out
    assert "-w 3" in up.out


def test_a_programs_arguments_are_its_own(tmp_path: Path) -> None:
    said = tmp_path / "said"
    program = tmp_path / "irc.alert"
    program.write_text(f'#!/bin/sh\necho "$@" >{said}\n')
    program.chmod(0o755)

    ended = monlvs("test-alert", "--send", "external", str(program), "-c", "lvs", "a=b")

    assert ended.status == 0
    assert said.read_text().rstrip().endswith("-c lvs a=b")


@pytest.mark.parametrize("word", ["--send", "--json", "--up"])
def test_an_option_of_its_own_after_the_name_is_told_its_place(word: str) -> None:
    ended = monlvs("test-alert", "mail", "root", word)

    assert (ended.status, ended.out) == (2, "")
    own = f"monlvs: {word} is test-alert's own: expected it before 'mail'\n"
    assert ended.err == own
