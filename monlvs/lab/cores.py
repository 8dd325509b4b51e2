"""Spread labs over the cores of this machine.

A guest and the processes that it traces hand over to each other at every system
call; pinned to one core that costs a tenth. Which core is free is a matter
between processes that do not know each other, so they agree by file locks: each
lab holds the lowest free slot, and slots map to cores in turn.
"""

import contextlib
import fcntl
import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from monlvs.lab.kernel import LabError


@contextlib.contextmanager
def lease_core(core: int | None = None) -> Iterator[int]:
    """Yield the number of the core to use: `core`, or the least taken one."""
    allowed = sorted(os.sched_getaffinity(0))
    if core is not None:
        if core not in allowed:
            raise LabError(f"core {core} is not among this process's cores: {allowed}")
        yield core
        return
    slot, lock = _take_slot(_slots())
    try:
        yield allowed[slot % len(allowed)]
    finally:
        os.close(lock)


def _slots() -> Path:
    folder = Path(tempfile.gettempdir()) / f"monlvs-lab-cores-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise LabError(f"{folder} belongs to somebody else")
    return folder


def _take_slot(folder: Path) -> tuple[int, int]:
    for slot in itertools.count():
        lock = os.open(folder / str(slot), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
        else:
            return slot, lock
    raise AssertionError("counting ended")
