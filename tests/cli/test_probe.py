"""`monlvs test-monitor`: hosts up, down, silent, nameless, many."""

import json
import socket
from pathlib import Path

import pytest

from tests.commandline import argv, monlvs, run
from tests.daemons import configuration, site


def test_hosts_that_are_up_are_passed_over_in_silence() -> None:
    with site() as web:
        words = ("-m", "http", "-o", f"port={web.port}", "127.0.0.1", "127.0.0.1")
        ended = monlvs("test-monitor", *words)
        told = monlvs("test-monitor", "-v", *words)

    assert (ended.status, ended.text) == (0, "")
    assert told.out.startswith("127.0.0.1: up (")
    assert len(told.out.splitlines()) == 1


def test_the_first_line_names_who_is_down_and_the_next_say_why() -> None:
    with site() as web:
        words = ("-m", "tcp", "-o", f"port={web.port}", "127.0.0.1", "127.0.0.2")
        ended = monlvs("test-monitor", *words)
        plain = monlvs("test-monitor", "--json", *words)

    assert ended.status == plain.status == 1
    assert ended.out.splitlines() == ["127.0.0.2", "127.0.0.2: connection refused"]
    hosts = json.loads(plain.out)[0]["hosts"]
    assert [hosts[host]["verdict"] for host in hosts] == ["up", "down"]


def test_who_could_not_be_checked_is_not_up() -> None:
    with site() as web:
        words = ("-m", "tcp", "-o", f"port={web.port}", "127.0.0.1", "no-host.invalid")
        ended = monlvs("test-monitor", *words)

    assert ended.status == 2
    assert ended.out.splitlines()[0] == "no-host.invalid"
    assert "name does not resolve" in ended.out


def test_a_server_that_hangs_is_down_at_the_time_limit() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        words = ("-m", "telnet", "-o", f"port={silent.getsockname()[1]}", "-t", "0.3")
        ended = monlvs("test-monitor", *words, "127.0.0.1")

    assert ended.status == 1
    assert "no answer in time" in ended.out


def test_a_thousand_hosts_are_checked_at_once() -> None:
    hosts = [f"127.0.{n // 250}.{n % 250 + 1}" for n in range(1000)]

    ended = monlvs("test-monitor", "-m", "tcp", "-o", "port=1", *hosts)

    assert ended.status == 1
    assert len(ended.out.splitlines()) == 1001


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("-t", "nan", "h"), "--timeout: expected seconds"),
        (("-t", "inf", "h"), "--timeout: expected seconds"),
        (("-t", "1e300", "h"), "--timeout: expected seconds"),
        (("-t", "0", "h"), "--timeout: expected seconds"),
        (("-m", "htpp", "h"), "there is no 'htpp' (did you mean 'http'?); there are: "),
        (("-m", "http", "-o", "prot=1", "h"), "did you mean 'port'?"),
        (("-m", "http", "-o", "port=0", "h"), "expected a port from 1 to 65535"),
        (("-m", "http", "-o", "port=--5", "h"), "expected a whole number"),
        (("-m", "http", "-o", "port=²", "h"), "expected a whole number"),
        (("-m", "http", "-o", f"port={'9' * 5000}", "h"), "port: expected"),
        (("-m", "http", "-o", "port", "h"), "http has no use for 'port'"),
        (("-o", "port=1", "h"), "there is no -m"),
        (("",), "not ''"),
        (("two words",), "not 'two words'"),
        (("line\nbreak",), r"not 'line\nbreak'"),
        (("-c", "/no/such.toml", "h"), "/no/such.toml: cannot be read"),
    ],
)
def test_a_wrong_command_line_exits_with_2(words: tuple[str, ...], told: str) -> None:
    ended = monlvs("test-monitor", *words)

    assert ended.status == 2
    assert told in ended.err
    assert ended.out == ""


def test_a_configuration_says_what_is_checked(tmp_path: Path) -> None:
    with site() as web:
        path = str(configuration(tmp_path, web.port))
        up = monlvs("test-monitor", "-c", path, "127.0.0.1")
        web.status = 404
        down = monlvs("test-monitor", "-c", path, "127.0.0.1")
        unknown = monlvs("test-monitor", "-c", path, "127.0.0.7")

    assert [up.status, down.status, unknown.status] == [0, 1, 2]
    assert "HTTP/1.0 404" in down.out
    assert "makes no check of 127.0.0.7" in unknown.err


def test_too_few_descriptors_are_said_and_nobody_is_called_down() -> None:
    hosts = [f"127.0.0.{n}" for n in range(1, 60)]
    with site() as web:
        words = argv("test-monitor", "-m", "tcp", "-o", f"port={web.port}", *hosts)
        few = run(["prlimit", "--nofile=24", *words])
        none = run(["prlimit", "--nofile=6", *words])

    assert few.status in (1, 2)
    assert "no file descriptors left" in few.out
    assert none.status == 1
    assert "Too many open files" in none.err
