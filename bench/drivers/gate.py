"""Holds a port shut until SIGUSR1; from then on whoever connects is let in and left alone."""

import signal
import socket
import sys


def main(port: int) -> None:
    """Bind; listen once told to; stay until killed."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    with socket.socket() as gate:
        gate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        gate.bind(("127.0.0.1", port))
        print("shut", flush=True)
        signal.sigwait({signal.SIGUSR1})
        gate.listen(128)  # nobody accepts: a check wants to connect, no more
        signal.pause()


if __name__ == "__main__":
    main(int(sys.argv[1]))
