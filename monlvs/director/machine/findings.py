"""What an audit finds: what is wrong, what it does to clients, what mends it."""

from dataclasses import dataclass
from enum import StrEnum
from textwrap import wrap
from typing import Final

_INDENT: Final = "     "


class Severity(StrEnum):
    """What becomes of traffic."""

    LOST = "lost"
    """Some or all of it goes nowhere."""
    RISK = "risk"
    """Nothing is lost now; it will be when something else happens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong with a machine of the LVS."""

    name: str
    """What programs know it by: lower-case words with dashes, such as `vip-missing`."""
    machine: str
    """`director`, or the real server by the name that it was called by."""
    severity: Severity
    what: str
    """What is so, with its name and value: `192.168.1.110 is on no device`."""
    why: str
    """What it does to clients."""
    fix: tuple[str, ...] = ()
    """Commands for a shell on that machine; empty where a person has to decide."""

    def __str__(self) -> str:
        """Tell it in a line, why in some more, and one for each command."""
        head = f"{self.severity.upper():4} {self.machine}: {self.what}  [{self.name}]"
        why = wrap(self.why, 80, initial_indent=_INDENT, subsequent_indent=_INDENT)
        commands = [f"{_INDENT}# {command}" for command in self.fix]
        return "\n".join([head, *why, *commands])
