"""Operators decide on real servers of a running daemon."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.commandline import Running, monlvs
from tests.daemons import Site, configuration, daemon, site, state

SERVER = "TCP 192.0.2.1:{port} → 127.0.0.1:{port}"


@contextmanager
def watched(folder: Path) -> Iterator[tuple[Site, Running, Path]]:
    """Run a daemon with one server that is in."""
    with site() as web:
        path = configuration(folder, web.port, more='fallback = "127.0.0.9"')
        with daemon(path) as monitor:
            monitor.until("untested → ok")
            monitor.until("-r 127.0.0.1:")
            yield web, monitor, path


def asked(folder: Path, *words: str) -> tuple[int, str]:
    """Run a command on the daemon of `folder`; return its status and what it said."""
    done = monlvs(*words, "--state-dir", f"{folder}/state")
    return done.status, done.text


def test_an_operators_word_is_done_told_kept_and_released(tmp_path: Path) -> None:
    with watched(tmp_path) as (web, monitor, path):
        named = SERVER.format(port=web.port)
        told = asked(tmp_path, "maintenance", "web/127.0.0.1", "-w", "new disk")
        assert told == (0, f"{named}: out: in maintenance\n")
        _, status = asked(tmp_path, "status")
        assert "in maintenance (maintenance by " in status
        assert ": new disk)" in status
        assert "the fallback is in" in status
        _, why = asked(tmp_path, "why", "127.0.0.1", "--json")
        (server,) = json.loads(why)["real_servers"]
        assert server["forced"]["why"] == "new disk"
        assert not server["in_table"]
        monitor.until(lambda: state(tmp_path).get("forced"))

        monitor.end(signal.SIGKILL)
        with daemon(path) as again:
            again.until("adopted")
            assert asked(tmp_path, "status")[1].count("new disk") == 1

            assert asked(tmp_path, "release", "127.0.0.1")[0] == 0
            again.until("-r 127.0.0.1:")
            status = asked(tmp_path, "release", "127.0.0.1")
            assert status == (1, "monlvs: 127.0.0.1: nobody has decided on it\n")


def test_what_has_an_end_ends(tmp_path: Path) -> None:
    with watched(tmp_path) as (_, monitor, _path):
        words = ("force-up", "127.0.0.1", "--why", "the check is wrong", "--for", "1s")
        assert "forced up" in asked(tmp_path, *words)[1]
        monitor.until("released by calendar")


def test_what_makes_no_sense_is_refused(tmp_path: Path) -> None:
    with watched(tmp_path) as (_, monitor, _):
        done = asked(tmp_path, "drain", "127.0.0.1", "10.9.9.9", "--why", "x")
        assert done[0] == 1
        assert "no real server 10.9.9.9: expected SERVICE/SERVER" in done[1]
        monitor.until(lambda: state(tmp_path).get("forced") == [])
        assert asked(tmp_path, "drain", "127.0.0.1")[0] == 2
        bad = ("drain", "127.0.0.1", "--why", "x", "--for", "soon")
        assert asked(tmp_path, *bad)[0] == 2
