"""One daemon per state directory, and one writer per table."""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOCK_FILE = "lock"
_PID = re.compile(r"[0-9]{1,10}")


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
        give_to_owner(directory, file.fileno())
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
    with (directory / LOCK_FILE).open(encoding="ascii", errors="replace") as file:
        found = _PID.fullmatch(file.readline(20).strip())
    return int(found[0]) if found else None


def give_to_owner(directory: Path, file: int) -> None:
    """Let the user whose directory it is have a file in it, too, where root made it."""
    if os.geteuid() == 0:
        owner = directory.stat()
        with suppress(OSError):
            os.fchown(file, owner.st_uid, owner.st_gid)
