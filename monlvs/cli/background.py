"""Going to the background as mon's `-f` does."""

import os
import sys
from pathlib import Path


def go_to_background(error_file: str) -> None:
    """Go on in a child with a session of its own; the parent exits with 0.

    Standard input becomes /dev/null, output and error go to `error_file`. To be called
    before anything has threads or an event loop.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    if os.fork():
        os._exit(0)
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    try:
        target = os.open(Path(error_file), flags, 0o640)
    except OSError:
        target = os.open(os.devnull, os.O_WRONLY)
    os.dup2(target, 1)
    os.dup2(target, 2)
