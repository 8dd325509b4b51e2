"""What a monitor can offer: the kinds of work the runtime knows how to run.

A monitor has exactly one of these methods. It knows nothing of intervals, fan-out,
exit codes, logging or configuration syntax, and never reads a clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from monlvs.model.result import Outcome, Result
from monlvs.model.values import Address, Host
from monlvs.wire.exchange import Echo, Exchange
from monlvs.wire.process import Program, ProgramOutcome


@dataclass(frozen=True, slots=True)
class Target:
    """A host to check, with the address its name stands for."""

    host: Host
    address: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What an external monitor is told of the check it makes (mon(8), MON_*)."""

    hosts: tuple[Host, ...]
    environ: tuple[tuple[str, str], ...] = ()
    timeout: float
    """Seconds until the program is ended."""


@runtime_checkable
class Exchanger(Protocol):
    """One exchange per host, run by the socket engine without a coroutine."""

    def exchange(self, target: Target, *, timeout: float) -> Exchange:
        """Say what to send to `target` and what to expect within `timeout` seconds."""


@runtime_checkable
class Sweeper(Protocol):
    """One ICMP sweep over all hosts."""

    def echo(self, *, timeout: float) -> Echo:
        """Say how the hosts are to be pinged within `timeout` seconds."""


@runtime_checkable
class Runner(Protocol):
    """One external program for all hosts."""

    def program(self, check: Round) -> Program:
        """Say which program to run, with which arguments and environment."""

    def judge(self, check: Round, outcome: ProgramOutcome) -> Result:
        """Say what the program's end means for the service and its hosts."""


@runtime_checkable
class Surveyor(Protocol):
    """One coroutine for all hosts, for kinds whose hosts are compared with each other."""

    async def survey(self, targets: Sequence[Target], *, timeout: float) -> Result:  # noqa: ASYNC109  shared out among the questions
        """Check `targets` within `timeout` seconds, and tell it in the monitor's words."""


@runtime_checkable
class Prober(Protocol):
    """One coroutine per host, for kinds too rare for the engine."""

    async def probe(self, target: Target, *, timeout: float) -> Outcome:  # noqa: ASYNC109  the caller's limit, told so that a monitor can split it
        """Check `target`; cancelled when `timeout` seconds are over."""


def hosts_named(line: str, hosts: Sequence[Host]) -> tuple[Host, ...]:
    """Return the hosts that a monitor's summary line names, in the group's order."""
    words = set(line.split())
    return tuple(host for host in hosts if host in words)
