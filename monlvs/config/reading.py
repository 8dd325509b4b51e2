"""A file to a `Config`, or to everything that is wrong with it."""

import os
import stat
from pathlib import Path as FilePath

from monlvs.config import toml
from monlvs.config.findings import Findings
from monlvs.config.positions import Position, Positions
from monlvs.config.resolve import resolve
from monlvs.model.config import Config
from monlvs.model.values import Problem

_LARGEST = 16 * 1024 * 1024


class _UnreadableError(Exception):
    """The file's text cannot be had; says why, and where where that is known."""

    def __init__(self, message: str, position: Position | None = None) -> None:
        super().__init__(message)
        self.position = position


def load(path: str | os.PathLike[str]) -> tuple[Config | None, tuple[Problem, ...]]:
    """Read the configuration in a TOML file.

    Returns None with at least one error, or the configuration, with warnings perhaps.
    Raises nothing for bad input: a file that cannot be read is a problem like others.
    """
    try:
        text = _text(FilePath(path))
    except _UnreadableError as error:
        positions = Positions()
        if error.position is not None:
            positions.values[()] = error.position
        findings = Findings(os.fspath(path), positions)
        findings.error((), str(error))
        return None, findings.problems()
    return parse(text, os.fspath(path))


def parse(text: str, file: str) -> tuple[Config | None, tuple[Problem, ...]]:
    """Read a configuration from TOML text; `file` is what problems are told of."""
    table, findings = toml.read(text, file)
    if table is None:
        return None, findings.problems()
    draft = resolve(table, findings)
    config = None if findings.failed else draft.config()
    return config, findings.problems()


def _text(path: FilePath) -> str:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
                raise _UnreadableError("this is no file: expected a TOML file")
            data = file.read(_LARGEST + 1)
    except IsADirectoryError:
        raise _UnreadableError("this is a directory: expected a TOML file") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise _UnreadableError(f"cannot be read: {reason}") from None
    if len(data) > _LARGEST:
        raise _UnreadableError("larger than 16 MiB: expected a configuration")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        raise _UnreadableError(
            f"not UTF-8 text: byte {data[error.start]:#04x}", Position(line, column)
        ) from None
