"""A terminal that is drawn upon and never waited for.

One that takes nothing (Ctrl-S, a line that hangs, nobody who reads) must not hold up
what is being shown, nor its end.
"""

import os
import select
import sys
import time
from contextlib import suppress
from typing import TextIO

_SELF = "/proc/self/fd/{0}"
"""Opened, it is the same terminal with flags of its own: those of standard output are
the shell's, too."""


class Screen:
    """A text file for rich's Console; what the terminal has no room for waits in it."""

    encoding = "utf-8"

    def __init__(self, terminal: TextIO = sys.stdout) -> None:
        """Open the terminal once more. Where that is refused, it is waited for."""
        number = terminal.fileno()
        flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY
        try:
            self._out = os.open(_SELF.format(number), flags)
        except OSError:
            self._out = os.dup(number)
        self._waiting = bytearray()

    @property
    def full(self) -> bool:
        """Whether the terminal has not taken all that was written."""
        return bool(self._waiting)

    def isatty(self) -> bool:
        """Say that colours and cursor may be used."""
        return True

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._out

    def write(self, text: str) -> int:
        """Take text; it is written by `flush`."""
        self._waiting += text.encode("utf-8", "replace")
        return len(text)

    def flush(self) -> None:
        """Write what the terminal takes now. Raises OSError when it is gone."""
        with suppress(BlockingIOError):
            while self._waiting:
                del self._waiting[: os.write(self._out, self._waiting)]

    def close(self, limit: float) -> None:
        """Give the rest `limit` seconds, and no more."""
        deadline = time.monotonic() + limit
        with suppress(OSError):
            self.flush()
            while self._waiting and (left := deadline - time.monotonic()) > 0:
                select.select([], [self._out], [], left)
                self.flush()
        os.close(self._out)
