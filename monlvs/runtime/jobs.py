"""Checks prepared for repeated use, of hosts whose addresses are spelled out.

Rule 1: a job makes no task and no coroutine: the engines call it back. Rule 2: one run
of a job ends in exactly one `finish`; it is never begun again before that.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial
from ipaddress import ip_address
from typing import Protocol

from monlvs.model.result import Outcome, Reason, Result, Verdict
from monlvs.model.values import Host
from monlvs.mon.fold import fold
from monlvs.wire.exchange import Echo, Exchange
from monlvs.wire.finding import Finding, outcome_of
from monlvs.wire.icmp import Icmp
from monlvs.wire.monitor import Target
from monlvs.wire.sockets import Sockets
from monlvs.wire.sweep import Roster

Finish = Callable[[Result], None]
Again = Callable[[Result, float], bool]
"""Takes a result that is like the one before but for the seconds it took; False: it does
not, and wants one of its own."""


class Job(Protocol):
    """A check that can be begun again and again."""

    def start(self) -> None:
        """Begin the check; returns at once."""


def literal_targets(hosts: Sequence[Host]) -> tuple[Target, ...] | None:
    """Return the targets when every host is spelled as an address, else None."""
    try:
        return tuple(Target(host, ip_address(host)) for host in hosts)
    except ValueError:
        return None


class ExchangeJob:
    """One exchange with one host."""

    __slots__ = (
        "_again", "_exchange", "_finding", "_finish", "_host", "_result", "_sockets",
    )  # fmt: skip

    def __init__(
        self,
        sockets: Sockets,
        host: Host,
        exchange: Exchange,
        *,
        finish: Finish,
        again: Again,
    ) -> None:
        self._sockets = sockets
        self._host = host
        self._exchange = exchange
        self._finish = finish
        self._again = again
        self._finding: Finding | None = None
        """What was found last; `_result` tells of it."""
        self._result: Result | None = None

    def start(self) -> None:
        """Begin the exchange."""
        self._sockets.start(self._exchange, self._end)

    def _end(self, finding: Finding, seconds: float) -> None:
        # Most checks find what the one before has found: nothing is made for them.
        if (
            finding is self._finding
            and self._result is not None
            and self._again(self._result, seconds)
        ):
            return
        outcome = outcome_of(finding, seconds)
        duration = timedelta(seconds=seconds)
        self._finding = finding
        self._result = fold(((self._host, outcome),), duration=duration)
        self._finish(self._result)


class ExchangesJob:
    """One exchange with each of several hosts."""

    __slots__ = ("_exchanges", "_finish", "_found", "_sockets")

    def __init__(
        self,
        sockets: Sockets,
        exchanges: tuple[tuple[Host, Exchange], ...],
        finish: Finish,
    ) -> None:
        self._sockets = sockets
        self._exchanges = exchanges
        self._finish = finish
        self._found: dict[int, Outcome] = {}

    def start(self) -> None:
        """Begin all exchanges at once; the engine bounds how many are in flight."""
        self._found = {}
        for index, (_, exchange) in enumerate(self._exchanges):
            self._sockets.start(exchange, partial(self._take, index))

    def _take(self, index: int, finding: Finding, seconds: float) -> None:
        self._found[index] = outcome_of(finding, seconds)
        if len(self._found) < len(self._exchanges):
            return
        told = tuple(
            (host, self._found[place])
            for place, (host, _) in enumerate(self._exchanges)
        )
        self._finish(fold(told, duration=longest(self._found.values())))


class SweepJob:
    """One ICMP sweep over all hosts."""

    __slots__ = (
        "_echo", "_finish", "_icmp", "_milliseconds", "_result", "_roster", "_targets",
    )  # fmt: skip

    def __init__(
        self, icmp: Icmp, targets: tuple[Target, ...], echo: Echo, finish: Finish
    ) -> None:
        self._icmp = icmp
        self._targets = targets
        self._roster = Roster(target.address for target in targets)
        self._echo = echo
        self._finish = finish
        self._milliseconds = -1
        """How long the slowest host took when all were up last; `_result` tells of it."""
        self._result: Result | None = None

    def start(self) -> None:
        """Begin the sweep."""
        self._icmp.start(self._roster, self._echo, self._end)

    def _end(self, outcomes: list[Outcome]) -> None:
        # Hosts that took as long as each other share an outcome: of thousands that are
        # well, few are left to look at.
        several = {id(outcome): outcome for outcome in outcomes}.values()
        slowest = 0.0
        for outcome in several:
            if outcome.verdict is not Verdict.UP:
                self._tell(outcomes)
                return
            slowest = max(slowest, outcome.seconds)
        # All well: nothing to tell of each; the same in whole milliseconds as last time,
        # and not even that.
        milliseconds = round(slowest * 1000)
        result = self._result
        if result is None or milliseconds != self._milliseconds:
            duration = timedelta(seconds=slowest)
            result = Result(verdict=Verdict.UP, reason=Reason.OK, duration=duration)
            self._result, self._milliseconds = result, milliseconds
        self._finish(result)

    def _tell(self, outcomes: list[Outcome]) -> None:
        found = dict(zip(self._roster.addresses, outcomes, strict=True))
        told = tuple((t.host, found[t.address]) for t in self._targets)
        self._finish(fold(told, duration=longest(outcomes)))


def longest(outcomes: Iterable[Outcome]) -> timedelta:
    """Return how long the slowest host took."""
    return timedelta(seconds=max((o.seconds for o in outcomes), default=0.0))
