"""What importers have to look up, on this machine: hosts, programs, files."""

import glob
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from monlvs.config.importers.blueprint import Site
from monlvs.config.source import UnreadableError, octets
from monlvs.director.names import system_names
from monlvs.model.mon import MonSettings

_BRACES: Final = re.compile(r"\{([^{}]*,[^{}]*)\}")
_MOST_FILES: Final = 1000


def this_site(config_id: str | None = None) -> Site:
    """Return what looks things up here; the host's name unless `config_id` is stated."""
    return Site(
        names=system_names(),
        program=_program,
        files=_files,
        config_id=socket.gethostname().partition(".")[0]
        if config_id is None
        else config_id,
    )


def _program(name: str) -> str | None:
    paths = (os.path.join(directory, name) for directory in MonSettings().mondir)  # noqa: PTH118  paths are strings in the model
    return next((path for path in paths if os.access(path, os.X_OK)), None)


def _files(pattern: str, base: str) -> Iterator[tuple[str, str]]:
    """Yield names and texts of the files that a pattern of glob(7), with braces, means."""
    for each in _expanded(pattern):
        whole = str(Path(base, each))
        for name in sorted(glob.glob(whole))[:_MOST_FILES]:  # noqa: PTH207  absolute patterns, too
            try:
                text = octets(Path(name), kind="keepalived.conf").decode(
                    "utf-8", "replace"
                )
            except UnreadableError:
                continue
            yield name, text


def _expanded(pattern: str) -> list[str]:
    found = _BRACES.search(pattern)
    if found is None:
        return [pattern]
    return [
        made
        for word in found[1].split(",")[:_MOST_FILES]
        for made in _expanded(pattern[: found.start()] + word + pattern[found.end() :])
    ]
