"""A kind of finding: what it does to clients, and what mends it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from monlvs.director.machine.findings import Severity

LOST: Final = Severity.LOST
RISK: Final = Severity.RISK


class Where(StrEnum):
    """Which machines it can be found on."""

    DIRECTOR = "director"
    SERVER = "real server"
    EITHER = "director, real server"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A kind of finding."""

    name: str
    where: Where
    severity: Severity
    """As a rule; a finding may state another."""
    title: str
    why: str
    """What it does to clients."""
    cure: str
    """What to do; a finding prints the commands where it knows them."""
