"""A real daemon, asked as an operator asks at 3 a.m."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from monlvs.cli import console

LIMIT = 30.0


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def monlvs(
    *words: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "monlvs", *words],
        capture_output=True,
        text=True,
        env={**os.environ, **(env or {})},
        timeout=LIMIT,
        check=False,
    )


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The state directory of a daemon with one server up (127.0.0.1) and one down."""
    folder = tmp_path_factory.mktemp("asked")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    Thread(target=server.serve_forever, daemon=True).start()
    config = folder / "mon_lvs.toml"
    config.write_text(
        f"""
[settings]
state_dir = "{folder}"
table = "memory"
spread = false
[[lvs]]
name = "web"
vip = "192.0.2.110:{server.server_port}"
kind = "dr"
servers = ["127.0.0.1", "127.0.0.7"]
check = "http"
interval = "200ms"
log = "{folder}/alert.log"
"""
    )
    command = [sys.executable, "-m", "monlvs", "daemon", "-c", str(config)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as daemon:
        wait_for(folder, "fail")
        yield folder
        daemon.terminate()
    server.shutdown()
    server.server_close()


def wait_for(folder: Path, status: str) -> dict[str, Any]:
    pause, deadline = Event(), time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        asked = monlvs("status", "--json", "--state-dir", str(folder))
        if asked.stdout:
            answer: dict[str, Any] = json.loads(asked.stdout)
            if {"ok", status} <= {s["status"] for s in answer["services"]}:
                return answer
        pause.wait(0.05)
    raise AssertionError(f"no service became {status}")


def test_status_says_which_real_server_is_out_and_exits_with_3(directory: Path) -> None:
    asked = monlvs("status", "--state-dir", str(directory))

    assert asked.returncode == 3
    assert "FAIL     web-127.0.0.7/http for" in asked.stdout
    assert "127.0.0.7 is down: Connection refused" in asked.stdout
    assert "OUT      TCP 192.0.2.110:" in asked.stdout
    assert "127.0.0.1" not in asked.stdout


def test_why_tells_what_was_found_and_what_followed(directory: Path) -> None:
    asked = monlvs("why", "127.0.0.7", "--state-dir", str(directory))

    assert asked.returncode == 0
    assert "web-127.0.0.7/http: untested → fail" in asked.stdout
    assert "host 127.0.0.7: unknown → down: refused" in asked.stdout
    assert "because web-127.0.0.7/http is down" in asked.stdout


def test_an_acknowledgement_is_shown_with_who_and_why_until_it_ends(
    directory: Path,
) -> None:
    words = ("web-127.0.0.7/http", "disk", "is", "full")
    done = monlvs("ack", *words, "--for", "1h", "--state-dir", str(directory))
    shown = monlvs("status", "--state-dir", str(directory)).stdout
    ended = monlvs("unack", words[0], "--state-dir", str(directory))

    assert (done.returncode, ended.returncode) == (0, 0)
    assert "disk is full]" in shown
    assert "acknowledged" not in monlvs("status", "--state-dir", str(directory)).stdout


def test_a_disabled_host_is_shown_until_it_is_checked_again(directory: Path) -> None:
    place = ("--state-dir", str(directory))
    done = monlvs("disable", "127.0.0.7", "new", "disk", "--for", "1h", *place)
    shown = monlvs("status", *place).stdout
    ended = monlvs("enable", "127.0.0.7", *place)

    assert (done.returncode, ended.returncode) == (0, 0)
    assert "127.0.0.7: disabled" in done.stdout
    (line,) = [line for line in shown.splitlines() if "DISABLED host" in line]
    assert re.fullmatch(
        r"DISABLED host 127\.0\.0\.7 by \S+ until [-0-9]+ [:0-9]+: new disk", line
    )
    assert "DISABLED" not in monlvs("status", *place).stdout


def test_of_many_hosts_some_are_named_and_the_others_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    hosts = {f"10.0.0.{n}": {"health": "down", "detail": "refused"} for n in range(30)}
    hosts["10.0.1.1"] = {"health": "up", "detail": ""}
    console._print_service(
        {
            "status": "fail",
            "service": "web/http",
            "failing_for": 7384.0,
            "inconclusive": 0,
            "acknowledged": None,
            "disabled": None,
            "hosts": hosts,
        }
    )

    first, *lines, last = capsys.readouterr().out.splitlines()
    assert first == "FAIL     web/http for 2 h 3 min 4 s"
    assert lines[0] == "           10.0.0.0 is down: refused"
    assert len(lines) == console.HOSTS
    assert last == f"           and {30 - console.HOSTS} more hosts; --json has all"


def test_times_are_those_of_the_clock_on_the_wall(directory: Path) -> None:
    def hour(zone: str) -> int:
        words = ("status", "--state-dir", str(directory))
        return int(monlvs(*words, env={"TZ": zone}).stdout[11:13])

    assert (hour("UTC-3") - hour("UTC")) % 24 in (3, 4)


def test_the_environment_may_name_the_state_directory(directory: Path) -> None:
    asked = monlvs("status", "--json", env={"MONLVS_STATE_DIR": str(directory)})

    assert len(json.loads(asked.stdout)["services"]) == 2


def test_the_configuration_may_name_the_daemon(directory: Path) -> None:
    elsewhere = {"MONLVS_STATE_DIR": f"{directory}/elsewhere"}
    asked = monlvs("status", "--json", "-c", f"{directory}/mon_lvs.toml", env=elsewhere)

    assert len(json.loads(asked.stdout)["services"]) == 2


def test_one_name_of_the_daemon_is_enough(directory: Path) -> None:
    config = f"{directory}/mon_lvs.toml"
    asked = monlvs("status", "--state-dir", "/nowhere", "-c", config)

    assert asked.returncode == 2
    assert asked.stderr == (
        f"monlvs: --state-dir /nowhere: the daemon of -c has {directory}; "
        "one of them is enough\n"
    )


def test_a_line_is_completed_whatever_its_configuration_is(tmp_path: Path) -> None:
    words = f"monlvs status -c {tmp_path}/none.toml --j"
    shell = {
        "_MONLVS_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": "4",
    }
    asked = monlvs(env=shell)

    assert (asked.stdout, asked.stderr) == ("plain,--json\n", "")


def test_a_configuration_that_cannot_be_read_is_no_question(tmp_path: Path) -> None:
    asked = monlvs("status", "-c", f"{tmp_path}/none.toml")

    assert (asked.returncode, asked.stdout) == (2, "")
    assert "none.toml: cannot be read: No such file or directory" in asked.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ack", "web-127.0.0.9/http", "why"), "did you mean web-127.0.0.7/http?"),
        (("why", "127.0.0.77"), "did you mean 127.0.0.7?"),
        (("ack", "web-127.0.0.1/http", "why"), "is not failing"),
        (("ack", "web/none", "why"), "no service web/none"),
        (("ack", "web-127.0.0.7/http"), "expected a reason"),
        (("ack", "web-127.0.0.7", "why"), "expected GROUP/SERVICE"),
        (("ack", "web-127.0.0.7/http", "why", "--for", "soon"), "expected a time"),
        (("disable", "10.9.9.9", "why"), "no host 10.9.9.9"),
        (("why", "nobody"), "nothing is known of 'nobody'"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    directory: Path, words: tuple[str, ...], said: str
) -> None:
    refused = monlvs(*words, "--state-dir", str(directory))

    assert refused.returncode in (1, 2)
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr


def test_where_no_daemon_runs_that_is_said(tmp_path: Path) -> None:
    asked = monlvs("status", "--state-dir", str(tmp_path))

    assert asked.returncode == 1
    assert f"no daemon answers in {tmp_path}" in asked.stderr
