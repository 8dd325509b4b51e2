"""Appends each alert to a file, one line each, as the test.alert of the LVS-HOWTO does."""

import asyncio
import errno
import os
import shlex
from dataclasses import dataclass
from typing import Any, ClassVar

from monlvs.model.plugin import OPTION_RULES, AlertError, Occasion
from monlvs.mon.ctime import date_line
from monlvs.mon.environ import alert_arguments

_PASSING = frozenset(
    (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.EAGAIN)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """Append a line to a file: the date, then what an alert program would be given.

    A line reads `Sun Jun 13 15:08:30 GMT 1999 -s fping -g LVS3 -h 10.1.1.2 -t 929286510
    -u -l 0` (LVS-HOWTO 11.5). `-u` says that the hosts are up again; words with blanks
    in them are quoted, so that a shell would split the line into the same words.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = OPTION_RULES

    file: str = "/var/log/monlvs/alert.log"
    """Path of the file; its directory has to exist."""

    detail: bool = False
    """Whether the summary of what was found is the last word of the line."""

    def __post_init__(self) -> None:
        if not self.file.startswith("/") or "\0" in self.file:
            raise ValueError(f"file: expected an absolute path, not {self.file!r}")

    @property
    def destination(self) -> str:
        """Names the queue: the file."""
        return f"file {self.file}"

    async def send(self, occasion: Occasion) -> None:
        """Append the line, or raise AlertError."""
        line = self.preview(occasion).encode("utf-8", "backslashreplace")
        await asyncio.to_thread(_append, self.file, line)

    def preview(self, occasion: Occasion) -> str:
        """Return the line that `send` would append, with its newline."""
        words = alert_arguments(occasion, next_alert=True)
        if self.detail:
            words = (*words, occasion.summary)
        told = " ".join(_one_line(shlex.quote(word)) for word in words)
        return f"{date_line(occasion.time)} {told}\n"


def _one_line(word: str) -> str:
    """Show control characters as escapes: nothing in a name makes a second line."""
    if word.isprintable():
        return word
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii")
        for c in word
    )


def _append(path: str, line: bytes) -> None:
    """Add `line` in one write, so that lines of several writers never mix (write(2))."""
    # O_NONBLOCK: a FIFO without a reader is an error here and not a wait.
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
    try:
        descriptor = os.open(path, flags, 0o640)
        try:
            written = os.write(descriptor, line)
        finally:
            os.close(descriptor)
    except OSError as error:
        lasting = error.errno not in _PASSING
        raise AlertError(
            f"cannot append to {path}: {error.strerror}", lasting=lasting
        ) from error
    if written < len(line):
        raise AlertError(f"cannot append to {path}: only part of the line was written")
