"""Appends each alert to a file in the format of mon's file.alert."""

import asyncio
from dataclasses import dataclass
from typing import Any, ClassVar

from monlvs.model.plugin import OPTION_RULES, Occasion
from monlvs.mon.ctime import day_and_time
from monlvs.wire.append import append


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """Append a record to a file, for programs that read those of mon's file.alert.

    A line says what is told, of which group and service, when, and the summary; then come
    the description (`DESCR=`), the operational status (`OPSTATUS=`), the detail, and a
    line with a full stop.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = OPTION_RULES

    file: str
    """Path of the file; its directory has to exist."""

    def __post_init__(self) -> None:
        if not self.file.startswith("/") or "\0" in self.file:
            raise ValueError(f"file: expected an absolute path, not {self.file!r}")

    @property
    def destination(self) -> str:
        """Names the queue: the file."""
        return f"file {self.file}"

    async def send(self, occasion: Occasion) -> None:
        """Append the record, or raise AlertError."""
        record = self.preview(occasion).encode("utf-8", "backslashreplace")
        await asyncio.to_thread(append, self.file, record)

    def preview(self, occasion: Occasion) -> str:
        """Return the record that `send` would append."""
        time = occasion.time.astimezone()
        when = " ".join(day_and_time(time).split())  # one blank before 1 to 9, too
        told = (
            f"{occasion.kind.value} {occasion.group} {occasion.service} "
            f"{int(time.timestamp())} ({when}) {occasion.summary}"
        )
        lines = [
            told,
            f"DESCR={occasion.description or ''}",
            f"OPSTATUS={int(occasion.opstatus)}",
        ]
        detail = occasion.detail
        if detail and not detail.endswith("\n"):
            detail += "\n"
        return "".join(f"{line}\n" for line in lines) + detail + ".\n"
