"""Guards: what a service's health means for the director's table.

A `virtualserver` alert line is a declaration that compiles to a guard; it is never
queued or sent. Guards report health; the director computes the desired table from it.
"""

from dataclasses import dataclass
from enum import StrEnum

from monlvs.model.lvs import EntrySpec, VirtualKey, VirtualService
from monlvs.model.values import Host
from monlvs.model.watch import ExitRange, ServiceKey


class Effect(StrEnum):
    """What a guard's DOWN does to what it guards."""

    TAKES_OUT = "takes out"
    """The entry is out while DOWN (an alert and an upalert line)."""
    LATCHES_OUT = "latches out"
    """The entry goes out and stays out until an operator enables it (alert only)."""
    ONLY_ADDS = "only adds"
    """The entry comes in at UP and is never taken out (upalert only)."""
    WITHHOLDS = "withholds"
    """The whole virtual service is withheld while DOWN (`-D`)."""
    STANDS_IN = "stands in"
    """The entry is in while DOWN and out while UP (`-B ADDRESS`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A service's (or one of its hosts') health bound to a table entry."""

    service: ServiceKey
    host: Host | None
    """Whose health counts; None: the state of the whole group."""
    key: VirtualKey
    entry: EntrySpec | None
    """What is guarded; None for WITHHOLDS."""
    effect: Effect = Effect.TAKES_OUT
    period: str | None = None
    """Label of the period whose time and alertafter gate a trip; None: always."""
    exits: ExitRange | None = None
    """Exit codes that trip; None: any failure."""
    builds: VirtualService | None = None
    """The virtual service to create when it is missing (`-B`)."""
