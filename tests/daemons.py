"""What tests of a whole daemon need: its configuration, and servers to be watched."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.commandline import Running, argv, running


class Site:
    """An HTTP server on 127.0.0.1 whose pages are fine or not, as one likes."""

    def __init__(self) -> None:
        self.status = 200
        self.asked = 0
        self.path = ""
        site = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.path = self.path
                site.asked += 1
                self.send_response(site.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        """Stop listening: connections are refused from now on."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def site() -> Iterator[Site]:
    """Run a web site."""
    found = Site()
    try:
        yield found
    finally:
        found.close()


def configuration(folder: Path, port: int, *, more: str = "", **settings: str) -> Path:
    """Write a configuration that watches the site at `port`; return its path."""
    stated = {"state_dir": f"{folder}/state", "table": "memory", **settings}
    lines = "\n".join(f'{key} = "{word}"' for key, word in stated.items())
    path = folder / "mon_lvs.toml"
    path.write_text(f"""
[settings]
{lines}

[[lvs]]
name = "web"
vip = "192.0.2.1:{port}"
kind = "local"
servers = ["127.0.0.1"]
check = "http"
interval = "200ms"
timeout = "2s"
alertevery = "1h"
log = "{folder}/alert.log"
upalert_first = true
{more}
""")
    return path


@contextmanager
def daemon(path: Path, *words: str, **options: Any) -> Iterator[Running]:
    """Run the daemon and wait until it has made its first check."""
    with running(argv("daemon", "-c", str(path), *words), **options) as found:
        yield found


def state(folder: Path) -> dict[str, Any]:
    """Return the saved state, empty before the first save."""
    path = folder / "state" / "state.json"
    found = json.loads(path.read_text()) if path.exists() else {}
    assert isinstance(found, dict)
    return found


def alerts(folder: Path) -> list[str]:
    """Return the lines of the log alert."""
    path = folder / "alert.log"
    return path.read_text().splitlines() if path.exists() else []


@contextmanager
def notices(folder: Path) -> Iterator[tuple[str, "socket.socket"]]:
    """Open systemd's notification socket; yield its path and itself."""
    path = str(folder / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(path)
        receiver.settimeout(20)
        yield path, receiver
