"""Programs that a mon.cf names, to monitors and alerts.

    native = no                                  the program
    monlvs has nothing for it                    the program
    the program is there and no stock version    the program: the site has changed it
    an argument is not understood                the program
    else                                         monlvs's own

A program is looked for once, when the file is read, as mon does at its start. One that
is not there and that nothing stands for is warned about, and its line counts for nothing.
"""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path, PurePath
from typing import TypeVar

from monlvs.alerts.external import External as ExternalAlert
from monlvs.alerts.virtualserver import Virtualserver
from monlvs.config import natives, stock
from monlvs.config.lines import LineFindings
from monlvs.config.native import NativeAlert, NativeMonitor, NotUnderstoodError
from monlvs.model.mon import MonSettings
from monlvs.model.plugin import Alert
from monlvs.mon.directives import Program
from monlvs.monitors.external import External as ExternalMonitor

_Native = TypeVar("_Native", NativeMonitor, NativeAlert)


class Programs:
    """Finds programs in mon's directories, and says what is to run."""

    def __init__(self, settings: MonSettings, findings: LineFindings) -> None:
        self._settings = settings
        self._findings = findings
        self._stock: dict[str, str | None] = {}
        self.choices: Counter[str] = Counter()
        """What was chosen and why, in words, and for how many lines."""

    def monitor(self, program: Program, line: int) -> NativeMonitor | None:
        """Return what checks; None, warned about, where there is no such program."""
        directories = self._settings.mondir
        path = find(program.name, directories)

        def native() -> NativeMonitor | None:
            made = natives.monitor(_base(program), program.arguments)
            if made is not None and not program.wants_hosts:
                raise NotUnderstoodError("it is given no hosts")
            return made

        chosen, why = self._choose(program, path, native)
        if chosen is not None:
            return chosen
        if path is None:
            self._missing(program, line, directories, why)
            return None
        return NativeMonitor(
            ExternalMonitor(
                command=path, args=program.arguments, hosts=program.wants_hosts
            )
        )

    def alert(
        self, program: Program, line: int, *, recovers: bool = False
    ) -> tuple[Alert | Virtualserver, str] | None:
        """Return what tells, and the program that it is or stands for; None, warned
        about, where there is no such program. `recovers`: it is an `upalert` line."""
        directories = self._settings.alertdir
        path = find(program.name, directories)

        def native() -> NativeAlert | None:
            return natives.alert(
                _base(program), program.arguments, self._settings, recovers=recovers
            )

        chosen, why = self._choose(program, path, native)
        if chosen is not None:
            for notice in chosen.notices:
                self._findings.warning((line,), notice)
            return chosen.alert, path or program.name
        if path is None:
            self._missing(program, line, directories, why)
            return None
        return ExternalAlert(command=path, args=program.arguments), path

    def _choose(
        self, program: Program, path: str | None, native: Callable[[], _Native | None]
    ) -> tuple[_Native | None, str]:
        """Return what stands for the program, and why something or nothing does."""
        if not self._settings.native:
            return None, ""
        try:
            made = native()
            fault = ""
        except NotUnderstoodError as error:
            made, fault = None, str(error)
        if made is None and not fault:
            return None, ""
        version = self._version(path)
        if version is None and path is not None:
            made, fault = None, "it is no stock version"
        told = fault or (version and f"it is unchanged from {version}") or "absent"
        who = f"monlvs's own runs, {told}" if made else f"runs itself: {told}"
        if made or path is not None:
            self.choices[f"{program.name}: {who}"] += 1
        return made, fault

    def _version(self, path: str | None) -> str | None:
        if path is None:
            return None
        if path not in self._stock:
            self._stock[path] = stock.version(path)
        return self._stock[path]

    def _missing(
        self, program: Program, line: int, directories: Sequence[str], why: str
    ) -> None:
        told = f"{program.name} not found in one of ({' '.join(directories)})"
        if why:
            told += f", and monlvs's own does not take these arguments: {why}"
        self._findings.warning((line,), told)


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


def _base(program: Program) -> str:
    return PurePath(program.name).name
