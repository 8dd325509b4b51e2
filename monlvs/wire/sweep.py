"""Whom a sweep pings, what has been heard of them, and what that comes to.

Rule 1: no IO and no clock here; times come in. Rule 2: a sweep may serve several at
once; each has its part of it, and its part ends by itself.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address
from socket import AF_INET, AF_INET6
from typing import TypeAlias

from monlvs.model.result import Outcome, Reason, Verdict
from monlvs.model.values import Address
from monlvs.wire.exchange import Echo
from monlvs.wire.finding import Finding, outcome_of
from monlvs.wire.sockname import SIZES, sockname

Finished: TypeAlias = Callable[[list[Outcome]], None]
"""Called once, with an outcome per place of a family."""

_FAMILIES = {4: AF_INET, 6: AF_INET6}
_GONE = -1
"""Instead of a time: nobody waits for this host any more."""
_HOUR, _BACK = 3_600_000_000, -1_000_000  # microseconds
_ALL_HEARD = Finding(Reason.OK, "")


@lru_cache(maxsize=8192)
def _answered(micros: int) -> Outcome:
    """Share equal outcomes: a large sweep on a fast network has many of each."""
    return Outcome(verdict=Verdict.UP, reason=Reason.OK, seconds=micros / 1e6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Those members of a roster that are of one address family."""

    number: int
    """AF_INET or AF_INET6."""
    names: bytes
    """Their socket addresses, one after the other, by place in this family."""
    zones: tuple[tuple[int, str], ...]
    """Place and zone of those that have one; its number is not in `names`."""
    places: dict[bytes, int]
    """Place in this family by address, packed, its zone left out."""
    positions: tuple[int, ...]
    """Position in the whole roster, by place in this family."""


class Roster:
    """The hosts of a sweep, prepared once for any number of sweeps."""

    __slots__ = ("addresses", "families")

    def __init__(self, addresses: Iterable[Address]) -> None:
        self.addresses = tuple(dict.fromkeys(addresses))
        """Each address once, in the order given: outcomes come in this order."""
        rows: dict[tuple[int, int], list[int]] = {}
        seen = Counter[bytes]()
        for position, address in enumerate(self.addresses):
            # The sender of a link-local reply is known without its zone: who differ in
            # nothing else are asked in sweeps of their own.
            row = int(_FAMILIES[address.version]), seen[address.packed]
            seen[address.packed] += 1
            rows.setdefault(row, []).append(position)
        self.families = tuple(
            self._family(number, positions)
            for (number, _), positions in sorted(rows.items())
        )
        """By number; no family has two that are told apart by their zones alone."""

    def _family(self, number: int, positions: list[int]) -> Family:
        members = [self.addresses[position] for position in positions]
        zones = (
            (place, address.scope_id)
            for place, address in enumerate(members)
            if isinstance(address, IPv6Address)
        )
        return Family(
            number=number,
            names=b"".join(map(sockname, members)),
            zones=tuple((place, zone) for place, zone in zones if zone),
            places={address.packed: place for place, address in enumerate(members)},
            positions=tuple(positions),
        )


class Part:
    """One family's hosts in a sweep, and who wants to know of them."""

    __slots__ = ("_finished", "_first", "_sweep", "count", "left", "over")

    def __init__(
        self, sweep: "Sweep", first: int, count: int, finished: Finished
    ) -> None:
        self._sweep = sweep
        self._first = first
        self._finished = finished
        self.count = count
        self.left = count
        """How many hosts are silent so far."""
        self.over = False

    def end(self, silence: Finding) -> None:
        """Report, once; those that have not answered get `silence`."""
        if self.over:
            return
        self.over = True
        sweep, first = self._sweep, self._first
        outcomes = sweep.outcomes(first, first + self.count, silence)
        if self.left:
            times = sweep.micros[first : first + self.count]
            sweep.micros[first : first + self.count] = [
                _GONE if took is None else took for took in times
            ]
        sweep.under_way -= 1
        if not sweep.under_way:
            sweep.ended()
        self._finished(outcomes)


class Sweep:
    """What is known of hosts while they are being pinged."""

    __slots__ = (
        "_owners", "echo", "ended", "faults", "micros", "name_size", "names", "parts", "places",
        "under_way", "zones",
    )  # fmt: skip

    def __init__(self, family: int, echo: Echo, ended: Callable[[], object]) -> None:
        """`ended` is called when the last part has ended."""
        self.echo = echo
        self.ended = ended
        self.name_size = SIZES[family]
        self.names: bytes = b""
        self.places: dict[bytes, int] = {}
        self.zones: tuple[tuple[int, str], ...] = ()
        """As a family's; places are those in this sweep."""
        self.parts: list[Part] = []
        self.under_way = 0
        """How many of them have not ended."""
        self.micros: list[int | None] = []
        """Round-trip time in microseconds by place; None while nothing was heard."""
        self.faults: dict[int, Finding] = {}
        """What went wrong with a silent host's latest request, by place."""
        self._owners: list[Part] = []

    def __len__(self) -> int:
        """How many hosts there are."""
        return len(self.micros)

    @property
    def over(self) -> bool:
        """Whether nobody waits for anything any more."""
        return not self.under_way

    def add(self, family: Family, finished: Finished) -> Part:
        """Let it ping a family's hosts as well, none of which it pings yet."""
        first, count = len(self.micros), len(family.positions)
        if first:
            self.names += family.names
            moved = {sender: first + at for sender, at in family.places.items()}
            self.places = self.places | moved
            self.zones += tuple((first + at, zone) for at, zone in family.zones)
        else:
            self.names, self.places = family.names, family.places
            self.zones = family.zones
        part = Part(self, first, count, finished)
        self.parts.append(part)
        self.under_way += 1
        self.micros += [None] * count
        self._owners += [part] * count
        return part

    def hear(self, place: int, nanos: int) -> None:
        """Take a host's first reply, `nanos` after its request."""
        took = nanos // 1000
        if not 0 < took < _HOUR:
            # When exactly a request left within its batch is an estimate; on loopback a
            # reply may seem to be there before. A step of the wall clock is nonsense.
            took = 1 if _BACK < took <= 0 else 0
        self.micros[place] = took
        part = self._owners[place]
        part.left -= 1
        if not part.left:
            part.end(_ALL_HEARD)

    def end(self, silence: Finding) -> None:
        """End all parts; those that have not answered get `silence`."""
        for part in self.parts:
            part.end(silence)

    def outcomes(self, first: int, end: int, silence: Finding) -> list[Outcome]:
        """Say how each host is, by place; `silence` is what no answer means."""
        limit, faults = self.echo.timeout, self.faults
        return [
            _answered(took)
            if took is not None
            else outcome_of(faults.get(place, silence), limit)
            for place, took in enumerate(self.micros[first:end], first)
        ]


class Round:
    """One request to each host that is silent when the round begins."""

    __slots__ = ("at", "names", "packet", "sent", "sweep", "todo")

    def __init__(
        self,
        sweep: Sweep,
        packet: bytes,
        names: bytes,
        absent: Collection[int] = (),
    ) -> None:
        """`names`: the socket addresses of the sweep, zones and all; `absent`: the places
        of those who cannot be asked."""
        self.sweep = sweep
        self.packet = packet
        self.names = names
        silent = [at for at, took in enumerate(sweep.micros) if took is None]
        if absent:
            silent = [at for at in silent if at not in absent]
        everybody = len(silent) == len(sweep)
        self.todo: Sequence[int] = range(len(sweep)) if everybody else silent
        """Places of the hosts that this round is for."""
        self.at = 0
        """How many of them have had their turn."""
        self.sent = [0] * len(sweep)
        """When the request left (ns of CLOCK_REALTIME), by place; 0: not yet."""

    @property
    def is_done(self) -> bool:
        """Whether all have had their turn."""
        return self.at >= len(self.todo)

    def next(self, most: int) -> tuple[Sequence[int], bytes]:
        """Return the places of those whose turn it is, and their socket addresses."""
        todo, names, size = (
            self.todo[self.at : self.at + most],
            self.names,
            self.sweep.name_size,
        )
        if isinstance(todo, range):
            return todo, names[todo.start * size : todo.stop * size]
        return todo, b"".join(names[at * size : (at + 1) * size] for at in todo)

    def left(self, places: Sequence[int], began: int, ended: int) -> None:
        """Note that requests to `places` have left between two moments, one by one."""
        count = len(places)
        step = max((ended - began) // count, 1)
        times = range(began, began + step * count, step)
        if isinstance(places, range):
            self.sent[places.start : places.stop] = times
        else:
            for place, when in zip(places, times, strict=True):
                self.sent[place] = when
        if faults := self.sweep.faults:
            for place in places:
                faults.pop(place, None)
        self.at += count

    def failed(self, fault: Finding) -> None:
        """Note that the request whose turn it is could not leave."""
        self.sweep.faults[self.todo[self.at]] = fault
        self.at += 1

    def refused(self, host: bytes, words: str) -> None:
        """Note an ICMP error about this round's request to `host`."""
        place = self.sweep.places.get(host)
        if place is not None:
            self.sweep.faults[place] = Finding(Reason.UNREACHABLE, words)
