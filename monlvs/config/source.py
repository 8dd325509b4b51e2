"""The text of a configuration file, or why it cannot be had."""

import os
import stat
from pathlib import Path as FilePath

from monlvs.config.positions import Position

_LARGEST = 16 * 1024 * 1024


class UnreadableError(Exception):
    """The file's text cannot be had; says why, and where where that is known."""

    def __init__(self, message: str, position: Position | None = None) -> None:
        super().__init__(message)
        self.position = position


def octets(path: FilePath, *, kind: str = "TOML") -> bytes:
    """Return what is in a file of that kind. Raises UnreadableError."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
                raise UnreadableError(f"this is no file: expected a {kind} file")
            data = file.read(_LARGEST + 1)
    except IsADirectoryError:
        raise UnreadableError(f"this is a directory: expected a {kind} file") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UnreadableError(f"cannot be read: {reason}") from None
    if len(data) > _LARGEST:
        raise UnreadableError("larger than 16 MiB: expected a configuration")
    return data


def utf8(data: bytes) -> str:
    """Decode UTF-8 text. Raises UnreadableError with the place of what is none."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        raise UnreadableError(
            f"not UTF-8 text: byte {data[error.start]:#04x}", Position(line, column)
        ) from None
