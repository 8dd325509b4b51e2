"""One daemon per state directory, and one writer per table."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK_FILE = "lock"


class LockedError(Exception):
    """Another daemon runs on the state directory."""

    def __init__(self, pid: int | None) -> None:
        super().__init__(f"pid {pid}" if pid else "pid unknown")
        self.pid = pid


@contextmanager
def hold(directory: Path) -> Iterator[None]:
    """Hold the directory's lock; it is let go by whatever ends the process.

    Raises LockedError while another process holds it, OSError when it cannot be made.
    """
    with (directory / LOCK_FILE).open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(_pid(directory)) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def holder(directory: Path) -> int | None:
    """Return the pid of the daemon that runs on `directory`, 0 if it is not known."""
    try:
        with hold_shared(directory):
            return None
    except LockedError as error:
        return error.pid or 0
    except OSError:
        return None


@contextmanager
def hold_shared(directory: Path) -> Iterator[None]:
    """Hold the lock beside other readers; raises as `hold` does."""
    with (directory / LOCK_FILE).open(encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(_pid(directory)) from None
        yield


def _pid(directory: Path) -> int | None:
    words = (directory / LOCK_FILE).read_text(encoding="ascii").split()
    return int(words[0]) if words and words[0].isdigit() else None
