"""A client that holds a connection, and the server that says back what it says."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from monlvs.lab.inside import program
from monlvs.lab.inside.echod import Echo, Server
from monlvs.lab.records import Word, read_words


@pytest.fixture
def echo() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), type("Named", (Echo,), {"name": b"rs2"})) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def heard(log: Path, count: int) -> list[Word]:
    deadline = time.monotonic() + 20
    while len(words := read_words(log)) < count:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return words


def test_what_is_said_is_heard_with_the_servers_name(
    echo: Server, tmp_path: Path
) -> None:
    log, port = tmp_path / "log", str(echo.server_address[1])
    command = [sys.executable, str(program("talker.py")), str(log), "127.0.0.1", port]
    with subprocess.Popen([*command, "0.01"]) as talker:
        words = heard(log, 3)
        talker.kill()
    assert {word.server for word in words} == {"rs2"}
    assert all(word.heard is not None and word.heard > word.sent for word in words)


def test_the_end_of_the_connection_is_written_down(tmp_path: Path) -> None:
    class Rude(Echo):
        def handle(self) -> None:
            self.rfile.readline()

    log = tmp_path / "log"
    with Server(("127.0.0.1", 0), Rude) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        port = str(server.server_address[1])
        subprocess.run(
            [sys.executable, str(program("talker.py")), log, "127.0.0.1", port, "0.01"],
            check=True,
            timeout=20,
        )
        thread.join()
    [word] = read_words(log)
    assert word.heard is None
    assert word.error
