"""A real server that says back what a client says, with its own name before it.

    echod.py NAME PORT

One process, a thread for each client: connections are held for long, and are few.
"""

import socketserver
import sys


class Echo(socketserver.StreamRequestHandler):
    """One client."""

    name = b""

    def handle(self) -> None:
        """Answer line by line until the client leaves."""
        for line in self.rfile:
            self.wfile.write(self.name + b" " + line)


class Server(socketserver.ThreadingTCPServer):
    """Serves them all."""

    allow_reuse_address = True
    daemon_threads = True


def serve(name: str, port: int) -> None:
    """Serve for ever."""
    handler = type("Named", (Echo,), {"name": name.encode()})
    with Server(("", port), handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
