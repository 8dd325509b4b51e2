"""What mon keeps of the past: histories, the downtime log, the historic file, syslog.

Rule: a file that cannot be written is complained of once, and stops nothing.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import assert_never

from monlvs.core.effects import AlertNoted, DowntimeEnded, FailureNoted, History
from monlvs.core.histories import LENGTH, Histories
from monlvs.model.mon import MonSettings
from monlvs.model.values import Now
from monlvs.mon.dtlog import dtlog_header, dtlog_line, dtlog_lines
from monlvs.mon.history import history_line, read_history
from monlvs.runtime.noted import alert_entry, alert_noted, downtime, epoch
from monlvs.runtime.syslog import SOCKET, Severity, Syslog

log = logging.getLogger("monlvs.annals")


class Annals:
    """Takes what the engine notes; without mon's settings it only remembers."""

    def __init__(
        self,
        settings: MonSettings | None,
        clock: Callable[[], Now],
        *,
        socket: str = SOCKET,
    ) -> None:
        self._clock = clock
        self._socket = socket
        self._in_trouble: set[str] = set()
        length = LENGTH if settings is None else settings.histlength
        self.histories = Histories(length)
        self.configure(settings)

    def configure(self, settings: MonSettings | None) -> None:
        """Take new settings; the histories stay."""
        self._settings = settings
        facility = settings.syslog_facility if settings else None
        self._syslog = Syslog(facility, path=self._socket) if facility else None

    def begin(self) -> None:
        """Read the historic file and begin the downtime log, as mon does at its start."""
        settings = self._settings
        if settings is None:
            return
        if settings.historicfile is not None:
            self._recall(settings.historicfile)
        if settings.dtlogging:
            self._append(settings.dtlogfile, "")

    def note(self, entry: History) -> None:
        """Take one entry of the engine's."""
        match entry:
            case FailureNoted():
                self.histories.note(entry)
                key = entry.service
                words = f"failure for {key.group} {key.service} {epoch(entry.time)}"
                self.tell(f"{words} {entry.summary}", Severity.CRIT)
            case AlertNoted():
                self._alert(entry)
            case DowntimeEnded():
                settings = self._settings
                if settings is not None and settings.dtlogging:
                    line = dtlog_line(downtime(entry))
                    self._append(settings.dtlogfile, f"{line}\n")
            case _:
                assert_never(entry)

    def tell(self, words: str, severity: Severity = Severity.INFO) -> None:
        """Write a line to syslog, where a mon.cf runs."""
        if self._syslog is not None:
            self._syslog.write(severity, words, now=self._clock())

    def downtimes(self) -> tuple[str, ...] | None:
        """Return the downtime log's lines, or None where none is kept; raises OSError."""
        settings = self._settings
        if settings is None or not settings.dtlogging:
            return None
        text = Path(settings.dtlogfile).read_text(
            encoding="utf-8", errors="surrogateescape"
        )
        return dtlog_lines(text)

    def _alert(self, noted: AlertNoted) -> None:
        self.histories.note(noted)
        entry, settings = alert_entry(noted), self._settings
        if settings is not None and settings.historicfile is not None:
            self._append(settings.historicfile, f"{history_line(entry)}\n")
        called = f"calling {entry.kind} {Path(entry.path).name} for"
        self.tell(
            f"{called} {entry.group}/{entry.service} "
            f"({entry.path},{entry.arguments}) {entry.summary}",
            Severity.ALERT,
        )

    def _recall(self, name: str) -> None:
        settings = self._settings
        age = settings.historictime if settings else None
        since = None if age is None else epoch(self._clock().utc - age)
        try:
            text = Path(name).read_text(encoding="utf-8", errors="surrogateescape")
        except FileNotFoundError:
            return
        except OSError as error:
            log.error("%s: history not read: %s", name, error.strerror)  # noqa: TRY400  people get a sentence
            return
        for entry in read_history(text, since=since):
            noted = alert_noted(entry)
            if noted is not None:
                self.histories.note(noted)

    def _append(self, name: str, text: str) -> None:
        """Append to a file, which is made if need be; the downtime log has a header."""
        path, settings = Path(name), self._settings
        try:
            new = not path.exists()
            with path.open("a", encoding="utf-8", errors="surrogateescape") as file:
                if new and settings is not None and name == settings.dtlogfile:
                    file.write(dtlog_header(epoch(self._clock().utc)))
                file.write(text)
        except (OSError, ValueError) as error:
            if name not in self._in_trouble:
                log.error("%s: not written: %s", name, error)  # noqa: TRY400  people get a sentence
            self._in_trouble.add(name)
            return
        self._in_trouble.discard(name)
