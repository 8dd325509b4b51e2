"""`monlvs director` where there is no IPVS: plans, and trouble with an exit status."""

import json
from pathlib import Path

import pytest

from tests.commandline import monlvs, run, without_privileges
from tests.daemons import configuration, daemon, site

ODD = ["", "[]", '{"version": 9}', '{"ledger": 7}', '{"ledger": [{"key": 1}]}']


def test_a_plan_says_what_would_be_changed_and_exits_with_2(tmp_path: Path) -> None:
    path = str(configuration(tmp_path, 80))

    ended = monlvs("director", "plan", "-c", path, "--table", "memory")
    plain = monlvs("director", "plan", "-c", path, "--table", "memory", "--json")

    assert ended.status == plain.status == 2
    assert ended.out.startswith("ipvsadm -A -t 192.0.2.1:80 -s wlc    # ")
    assert [each["ipvsadm"][:2] for each in json.loads(plain.out)["changes"]] == [
        "-A",
        "-a",
    ]


@pytest.mark.parametrize(
    "words", [("--nope",), ("--table", "x"), ("-c", "/no/such"), ("-c", "/")]
)
def test_a_plan_that_cannot_be_made_is_not_taken_for_one(
    words: tuple[str, ...],
) -> None:
    assert monlvs("director", "plan", *words).status == 1


def test_a_server_that_was_down_is_left_out_of_a_plan(tmp_path: Path) -> None:
    with site() as web:
        web.status = 500
        path = configuration(tmp_path, web.port)
        with daemon(path) as monitor:
            monitor.until("untested → fail")
            assert monitor.end() == 0

    ended = monlvs("director", "plan", "-c", str(path), "--table", "memory")

    assert len(ended.out.splitlines()) == 1
    assert "-A -t 192.0.2.1" in ended.out


def test_a_start_makes_no_plan_that_was_agreed_upon(tmp_path: Path) -> None:
    path = str(configuration(tmp_path, 80))

    ended = monlvs("director", "apply", "-c", path, "--machine", "--plan", path)

    assert ended.status == 2
    assert "expected one of them" in ended.err


def test_a_clear_is_refused_while_a_daemon_runs(tmp_path: Path) -> None:
    with site() as web:
        path = configuration(tmp_path, web.port)
        with daemon(path) as monitor:
            monitor.until("untested → ok")
            ended = monlvs("director", "clear", "-c", str(path))
            assert monitor.end() == 0

    assert ended.status == 1
    assert f"a daemon (pid {monitor.process.pid}) keeps this table" in ended.err
    assert "systemctl stop monlvs" in ended.err


@pytest.mark.parametrize("text", ODD)
def test_a_state_that_is_not_understood_is_told_and_left(
    text: str, tmp_path: Path
) -> None:
    saved = tmp_path / "state" / "state.json"
    saved.parent.mkdir()
    saved.write_text(text)

    path = str(configuration(tmp_path, 80))
    ended = monlvs("director", "plan", "-c", path, "--table", "memory")

    assert ended.status == 2
    assert "monlvs: warning: " in ended.err
    assert saved.read_text() == text


@pytest.mark.parametrize("words", [("show",), ("plan",), ("apply",), ("clear",)])
def test_without_ipvs_or_the_privilege_it_says_so(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    path = str(configuration(tmp_path, 80))
    given = () if words == ("show",) else ("-c", path)

    ended = run(without_privileges("director", *words, *given))

    assert ended.status == 1
    assert ended.err.splitlines()[-1].startswith("monlvs: ")
    assert not (tmp_path / "state").exists()
