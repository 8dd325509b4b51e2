"""Going to the background as mon's `-f` does, once the daemon is at work."""

import os
import sys
from collections.abc import Callable
from pathlib import Path


def go_to_background(error_file: str) -> Callable[[], None]:
    """Go on in a child with a session of its own; return what it says when it is ready.

    The parent waits for that and exits with 0, or with the child's status when that
    ends first: until it is ready, the child complains where everybody can read it. Then
    its output and errors go to `error_file`. Standard input becomes /dev/null. To be
    called before anything has threads or an event loop.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    reading, writing = os.pipe()
    if child := os.fork():
        os.close(writing)
        os._exit(0 if os.read(reading, 1) else _status(child))
    os.close(reading)
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)

    def ready() -> None:
        _redirect(error_file)
        os.write(writing, b"!")
        os.close(writing)

    return ready


def _status(child: int) -> int:
    """Wait for a child that has failed; return its exit status, 1 for a signal."""
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code if code > 0 else 1


def _redirect(error_file: str) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    try:
        target = os.open(Path(error_file), flags, 0o640)
    except OSError:
        target = os.open(os.devnull, os.O_WRONLY)
    os.dup2(target, 1)
    os.dup2(target, 2)
    os.close(target)
