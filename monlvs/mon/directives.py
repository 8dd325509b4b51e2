"""What the lines of a watch block say: the rest of a line to a small frozen value.

Every reader takes the text after the keyword, without blanks around it, and raises
DirectiveError with mon's own words where mon has some.
"""

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from monlvs.core.timeperiod import PeriodSyntaxError
from monlvs.core.timeperiod import parse as parse_period
from monlvs.model.depend import DependBehavior
from monlvs.model.period import TimePeriod
from monlvs.model.watch import (
    AfterCount,
    AfterCountWithin,
    AfterDuration,
    AlertAfter,
    AlertEvery,
    AlertEveryMode,
    ExitRange,
)
from monlvs.mon.environ import NO_HOSTS
from monlvs.mon.timeval import positive_timeval, whole_timeval
from monlvs.mon.words import BLANKS, UnbalancedQuoteError, first_word, split_words

_LABEL = re.compile(rf"([A-Za-z_][A-Za-z0-9_]*)[{BLANKS}]*:(.*)", re.DOTALL)
_EXITS = re.compile(
    rf"exit=([0-9]{{1,9}})(?:-([0-9]{{1,9}}))?(?:[{BLANKS}]+(.*))?", re.DOTALL
)
_COUNT = re.compile(r"[0-9]{1,9}")
_MODES = [mode.value for mode in AlertEveryMode if mode is not AlertEveryMode.SUMMARY]
_YES = {"1": True, "y": True, "yes": True, "0": False, "n": False, "no": False}


class DirectiveError(ValueError):
    """A line of a watch block cannot be understood; says what was expected."""


class ProgramError(ValueError):
    """A line names no program; mon takes it, and nothing will ever run."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program of the configuration with its arguments."""

    text: str
    """As written; clients are shown it (opstatus, `monitor`)."""
    name: str
    arguments: tuple[str, ...] = ()
    arguments_text: str = ""
    """The arguments as written; the alert history has them."""
    wants_hosts: bool = True
    """Whether a monitor is given the hosts of the group: no `;;` at the end."""


@dataclass(frozen=True, slots=True)
class AlertProgram:
    """An `alert` line, or one of its kind: the program, and which exits it is for."""

    line: int
    program: Program
    exits: ExitRange | None = None


@dataclass(frozen=True, slots=True)
class PeriodHead:
    """What follows the word `period`."""

    label: str | None
    spec: str

    @property
    def key(self) -> str:
        """What the period is called: in state files, by `test alert`, by operators."""
        return self.spec if self.label is None else self.label


def period_head(rest: str) -> PeriodHead:
    """Part `LABEL: SPEC`; the label may be missing."""
    found = _LABEL.fullmatch(rest)
    if found is None:
        return PeriodHead(None, rest)
    return PeriodHead(found[1], found[2].strip(BLANKS))


def read_period(spec: str, *, keyword: str = "period") -> TimePeriod:
    """Read a Time::Period; `keyword` is named where it is malformed."""
    try:
        return parse_period(spec)
    except PeriodSyntaxError as error:
        raise DirectiveError(f"malformed {keyword} '{spec}' ({error})") from None


def read_monitor(rest: str) -> Program:
    """Read `PROGRAM ARGUMENT… [;;]`. Raises ProgramError."""
    program = read_program(rest)
    if program.arguments[-1:] != (NO_HOSTS,):
        return program
    return replace(program, arguments=program.arguments[:-1], wants_hosts=False)


def read_alert(line: int, rest: str) -> AlertProgram:
    """Read `[exit=N|exit=N-M] PROGRAM ARGUMENT…`. Raises ProgramError.

    As in mon anything else that begins with `exit=` is the name of a program.
    """
    found = _EXITS.fullmatch(rest)
    if found is None:
        return AlertProgram(line, read_program(rest))
    first, last = int(found[1]), int(found[2] or found[1])
    return AlertProgram(line, read_program(found[3] or ""), ExitRange(first, last))


def read_program(text: str) -> Program:
    """Read a program and its arguments. Raises ProgramError."""
    try:
        words = split_words(text)
        name, arguments_text = first_word(text)
    except UnbalancedQuoteError as error:
        raise ProgramError(str(error)) from None
    if not name:
        raise ProgramError("expected a program")
    return Program(text, name, words[1:], arguments_text)


def read_timeval(keyword: str, rest: str) -> timedelta:
    """Read the time value of a service's or a period's directive."""
    try:
        return positive_timeval(rest)
    except ValueError:
        what = _TIMEVALS.get(keyword, f"{keyword} interval")
        raise DirectiveError(
            f"invalid {what} '{rest}' (syntax: {keyword} = {{positive number}}{{smhd}})"
        ) from None


_TIMEVALS = {
    "interval": "time interval",
    "failure_interval": "interval",
    "randskew": "randskew time interval",
    "upalertafter": "upalertafter specification",
}


def read_alertevery(rest: str) -> AlertEvery:
    """Read `TIMEVAL [strict | observe_detail | ignore_summary]`."""
    words = rest.split()
    mode = AlertEveryMode.SUMMARY
    try:
        interval = positive_timeval(words[0] if words else "")
        if len(words) > 1:
            mode = AlertEveryMode(_mode(words[1:]))
    except ValueError:
        raise DirectiveError(
            f"invalid time interval '{rest}' (syntax: alertevery {{positive number}}"
            f"{{smhd}} [ {' | '.join(sorted(_MODES, reverse=True))} ])"
        ) from None
    return AlertEvery(interval=interval, mode=mode)


def _mode(words: list[str]) -> str:
    if len(words) > 1 or words[0].lower() not in _MODES:
        raise ValueError
    return words[0].lower()


def read_alertafter(rest: str, interval: timedelta | None) -> AlertAfter:
    """Read `N`, `N TIMEVAL` or `TIMEVAL`.

    `interval` is the service's: N failures have to fit into the time. mon takes 0 for
    N, which is as good as 1.
    """
    words = rest.split()
    if len(words) in (1, 2) and _COUNT.fullmatch(words[0]):
        count = max(int(words[0]), 1)
        if len(words) == 1:
            return AfterCount(count)
        window = _window(rest, words[1])
        if not window or (interval is not None and (count - 1) * interval >= window):
            raise DirectiveError(
                "interval & alertafter not sensible. No alerts can be generated with "
                "those parameters"
            )
        return AfterCountWithin(count, window)
    duration = _window(rest, rest)
    if not duration:
        raise DirectiveError(
            f"invalid time interval '{rest}' (syntax: alertafter = [{{positive "
            "integer}] [{positive number}{smhd}])"
        )
    return AfterDuration(duration)


def _window(rest: str, word: str) -> timedelta:
    try:
        return whole_timeval(word)
    except ValueError:
        raise DirectiveError(f"invalid interval specification '{rest}'") from None


def read_numalerts(rest: str) -> int | None:
    """Read a number; 0 is as good as none."""
    if _COUNT.fullmatch(rest) is None:
        raise DirectiveError(
            f"non-numeric arg '{rest}' (syntax: numalerts = {{positive integer}})"
        )
    return int(rest) or None


def read_unack_summary(rest: str) -> bool:
    """Read the first word: 0, 1, y, yes, n or no."""
    word = rest.split()[0].lower() if rest.split() else ""
    if word not in _YES:
        raise DirectiveError(
            f"invalid unack_summary value '{rest}' (syntax: unack_summary "
            "[0|1|y|yes|n|no])"
        )
    return _YES[word]


def read_behavior(rest: str) -> DependBehavior:
    """Read `a`, `m` or `hm`."""
    try:
        return DependBehavior(rest)
    except ValueError:
        raise DirectiveError(f"unknown dependency behavior '{rest}'") from None
