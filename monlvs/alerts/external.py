"""Runs an alert program of mon's."""

import logging
import os
import shlex
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from monlvs.model.plugin import OPTION_RULES, AlertError, Occasion
from monlvs.mon.environ import alert_arguments, alert_input, alert_variables
from monlvs.wire.process import Program, ProgramOutcome, Programs

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class External:
    """Run an alert program as mon does.

    It gets `-s SERVICE -g GROUP -h HOSTS -t TIME`, a flag for what is told (`-u`: up
    again, `-T`: a trap, `-O`: no trap came, `-a`: acknowledged), then the configured
    words; the MON_* variables of mon(8) on top of the daemon's environment; and what
    the monitor printed on its standard input.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = OPTION_RULES

    command: str
    """Path of the program, or a name that PATH knows."""

    args: tuple[str, ...] = ()
    """Words given to the program after mon's own."""

    next_alert: bool = False
    """Whether `-l SECONDS`, the time to the next alert, is given too. mon(8) documents
    it, the mon of 1999 gave it, mon 1.3 does not."""

    timeout: timedelta = timedelta(minutes=1)
    """Time limit; the program is ended with all that it started when it is over."""

    check_exit: bool = False
    """Whether an exit code other than 0 means that the alert was not delivered, and is
    tried again. mon does not look at it."""

    def __post_init__(self) -> None:
        if not self.command or "\0" in self.command:
            raise ValueError(f"command: expected a path or name, not {self.command!r}")
        if self.timeout <= timedelta(0):
            raise ValueError("timeout: expected a duration longer than nothing")

    @property
    def destination(self) -> str:
        """Names the queue: the command with its words."""
        return f"program {shlex.join((self.command, *self.args))}"

    async def send(self, occasion: Occasion) -> None:
        """Run the program to its end, or raise AlertError."""
        outcome = await Programs(limit=1).run(self.program(occasion))
        said = outcome.output.decode("utf-8", "backslashreplace").strip()
        if outcome.exit is None or outcome.timed_out or self.check_exit:
            self._check(outcome, said)
        if outcome.exit or said:
            _log.info("%s exited with %s: %s", self.command, outcome.exit, said)

    def program(self, occasion: Occasion) -> Program:
        """Say which program to run, with which arguments, environment and input."""
        words = alert_arguments(occasion, self.args, next_alert=self.next_alert)
        return Program(
            argv=(self.command, *words),
            environ=tuple((os.environ | dict(alert_variables(occasion))).items()),
            stdin=alert_input(occasion),
            timeout=self.timeout.total_seconds(),
        )

    def preview(self, occasion: Occasion) -> str:
        """Say what would be run as a shell would take it: variables, words, input."""
        variables = [f"{n}={shlex.quote(v)}" for n, v in alert_variables(occasion)]
        words = alert_arguments(occasion, self.args, next_alert=self.next_alert)
        command = shlex.join((self.command, *words))
        given = f"printf %s {shlex.quote(occasion.text)}"
        return f"{given} |\n" + " \\\n".join([*variables, command]) + "\n"

    def _check(self, outcome: ProgramOutcome, said: str) -> None:
        """Raise AlertError for every end but exit code 0."""
        if outcome.error and not outcome.stopped:
            why = f"could not be started: {outcome.error}"
            raise AlertError(f"{self.command} {why}", lasting=True)
        if outcome.timed_out or outcome.stopped:
            limit = self.timeout.total_seconds()
            why = f"was still running after {limit:g} s and was ended"
        elif outcome.signal is not None:
            why = f"died by signal {outcome.signal}"
        elif outcome.exit:
            why = f"exited with {outcome.exit}"
        else:
            return
        raise AlertError(f"{self.command} {why}" + (f": {said}" if said else ""))
