"""Appends each alert to a file, one line each, as the test.alert of the LVS-HOWTO does."""

import asyncio
import shlex
from dataclasses import dataclass
from typing import Any, ClassVar

from monlvs.model.plugin import OPTION_RULES, Occasion
from monlvs.mon.ctime import date_line
from monlvs.mon.environ import alert_arguments
from monlvs.wire.append import append


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

    args: tuple[str, ...] = ()
    """Words after mon's own, as a configuration gives an alert program some."""

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
        await asyncio.to_thread(append, self.file, line)

    def preview(self, occasion: Occasion) -> str:
        """Return the line that `send` would append, with its newline."""
        words = alert_arguments(occasion, self.args, next_alert=True)
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
