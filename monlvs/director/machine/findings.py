"""What an audit finds: what is wrong, what it does to clients, what mends it."""

from dataclasses import dataclass
from enum import StrEnum


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
        """Tell it in two lines, and one more for each command."""
        lines = [f"{self.machine}: {self.what}", f"    {self.why}"]
        return "\n".join([*lines, *(f"    # {command}" for command in self.fix)])
