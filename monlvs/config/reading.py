"""A file to a `Config`, or to everything that is wrong with it."""

import gc
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from monlvs.config.findings import Findings
from monlvs.config.positions import Positions
from monlvs.config.shadow import shadowed
from monlvs.config.source import UnreadableError, octets, utf8
from monlvs.model.config import Config
from monlvs.model.values import Problem

_MON_ENDINGS = (".cf", ".m4")
_MON_BLOCK = re.compile(
    rb"^[ \t]*(?:hostgroup|watch|view|alias)[ \t]+[A-Za-z0-9_.-]+[ \t\r]*(?:$|[^=\s])",
    re.MULTILINE,
)
"""A line that begins a block of a mon.cf, and that TOML does not have."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a configuration comes from, so that it can be read again."""

    path: FilePath
    overrides: Mapping[str, Any] = field(default_factory=dict)
    """What the command line says on top of a mon.cf; see `load`."""
    shadow: bool = False
    """Who runs it only looks; see `config.shadow`."""

    def load(self) -> tuple[Config | None, tuple[Problem, ...]]:
        """Read it; see the function of this name."""
        config, problems = load(self.path, self.overrides)
        if self.shadow and config is not None:
            config = shadowed(config)
        return config, problems

    def __str__(self) -> str:
        return os.fspath(self.path)


def load(
    path: str | os.PathLike[str], overrides: Mapping[str, Any] | None = None
) -> tuple[Config | None, tuple[Problem, ...]]:
    """Read the configuration in a TOML file or a mon.cf.

    A name that ends in .toml, .cf or .m4 says which it is, else what is in it.
    `overrides` are mon's variables as a command line states them, by name, and `m4`,
    the program that is to go over the file first; they concern a mon.cf alone.

    Returns None with at least one error, or the configuration, with warnings perhaps.
    Raises nothing for bad input: a file that cannot be read is a problem like others.
    """
    file = FilePath(path)
    overrides = overrides or {}
    is_mon = file.name.endswith(_MON_ENDINGS) or overrides.get("m4") is not None
    try:
        data = octets(file, kind="mon.cf" if is_mon else "TOML")
        if not is_mon and not file.name.endswith(".toml"):
            is_mon = _MON_BLOCK.search(data) is not None
        if is_mon:
            from monlvs.config import moncf  # nothing that a TOML file waits for

            return moncf.load_mon(file, data, overrides)
        text = utf8(data)
    except UnreadableError as error:
        positions = Positions()
        if error.position is not None:
            positions.values[()] = error.position
        findings = Findings(os.fspath(path), positions)
        findings.error((), str(error))
        return None, findings.problems()
    return parse(text, os.fspath(path))


def parse(text: str, file: str) -> tuple[Config | None, tuple[Problem, ...]]:
    """Read a configuration from TOML text; `file` is what problems are told of."""
    # pydantic, and whatever it needs, is nothing that a mon.cf waits for.
    from monlvs.config import toml
    from monlvs.config.resolve import resolve

    with _nothing_is_garbage():
        table, findings = toml.read(text, file)
        if table is None:
            return None, findings.problems()
        draft = resolve(table, findings)
        config = None if findings.failed else draft.config()
        return config, findings.problems()


@contextmanager
def _nothing_is_garbage() -> Iterator[None]:
    """Look for no cycles meanwhile: what is built stays, and there may be much of it."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()
