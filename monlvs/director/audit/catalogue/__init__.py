"""Every kind of finding that an audit can make.

docs/audit.md is made of these tables; a test keeps the two alike.
"""

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from monlvs.director.audit.catalogue import service, vips, ways
from monlvs.director.audit.catalogue.entry import Entry, Where
from monlvs.director.machine.findings import Finding, Severity

__all__ = ["DIRECTOR", "ENTRIES", "Entry", "Where", "found"]

DIRECTOR: Final = "director"
"""What the director is called in findings."""
ENTRIES: Final = (*vips.ENTRIES, *ways.ENTRIES, *service.ENTRIES)
_BY_NAME: Final = MappingProxyType({entry.name: entry for entry in ENTRIES})


def found(
    name: str,
    machine: str,
    what: str,
    *,
    fix: Iterable[str] = (),
    severity: Severity | None = None,
) -> Finding:
    """Make a finding of the kind `name`; its severity is the kind's unless stated."""
    entry = _BY_NAME[name]
    return Finding(
        name=name,
        machine=machine,
        severity=severity or entry.severity,
        what=what,
        why=entry.why,
        fix=tuple(fix),
    )
