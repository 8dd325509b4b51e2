"""How often a service is checked: its own word, else the file's defaults."""

from dataclasses import dataclass
from typing import Any

from monlvs.config.findings import Findings
from monlvs.config.mondefaults import time_limit
from monlvs.config.positions import Path
from monlvs.config.spelling import DefaultsTable

WORDS = (
    "interval",
    "timeout",
    "rise",
    "fall",
    "failure_interval",
    "randskew",
    "upalert_first",
    "unack_summary",
)


@dataclass(frozen=True, slots=True)
class Defaults:
    """What services have that do not say otherwise."""

    table: DefaultsTable
    broken: bool = False
    """Whether the file's table of defaults could not be read."""
    as_mon: bool = False
    """Whether a service may do without an interval, and a check has mon's time."""

    def timing(
        self, table: DefaultsTable, path: Path, findings: Findings
    ) -> dict[str, Any] | None:
        """Return fields of `model.watch.Service`; None, noted, without an interval."""
        stated = {word: getattr(self.table, word) for word in WORDS}
        stated |= {
            word: value for word in WORDS if (value := getattr(table, word)) is not None
        }
        told = {word: value for word, value in stated.items() if value is not None}
        if self.as_mon:
            interval = told.setdefault("interval", None)
            return {"timeout": time_limit(interval)} | told
        if "interval" not in told:
            if not self.broken:
                findings.error(
                    path,
                    "no interval: expected one here or in [defaults], such as "
                    'interval = "15s"',
                    at_key=True,
                )
            return None
        return {"timeout": told["interval"]} | told
