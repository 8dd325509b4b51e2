"""Adds lines to files that several writers share."""

import errno
import os

from monlvs.model.plugin import AlertError

_PASSING = frozenset(
    (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.EAGAIN)
)


def append(path: str, text: bytes) -> None:
    """Add `text` in one write, so that what several writers add never mixes (write(2)).

    Raises AlertError, which says whether trying again may help.
    """
    # O_NONBLOCK: a FIFO without a reader is an error here and not a wait.
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
    try:
        descriptor = os.open(path, flags, 0o640)
        try:
            written = os.write(descriptor, text)
        finally:
            os.close(descriptor)
    except OSError as error:
        lasting = error.errno not in _PASSING
        raise AlertError(
            f"cannot append to {path}: {error.strerror}", lasting=lasting
        ) from error
    if written < len(text):
        raise AlertError(f"cannot append to {path}: only part of the line was written")
