"""A web server for real servers: many clients, one process."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from monlvs.lab.inside.httpd import Server, answer


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    (tmp_path / "index.html").write_text("rs2\n")
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(tmp_path, [listener])
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            server.turn(0.05)

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()[1]
    over.set()
    thread.join()
    server.close()


def get(port: int, path: str, method: str = "GET") -> tuple[int, str]:
    with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=5)) as client:
        client.request(method, path)
        response = client.getresponse()
        return response.status, response.read().decode()


def test_the_page_is_read_anew_for_each_request(port: int, tmp_path: Path) -> None:
    assert get(port, "/") == (200, "rs2\n")
    (tmp_path / "index.html").write_text("changed\n")
    assert get(port, "/?query") == (200, "changed\n")
    (tmp_path / "index.html").unlink()
    assert get(port, "/") == (404, "no such page\n")


def test_a_silent_client_does_not_hold_up_another(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as silent:
        silent.sendall(b"GET / HT")
        assert get(port, "/") == (200, "rs2\n")
        silent.sendall(b"TP/1.0\r\n\r\n")
        assert silent.recv(4096).startswith(b"HTTP/1.1 200 OK\r\n")


def test_only_the_head_is_sent_when_only_that_is_asked_for(port: int) -> None:
    assert get(port, "/", "HEAD") == (200, "")


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("POST / HTTP/1.0", b"501"),
        ("GET /nowhere HTTP/1.0", b"404"),
        ("GET /../secret HTTP/1.0", b"404"),
        ("GET // HTTP/1.0", b"200"),
    ],
)
def test_a_request_gets_the_status_it_deserves(
    tmp_path: Path, request_line: str, status: bytes
) -> None:
    (tmp_path / "secret").write_text("")
    root = tmp_path / "www"
    root.mkdir()
    (root / "index.html").write_text("")
    assert answer(root, f"{request_line}\r\n\r\n".encode()).split()[1] == status
