"""What the instruments saw of one fault, as figures: pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from monlvs.lab.records import Request, TableWatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of a session that is looked at. Times are the guest's, in seconds."""

    row: str
    """The row of the comparison that it belongs to."""
    began: float
    """When the fault was there, or what ends it."""
    ended: float
    right: frozenset[str]
    """The servers that should get connections in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one contender made of a fault."""

    noticed: float | None
    """Seconds until the table changed at all; None: it did not."""
    repaired: float | None
    """Seconds until it was right for good, 0 if it never was wrong; None: never."""
    failed: int
    """Requests that failed, of those that began in the window."""
    requests: int
    longest: float
    """Seconds that the window lasted."""


def in_rotation(table: Iterable[str]) -> frozenset[str]:
    """Return the addresses that get new connections: present, and of a weight.

    Lines are as TableChange describes them.
    """
    servers = (line.partition(" -> ")[2].split() for line in table if " -> " in line)
    return frozenset(
        endpoint.rpartition(":")[0] for endpoint, _, weight in servers if int(weight)
    )


def read(window: Window, watch: TableWatch, requests: Iterable[Request]) -> Reading:
    """Judge a window by the whole session's records."""
    standing = watch.first
    wrong_until: float | None = window.began
    noticed: float | None = None
    for change in watch.changes:
        if change.at > window.ended:
            break
        before, standing = standing, change.table
        if change.at <= window.began:
            continue
        if noticed is None:
            noticed = change.at - window.began
        if in_rotation(before) != window.right:
            wrong_until = change.at
    if in_rotation(standing) != window.right:
        wrong_until = None
    begun = [each for each in requests if window.began <= each.began <= window.ended]
    return Reading(
        noticed=noticed,
        repaired=None if wrong_until is None else wrong_until - window.began,
        failed=sum(not each.ok for each in begun),
        requests=len(begun),
        longest=window.ended - window.began,
    )
