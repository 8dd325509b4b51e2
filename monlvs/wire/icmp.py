"""Sweeps of ICMP echo requests over many hosts, all on one socket per family.

Rule 1: all hosts of a round get the very same packet: its sequence names the round, the
sender of a reply names the host. So a batch of them leaves with one system call.
Rule 2: requests leave in slots; after each one what has arrived is taken in, so that no
reply is lost to a full buffer however large the sweep is.
Rule 3: what has arrived is looked at before any host is called silent.
"""

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from types import TracebackType
from typing import Self

from monlvs.model.result import Outcome, Reason
from monlvs.model.values import Address
from monlvs.wire.echoport import EchoPort
from monlvs.wire.exchange import Echo
from monlvs.wire.finding import Finding, local_fault, outcome_of
from monlvs.wire.sweep import Family, Finished, Part, Roster, Sweep

# icmp(7): who is not in ping_group_range needs a raw socket, raw(7).
_UNPRIVILEGED = Finding(Reason.NOT_PERMITTED, "ICMP needs CAP_NET_RAW")
_STOPPED = Finding(Reason.STOPPED, "the sweep was cut short")


class Icmp:
    """Pings in the running loop, at most `rate` requests a second and family.

    The sockets are opened when first needed and kept. Close it, or leave its `with`
    block, to end what still runs.
    """

    def __init__(self, *, rate: float = 20_000) -> None:
        self._loop = asyncio.get_running_loop()
        self._rate = rate
        self._ports: dict[int, EchoPort] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(self, roster: Roster, echo: Echo, done: Finished) -> Callable[[], None]:
        """Ping everybody; call `done` with their outcomes in that order, later and once.

        Calling what is returned ends the sweep early: hosts that have not answered by
        then are inconclusive.
        """
        families = roster.families
        if not families:
            self._loop.call_soon(done, [])
            return partial(_cut_short, [])
        if len(families) == 1:
            return partial(_cut_short, [self._begin(families[0], echo, done)])
        gathering = _Gathering(roster, done)
        parts = [
            self._begin(family, echo, partial(gathering.finished, family))
            for family in families
        ]
        return partial(_cut_short, parts)

    async def sweep(
        self, addresses: Iterable[Address] | Roster, echo: Echo
    ) -> dict[Address, Outcome]:
        """Ping `addresses` and return each one's outcome; cancelling ends it."""
        roster = addresses if isinstance(addresses, Roster) else Roster(addresses)
        answer: asyncio.Future[list[Outcome]] = self._loop.create_future()
        cut_short = self.start(roster, echo, partial(_settle, answer))
        try:
            return dict(zip(roster.addresses, await answer, strict=True))
        finally:
            cut_short()

    def close(self) -> None:
        """End all sweeps as inconclusive and close the sockets."""
        for port in self._ports.values():
            port.close(_STOPPED)
        self._ports.clear()

    def _begin(self, family: Family, echo: Echo, finished: Finished) -> Part:
        port = self._ports.get(family.number)
        if port is None:
            try:
                port = EchoPort(family.number, rate=self._rate)
            except OSError as error:
                # Tried again with each sweep: privilege or memory may come back.
                refused = isinstance(error, PermissionError)
                fault = _UNPRIVILEGED if refused else local_fault(error)
                part = Sweep(family.number, echo, bool).add(family, finished)
                self._loop.call_soon(part.end, fault)
                return part
            self._ports[family.number] = port
        return port.begin(family, echo, finished)


class _Gathering:
    """Puts the families' outcomes together again."""

    def __init__(self, roster: Roster, done: Finished) -> None:
        self._done = done
        self._missing = len(roster.families)
        self._outcomes = [_UNKNOWN] * len(roster.addresses)

    def finished(self, family: Family, found: list[Outcome]) -> None:
        """Take one family's outcomes, and report when they are all there."""
        for position, outcome in zip(family.positions, found, strict=True):
            self._outcomes[position] = outcome
        self._missing -= 1
        if not self._missing:
            self._done(self._outcomes)


_UNKNOWN = outcome_of(_STOPPED, 0.0)


def _cut_short(parts: list[Part]) -> None:
    for part in parts:
        part.end(_STOPPED)


def _settle(answer: asyncio.Future[list[Outcome]], outcomes: list[Outcome]) -> None:
    if not answer.done():
        answer.set_result(outcomes)
