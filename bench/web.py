"""The server that everybody checks: one nginx process that answers 200 and counts."""

import time
import urllib.request
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.process import FailedError, Program

PORT = 8080
_COUNT_PORT = 8081
_CONFIG = """
user root;
daemon off;
master_process off;
pid {work}/nginx.pid;
error_log stderr crit;
worker_rlimit_nofile 100000;
events {{ worker_connections 50000; multi_accept on; }}
http {{
    access_log off;
    client_body_temp_path {work}/nginx-body;
    proxy_temp_path {work}/nginx-proxy;
    fastcgi_temp_path {work}/nginx-fastcgi;
    uwsgi_temp_path {work}/nginx-uwsgi;
    scgi_temp_path {work}/nginx-scgi;
    server {{
        listen {port} backlog=16384;
        location / {{ return 200 "ok\\n"; }}
    }}
    server {{
        listen 127.0.0.1:{count_port};
        location / {{ stub_status; }}
    }}
}}
"""


class Web:
    """nginx on all of 127.0.0.0/8; leave its block to end it."""

    def __init__(self, work: Path, *, core: int) -> None:
        config = work / "nginx.conf"
        config.write_text(_CONFIG.format(work=work, port=PORT, count_port=_COUNT_PORT))
        self._asked = 0
        command = ["nginx", "-e", "stderr", "-c", str(config)]
        self._program = Program(command, core=core, log=work / "nginx.log")
        for _ in range(100):
            self._program.check_alive()
            try:
                self._counts()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise FailedError("nginx does not answer")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._program.end()

    def requests(self) -> int:
        """Return how many requests have been answered, our own questions left out."""
        return self._counts()[2] - self._asked

    def connections(self) -> int:
        """Return how many connections have been made, our own left out."""
        return self._counts()[1] - self._asked

    def _counts(self) -> tuple[int, int, int]:
        url = f"http://127.0.0.1:{_COUNT_PORT}/"
        with urllib.request.urlopen(url, timeout=30) as answer:
            text = answer.read().decode()
        self._asked += 1
        return counts_of(text)


def counts_of(text: str) -> tuple[int, int, int]:
    """Read accepted and handled connections and requests from nginx's stub_status."""
    lines = text.splitlines()
    for title, numbers in pairwise(lines):
        if title.split() == ["server", "accepts", "handled", "requests"]:
            accepted, handled, requests = map(int, numbers.split())
            return accepted, handled, requests
    raise ValueError(f"expected nginx's status, not {text[:80]!r}")
