"""Programs that a mon.cf names, to monitors and alerts.

A program is looked for once, when the file is read, as mon does at its start.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from monlvs.alerts.external import External as ExternalAlert
from monlvs.config.lines import LineFindings
from monlvs.model.mon import MonSettings
from monlvs.model.plugin import Alert, Monitor
from monlvs.mon.directives import Program
from monlvs.monitors.external import External as ExternalMonitor


class Programs:
    """Finds programs in mon's directories, and says what is to run."""

    def __init__(self, settings: MonSettings, findings: LineFindings) -> None:
        self._settings = settings
        self._findings = findings

    def monitor(self, program: Program, line: int) -> Monitor | None:
        """Return what checks; None, warned about, where there is no such program."""
        path = find(program.name, self._settings.mondir)
        if path is None:
            self._missing(program, line, self._settings.mondir)
            return None
        return ExternalMonitor(
            command=path, args=program.arguments, hosts=program.wants_hosts
        )

    def alert(self, program: Program, line: int) -> tuple[Alert, str] | None:
        """Return what tells, and the program that it is or stands for; None, warned
        about, where there is no such program."""
        path = find(program.name, self._settings.alertdir)
        if path is None:
            self._missing(program, line, self._settings.alertdir)
            return None
        return ExternalAlert(command=path, args=program.arguments), path

    def _missing(self, program: Program, line: int, directories: Sequence[str]) -> None:
        where = " ".join(directories)
        self._findings.warning((line,), f"{program.name} not found in one of ({where})")


def find(name: str, directories: Sequence[str]) -> str | None:
    """Return the first program of that name which may be executed; an absolute name
    stands for itself."""
    candidates = (Path(directory) / name for directory in directories)
    return next((str(path) for path in candidates if _is_program(path)), None)


def _is_program(path: Path) -> bool:
    try:
        return path.is_file() and os.access(path, os.X_OK)
    except (OSError, ValueError):
        return False  # a name with a NUL in it, or one that is too long
