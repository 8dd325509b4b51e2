"""What a finished check says."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from monlvs.model.values import Host

NO_SUMMARY = "(NO SUMMARY)"
"""What mon calls a failure whose first line of output is blank."""


def summary_line(output: str, *, failed: bool) -> str:
    """Return the first line of a monitor's output; a failure is never without one."""
    line = output.partition("\n")[0]
    return NO_SUMMARY if failed and not line else line


class Verdict(StrEnum):
    """The three answers a check can give."""

    UP = "up"
    DOWN = "down"
    INCONCLUSIVE = "inconclusive"
    """The check could not be made properly; it moves nothing."""


class Reason(StrEnum):
    """Why a check ended as it did. Words for people are made at the edge."""

    OK = "ok"
    # The other side's doing: DOWN.
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed out"
    RESET = "reset"
    CLOSED_EARLY = "closed early"
    UNEXPECTED = "unexpected reply"
    TOO_LARGE = "reply too large"
    TLS_FAILED = "TLS failed"
    CERTIFICATE = "certificate refused"
    EXITED = "program reported failure"
    # Our own doing: INCONCLUSIVE.
    NO_DESCRIPTORS = "no file descriptors left"
    NO_PORTS = "no local ports left"
    NO_NETWORK = "own network gone"
    NO_MEMORY = "kernel out of memory for sockets"
    LATE = "checker was late"
    NOT_PERMITTED = "not permitted"
    NAME = "name does not resolve"
    NO_MEASURE = "nothing to compare with"
    SIGNALLED = "program died by a signal"
    NOT_STARTED = "program could not be started"
    STOPPED = "checker was stopped"
    BROKEN = "monitor is broken"


class AdviceKind(StrEnum):
    """What a check may report of a server that works, besides that it does."""

    PERCENT = "percent"
    """It takes so much of its weight."""
    WEIGHT = "weight"
    """It takes this weight, whatever the configuration says."""
    DRAIN = "drain"
    """It wants no new connections."""
    MAINT = "maint"
    """It wants none at all."""


@dataclass(frozen=True, slots=True)
class Advice:
    """How much a server says that it can take."""

    kind: AdviceKind
    amount: int = 100
    """Of PERCENT and WEIGHT."""

    def __str__(self) -> str:
        match self.kind:
            case AdviceKind.PERCENT:
                return f"{self.amount}%"
            case AdviceKind.WEIGHT:
                return f"weight {self.amount}"
            case _:
                return self.kind.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One host's answer to one check."""

    verdict: Verdict
    reason: Reason
    detail: str = ""
    """One printable line for people; may be empty."""
    seconds: float = 0.0
    """How long the answer took."""
    advice: Advice | None = None
    """How much the server says that it can take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One finished check of a service: all of its hosts, or one program's run.

    `exit`, `output` are what mon would have seen: exit code 0 for success, the
    failing hosts on the first line of the output (mon(8), "MONITOR PROGRAMS").
    """

    verdict: Verdict
    reason: Reason
    exit: int = 0
    output: str = ""
    """Summary line first, then the detail."""
    outcomes: tuple[tuple[Host, Outcome], ...] = ()
    """Per host, in the group's order; hosts not named share `verdict`."""
    duration: timedelta = timedelta(0)

    @property
    def summary(self) -> str:
        """First line of the output; NO_SUMMARY where a failure's is blank."""
        return summary_line(self.output, failed=self.verdict is Verdict.DOWN)

    @property
    def is_plain(self) -> bool:
        """Whether it says of everybody that they are up, and nothing more."""
        return self.verdict is Verdict.UP and all(
            outcome.verdict is Verdict.UP and outcome.advice is None
            for _, outcome in self.outcomes
        )

    @property
    def detail(self) -> str:
        """Everything after the first line."""
        return self.output.partition("\n")[2]
