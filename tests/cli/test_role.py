"""keepalived tells a running daemon, or one that is to come, what a director is now."""

import json
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.commandline import PATIENCE, Running, monlvs
from tests.daemons import Site, alerts, configuration, daemon, site


def asked(folder: Path, *words: str) -> tuple[int, str]:
    """Run a command on the daemon of `folder`; return its status and what it said."""
    done = monlvs(*words, "--state-dir", f"{folder}/state")
    return done.status, done.text


def status(folder: Path) -> dict[str, Any]:
    found = json.loads(asked(folder, "status", "--json")[1])
    assert isinstance(found, dict)
    return found


def until(folder: Path, wanted: Any) -> dict[str, Any]:
    """Ask for the status until it is as wanted."""
    deadline = time.monotonic() + PATIENCE
    while not wanted(found := status(folder)):
        assert time.monotonic() < deadline, json.dumps(found, indent=1)
    return found


def test_a_role_is_taken_told_and_kept_over_a_restart(tmp_path: Path) -> None:
    with site() as web:
        path = configuration(tmp_path, web.port)
        with daemon(path) as monitor:
            monitor.until("untested → ok")
            assert asked(tmp_path, "role") == (0, "nobody has said\n")
            assert "this director" not in asked(tmp_path, "status")[1]
            assert asked(tmp_path, "role", "MASTER", "--by", "keepalived V") == (0, "")
            monitor.until("this director is master now, says keepalived V (")
            assert "this director is master since " in asked(tmp_path, "status")[1]
            monitor.until(
                lambda: '"master"' in (tmp_path / "state/state.json").read_text()
            )
            monitor.end(signal.SIGKILL)
        with daemon(path) as again:
            again.until("adopted")
            told = json.loads(asked(tmp_path, "role", "--json")[1])
            assert told["role"] == "master"
            assert told["who"].startswith("keepalived V (")
            assert again.end() == 0
        journal = "".join(p.read_text() for p in (tmp_path / "state").glob("journal-*"))
        assert '"act": "TakeRole"' in journal


def test_a_daemon_that_is_being_restarted_finds_a_note(tmp_path: Path) -> None:
    with site() as web:
        path = configuration(tmp_path, web.port)
        (tmp_path / "state").mkdir()
        done = monlvs("role", "backup", "--state-dir", f"{tmp_path}/state")
        assert (done.status, done.out) == (0, "")
        assert done.err == "backup: no daemon answers; it finds a note\n"
        with daemon(path) as monitor:
            monitor.until("this director is backup now, says monlvs role (while no")
            assert not (tmp_path / "state/role.json").exists()


def test_one_that_a_later_one_has_overtaken_is_not_heard(tmp_path: Path) -> None:
    with site() as web, daemon(configuration(tmp_path, web.port)) as monitor:
        monitor.until("untested → ok")
        assert asked(tmp_path, "role", "master")[0] == 0
        question = {"ask": "role", "role": "backup", "by": "keepalived", "at": 1.0}
        with socket.socket(socket.AF_UNIX) as console:
            console.connect(f"{tmp_path}/state/console.sock")
            console.sendall(json.dumps(question).encode() + b"\n")
            reply = json.loads(console.makefile().readline())
        assert reply["answer"]["role"] == "master"
        monitor.until("backup, says keepalived: a later one was heard first")


def test_what_makes_no_sense_is_refused(tmp_path: Path) -> None:
    assert monlvs("role", "king").status == 2
    done = monlvs("role", "--state-dir", f"{tmp_path}/nowhere")
    assert done.status == 1
    assert "no daemon answers in " in done.err
    done = monlvs("role", "master", "--state-dir", f"{tmp_path}/nowhere")
    assert done.status == 1
    assert "and it cannot be left a note: No such file or directory" in done.err


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def paired(folder: Path, name: str, web: Site, ports: dict[str, int]) -> Path:
    """Write the configuration of one of two directors on this machine."""
    home, secret = folder / name, folder / "secret"
    home.mkdir(exist_ok=True)
    secret.write_text("what only the two know\n")
    secret.chmod(0o600)
    (other,) = set(ports) - {name}
    more = f"""
[pair]
name = "{name}"
listen = "127.0.0.1:{ports[name]}"
peer = "127.0.0.1:{ports[other]}"
secret_file = "{secret}"
interval = "200ms"
patience = "2s"
"""
    return configuration(home, web.port, more=more)


@contextmanager
def both(folder: Path) -> Iterator[tuple[Site, Running, Running]]:
    """Run two directors that watch one site."""
    ports = {"dirA": free_port(), "dirB": free_port()}
    with (
        site() as web,
        daemon(paired(folder, "dirA", web, ports)) as a,
        daemon(paired(folder, "dirB", web, ports)) as b,
    ):
        a.until("untested → ok")
        b.until("untested → ok")
        assert asked(folder / "dirA", "role", "master")[0] == 0
        assert asked(folder / "dirB", "role", "backup")[0] == 0
        a.until("is heard: backup")
        b.until("is heard: master")
        yield web, a, b


def test_two_directors_show_both_sides_and_one_of_them_tells(tmp_path: Path) -> None:
    a_home, b_home = tmp_path / "dirA", tmp_path / "dirB"
    with both(tmp_path) as (web, a, b):
        until(b_home, lambda s: s["pair"]["standby"] and s["pair"]["agree"])
        code, told = asked(b_home, "status")
        assert code == 0
        assert "this director, dirB: backup since " in told
        assert ", leaves the alerts to the master\nthe other, dirA (127.0.0.1:" in told
        before = len(alerts(b_home))

        web.status = 503
        a.until("failure alert, file")
        b.until("standby: the other director is the master and tells")
        _, why = asked(b_home, "why", "web-127.0.0.1/http")
        assert "standby: the other director is the master" in why
        assert len(alerts(b_home)) == before

        # The master dies: what goes on is told by who is left.
        a.end(signal.SIGKILL)
        b.until("the other director, dirA (127.0.0.1:")
        b.until("is not heard: Connection refused")
        b.until("failure alert, file")
        code, told = asked(b_home, "status")
        assert code == 3
        assert "UNREACHABLE  the other, dirA (127.0.0.1:" in told
        assert asked(b_home, "role", "master")[0] == 0
        web.status = 200
        b.until("up alert, file")
    assert len(alerts(a_home)) >= 1


def test_two_masters_and_two_backups_are_pointed_out(tmp_path: Path) -> None:
    with both(tmp_path) as (_, a, b):
        assert asked(tmp_path / "dirB", "role", "master")[0] == 0
        a.until("is heard: master")
        code, told = asked(tmp_path / "dirA", "status")
        assert code == 3
        assert "ATTENTION  both directors are master: " in told
        for name in ("dirA", "dirB"):
            assert asked(tmp_path / name, "role", "fault")[0] == 0
        b.until("is heard: fault")
        _, told = asked(tmp_path / "dirB", "status")
        assert "ATTENTION  neither director is the master: nobody has the VIPs" in told


def test_a_reload_takes_the_other_director_in_and_out(tmp_path: Path) -> None:
    with both(tmp_path) as (_, a, b):
        path = tmp_path / "dirA" / "mon_lvs.toml"
        whole = path.read_text()
        path.write_text(whole.partition("[pair]")[0])
        a.send(signal.SIGHUP)
        a.until("loaded")
        b.until("dirA (127.0.0.1:")
        b.until(lambda: b.text.rfind("is not heard") > b.text.rfind("is heard: master"))
        assert status(tmp_path / "dirA")["pair"] is None
        path.write_text(whole)
        a.send(signal.SIGHUP)
        b.until("is heard: master", count=2)


def test_what_keeps_the_two_apart_is_said(tmp_path: Path) -> None:
    ports = {"dirA": free_port(), "dirB": free_port()}
    with site() as web, socket.create_server(("127.0.0.1", ports["dirA"])):
        path = paired(tmp_path, "dirA", web, ports)
        with daemon(path) as monitor:
            monitor.until(f"pair.listen 127.0.0.1:{ports['dirA']}: ")
            monitor.until("is not heard: Connection refused")
            _, told = asked(tmp_path / "dirA", "status")
            assert f"TROUBLE  pair.listen 127.0.0.1:{ports['dirA']}: " in told
            assert ": never heard: Connection refused" in told
            (tmp_path / "secret").chmod(0o644)
            found = until(
                tmp_path / "dirA", lambda s: "others" in s["pair"]["peer"]["silence"]
            )
            assert not found["pair"]["peer"]["heard"]
            assert monitor.end() == 0
