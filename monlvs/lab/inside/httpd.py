"""A real server's web server: one process, whatever the number of clients.

    httpd.py ROOT PORT...

Serves the files of the folder ROOT (`/` is index.html), read anew each time, on
every PORT, over IPv4 and IPv6. In a guest to fork costs five times what an answer
does; and who stops this one process with SIGSTOP has a server that hangs.
"""

import contextlib
import selectors
import socket
import sys
from pathlib import Path

LONGEST_REQUEST = 65536


class Server:
    """Answers requests on listening sockets."""

    def __init__(self, root: Path, listeners: list[socket.socket]) -> None:
        """Serve the files in `root` to who connects to `listeners`."""
        self._root = root
        self._selector = selectors.DefaultSelector()
        for listener in listeners:
            listener.settimeout(0.0)
            self._selector.register(listener, selectors.EVENT_READ)

    def serve(self) -> None:
        """Serve for ever."""
        while True:
            self.turn()

    def turn(self, wait: float | None = None) -> None:
        """Do what is ready; `wait` in seconds for it, without end if not given."""
        for key, _ in self._selector.select(wait):
            assert isinstance(key.fileobj, socket.socket)
            if key.data is None:
                self._accept(key.fileobj)
            else:
                self._read(key.fileobj, key.data)

    def close(self) -> None:
        """Close all sockets."""
        for key in list(self._selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.close()
        self._selector.close()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection, _ = listener.accept()
            connection.settimeout(None)
            self._selector.register(connection, selectors.EVENT_READ, bytearray())

    def _read(self, connection: socket.socket, request: bytearray) -> None:
        try:
            data = connection.recv(LONGEST_REQUEST)
            request += data
            complete = b"\r\n\r\n" in request
            if complete:
                connection.sendall(answer(self._root, bytes(request)))
        except OSError:
            data, complete = b"", False
        if complete or not data or len(request) > LONGEST_REQUEST:
            self._selector.unregister(connection)
            connection.close()


def answer(root: Path, request: bytes) -> bytes:
    """Return the reply to an HTTP request: a file of `root`, or why not."""
    method, _, rest = request.decode("latin-1").partition(" ")
    if method not in ("GET", "HEAD"):
        return reply("501 Not Implemented", b"", head=False)
    name = rest.split(" ", 1)[0].partition("?")[0].lstrip("/") or "index.html"
    try:
        if ".." in name.split("/"):
            raise FileNotFoundError(name)
        body = (root / name).read_bytes()
    except OSError:
        return reply("404 Not Found", b"no such page\n", head=method == "HEAD")
    return reply("200 OK", body, head=method == "HEAD")


def reply(status: str, body: bytes, *, head: bool) -> bytes:
    """Return a whole HTTP reply; with `head`, all but the body."""
    lines = (
        f"HTTP/1.1 {status}",
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Length: {len(body)}",
        *("Connection: close", "", ""),
    )
    return "\r\n".join(lines).encode() + (b"" if head else body)


def listen(port: int) -> socket.socket:
    """Return a socket that listens on `port` of every address of the host."""
    return socket.create_server(
        ("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=256
    )


if __name__ == "__main__":
    Server(Path(sys.argv[1]), [listen(int(port)) for port in sys.argv[2:]]).serve()
