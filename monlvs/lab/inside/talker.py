"""A client that holds one connection and says something every now and then.

    talker.py LOG ADDRESS PORT INTERVAL

Every INTERVAL seconds a line that the server has to say back before the next is said.
One JSON line for each: `sent`, `heard` (CLOCK_MONOTONIC) and `server`, its name, or
`error`, with which the connection has ended.
"""

import json
import socket
import sys
import time


def talk(path: str, address: str, port: int, interval: float) -> None:
    """Connect, and talk until the connection breaks; write to `path`."""
    with (
        open(path, "a", buffering=1, encoding="utf-8") as log,  # noqa: PTH123  # pathlib costs its import
        socket.create_connection((address, port)) as connection,
        connection.makefile("rb") as answers,
    ):
        number = 0
        while True:
            number += 1
            said = f"{number}"
            entry: dict[str, object] = {"sent": time.monotonic()}
            try:
                connection.sendall(f"{said}\n".encode())
                server, _, echo = answers.readline().decode().strip().partition(" ")
                if echo != said:
                    raise ConnectionError(
                        f"expected {said}, heard {echo!r}"
                    )  # as if the connection broke
            except OSError as error:
                log.write(json.dumps({**entry, "error": str(error)}) + "\n")
                return
            entry |= {"heard": time.monotonic(), "server": server}
            log.write(json.dumps(entry) + "\n")
            time.sleep(interval)


if __name__ == "__main__":
    talk(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
