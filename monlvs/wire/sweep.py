"""Whom a sweep pings, what has been heard of them, and what that comes to.

Rule 1: no IO and no clock here; times come in.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from socket import AF_INET, AF_INET6

from monlvs.model.result import Outcome, Reason, Verdict
from monlvs.model.values import Address
from monlvs.wire.exchange import Echo
from monlvs.wire.finding import Finding, outcome_of


@lru_cache(maxsize=8192)
def _answered(micros: int) -> Outcome:
    """Share equal outcomes: a large sweep on a fast network has many of each."""
    return Outcome(verdict=Verdict.UP, reason=Reason.OK, seconds=micros / 1e6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Those members of a roster that are of one address family."""

    number: int
    """AF_INET or AF_INET6."""
    endpoints: tuple[tuple[str, int], ...]
    """What sendto(2) takes, by place in this family."""
    places: dict[str, int]
    """Place in this family by what recvmsg(2) calls the sender."""
    positions: tuple[int, ...]
    """Position in the whole roster, by place in this family."""


class Roster:
    """The hosts of a sweep, prepared once for any number of sweeps."""

    __slots__ = ("addresses", "families")

    def __init__(self, addresses: Iterable[Address]) -> None:
        self.addresses = tuple(dict.fromkeys(addresses))
        """Each address once, in the order given: outcomes come in this order."""
        self.families = tuple(
            family
            for number, version in ((AF_INET, 4), (AF_INET6, 6))
            if (family := self._family(int(number), version)).positions
        )

    def _family(self, number: int, version: int) -> Family:
        members = [
            (position, str(address))
            for position, address in enumerate(self.addresses)
            if address.version == version
        ]
        return Family(
            number=number,
            endpoints=tuple((text, 0) for _, text in members),
            # The sender of a link-local reply is told without its zone.
            places={t.partition("%")[0]: place for place, (_, t) in enumerate(members)},
            positions=tuple(position for position, _ in members),
        )


class Sweep:
    """What is known of one family's hosts while they are being pinged."""

    __slots__ = ("echo", "family", "faults", "left", "micros")

    def __init__(self, family: Family, echo: Echo) -> None:
        self.family = family
        self.echo = echo
        self.micros: list[int | None] = [None] * len(family.endpoints)
        """Round-trip time in microseconds by place; None while nothing was heard."""
        self.left = len(family.endpoints)
        """How many hosts are silent so far."""
        self.faults: dict[int, Finding] = {}
        """What went wrong with a silent host's latest request, by place."""

    def outcomes(self, silence: Finding) -> list[Outcome]:
        """Say how each host is, by place; `silence` is what no answer means."""
        limit, faults = self.echo.timeout, self.faults
        return [
            _answered(took)
            if took is not None
            else outcome_of(faults.get(place, silence), limit)
            for place, took in enumerate(self.micros)
        ]


class Round:
    """One request to each host that is silent when the round begins."""

    __slots__ = ("at", "packet", "sent", "sweep", "todo")

    def __init__(self, sweep: Sweep, packet: bytes) -> None:
        self.sweep = sweep
        self.packet = packet
        self.todo = [at for at, took in enumerate(sweep.micros) if took is None]
        """Places of the hosts that this round is for."""
        self.at = 0
        """How many of them have had their turn."""
        self.sent = [0] * len(sweep.micros)
        """When the request left (ns of CLOCK_REALTIME), by place; 0: not yet."""

    def refused(self, host: str, words: str) -> None:
        """Note an ICMP error about this round's request to `host`."""
        place = self.sweep.family.places.get(host)
        if place is not None:
            self.sweep.faults[place] = Finding(Reason.UNREACHABLE, words)
