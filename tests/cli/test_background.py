"""`monlvs daemon -f`: the daemon is at work, or one is told why not."""

import os
import signal
import socket
import time
from pathlib import Path

from tests.commandline import PATIENCE, monlvs
from tests.server.mondaemon import furnish


def test_it_is_at_work_when_the_command_returns(tmp_path: Path) -> None:
    port, errors = furnish(tmp_path), tmp_path / "errors"
    cf = tmp_path / "mon.cf"
    cf.write_text(f"monerrfile = {errors}\n{cf.read_text()}")
    done = monlvs("daemon", "-f", "-c", str(cf))
    pid = int((tmp_path / "mon.pid").read_text())
    try:
        assert done.status == 0
        assert os.getsid(pid) == pid
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"list state\n")
            assert client.recv(100).startswith(b"scheduler running")
    finally:
        os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + PATIENCE
    while "ending; the table stays" not in errors.read_text():
        assert time.monotonic() < end
        time.sleep(0.05)
    assert "ending; the table stays" not in done.err


def test_why_it_cannot_be_is_told_and_the_status_says_so(tmp_path: Path) -> None:
    port = furnish(tmp_path)
    with socket.create_server(("127.0.0.1", port)):
        refused = monlvs("daemon", "-f", "-c", str(tmp_path / "mon.cf"))

    assert refused.status == 1
    assert f"port {port}: Address already in use" in refused.err
    assert not (tmp_path / "mon.pid").exists()
