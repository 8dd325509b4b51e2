"""What does a monitor program of mon's say?

How a run ends, and what it means:

    exit 0                          UP
    any other exit                  DOWN; the hosts that line 1 names, or all of them
    with dynamic: exit 2 … 255      UP, with a weight of the exit less 2
    still running at the limit      DOWN, all hosts: we ended it
    died by a signal not ours       INCONCLUSIVE (mon took it for a success)
    could not be started            INCONCLUSIVE
    ended because the daemon stops  INCONCLUSIVE
"""

import os
from dataclasses import dataclass
from datetime import timedelta
from signal import Signals
from typing import Any, ClassVar

from monlvs.model.plugin import OPTION_RULES
from monlvs.model.result import Advice, AdviceKind, Outcome, Reason, Result, Verdict
from monlvs.model.values import Host
from monlvs.mon.environ import monitor_arguments
from monlvs.wire.monitor import Round, hosts_named
from monlvs.wire.process import Program, ProgramOutcome

# What a shell and timeout(1) would report, for alert lines that look at exit codes.
_TIMED_OUT_EXIT = 124
_NOT_STARTED_EXIT = 127
_SIGNAL_EXIT = 128
_DYNAMIC = 2
"""The exit that stands for a weight of 0."""
_GRACE = 0.5
"""Seconds from SIGTERM to SIGKILL: the verdict waits for them, and with it the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class External:
    """Run a monitor program as mon does, once for all hosts of the group.

    The program gets the configured words and then the hosts as its arguments, and the
    MON_* variables of mon(8) on top of the daemon's environment. It exits with 0 when
    all is well; otherwise the first line that it prints names the failing hosts.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = OPTION_RULES

    command: str
    """Path of the program, or a name that PATH knows."""

    args: tuple[str, ...] = ()
    """Words given to the program before the hosts."""

    hosts: bool = True
    """Whether the program gets the hosts (mon.cf ends the line with `;;` where not)."""

    dynamic: bool = False
    """Exits from 2 on are successes that set the weight of the hosts' entries to the
    exit less 2, as keepalived's misc_dynamic has it; heeded with weight_from = "check"."""

    def __post_init__(self) -> None:
        if not self.command or "\0" in self.command:
            raise ValueError(f"command: expected a path or name, not {self.command!r}")

    @property
    def reports_weight(self) -> bool:
        """Whether it says how much a server takes."""
        return self.dynamic

    def program(self, check: Round) -> Program:
        """Say which program to run, with which arguments and environment."""
        words = monitor_arguments(self.args, check.hosts, wants_hosts=self.hosts)
        return Program(
            argv=(self.command, *words),
            environ=tuple((os.environ | dict(check.environ)).items()),
            timeout=check.timeout,
            grace=_GRACE,
        )

    def judge(self, check: Round, outcome: ProgramOutcome) -> Result:
        """Say what the program's end means for the service and its hosts."""
        said = _said(outcome)
        if self.dynamic and (outcome.exit or 0) > 1 and not outcome.timed_out:
            return _weighed(check, outcome, said)
        if outcome.exit == 0 and not outcome.timed_out and not outcome.stopped:
            verdict, reason, code = Verdict.UP, Reason.OK, 0
        else:
            verdict, reason, code, line = _failure(check, outcome)
            said = f"{line}\n{said}" if line else said
        return Result(
            verdict=verdict,
            reason=reason,
            exit=code,
            output=said,
            outcomes=_named(said, check.hosts) if reason is Reason.EXITED else (),
            duration=timedelta(seconds=outcome.seconds),
        )


def _weighed(check: Round, outcome: ProgramOutcome, said: str) -> Result:
    advice = Advice(AdviceKind.WEIGHT, (outcome.exit or 0) - _DYNAMIC)
    fine = Outcome(verdict=Verdict.UP, reason=Reason.OK, advice=advice)
    return Result(
        verdict=Verdict.UP,
        reason=Reason.OK,
        output=said,
        outcomes=tuple((host, fine) for host in check.hosts),
        duration=timedelta(seconds=outcome.seconds),
    )


def _failure(check: Round, outcome: ProgramOutcome) -> tuple[Verdict, Reason, int, str]:
    """Judge a run that is no success; the last is a line to put before the output."""
    if outcome.stopped:
        line = "ended because the daemon stops"
        return Verdict.INCONCLUSIVE, Reason.STOPPED, _TIMED_OUT_EXIT, line
    if outcome.timed_out:
        line = f"still running after {check.timeout:g} s, ended"
        return Verdict.DOWN, Reason.TIMED_OUT, _TIMED_OUT_EXIT, line
    if outcome.signal is not None:
        line = f"died by signal {outcome.signal} ({_signal_name(outcome.signal)})"
        code = _SIGNAL_EXIT + outcome.signal
        return Verdict.INCONCLUSIVE, Reason.SIGNALLED, code, line
    if outcome.exit is None:
        line = f"could not be started: {outcome.error}"
        return Verdict.INCONCLUSIVE, Reason.NOT_STARTED, _NOT_STARTED_EXIT, line
    return Verdict.DOWN, Reason.EXITED, outcome.exit, ""


def _named(output: str, hosts: tuple[Host, ...]) -> tuple[tuple[Host, Outcome], ...]:
    """Give every host its own outcome, if the first line names some of them."""
    failing = set(hosts_named(output.partition("\n")[0], hosts))
    if not failing:
        return ()
    down = Outcome(verdict=Verdict.DOWN, reason=Reason.EXITED)
    up = Outcome(verdict=Verdict.UP, reason=Reason.OK)
    return tuple((host, down if host in failing else up) for host in hosts)


def _said(outcome: ProgramOutcome) -> str:
    # What is not UTF-8 is shown as an escape, so that the text can go anywhere.
    text = outcome.output.decode("utf-8", "backslashreplace")
    if not outcome.truncated:
        return text
    return f"{text}\n(the output was longer and is cut here)\n"


def _signal_name(number: int) -> str:
    try:
        return Signals(number).name
    except ValueError:
        return "a real-time signal"
