"""Text of ipvsadm commands to the table that they would make in an empty kernel."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from monlvs.director.codec import Timeouts
from monlvs.director.rules import commandline, method, shell, values
from monlvs.director.rules.commandline import CommandLine, CommandLineError, Verb
from monlvs.director.rules.making import Making
from monlvs.director.rules.operands import Names
from monlvs.director.rules.shell import Statement, Word
from monlvs.model.lvs import Forwarding, Listener, Table
from monlvs.model.sync import SyncDaemon
from monlvs.model.values import Place, Problem

_PROGRAMS: Final = frozenset(("ipvsadm", "ippfvsadm"))
_AS_VARIABLES: Final = frozenset(f"${name}" for name in _PROGRAMS)
_PROMPTS: Final = frozenset(("$", "%"))
_TAKES_AWAY: Final = frozenset(
    (Verb.CLEAR, Verb.DELETE_SERVICE, Verb.DELETE_SERVER, Verb.STOP_DAEMON)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a text of ipvsadm commands sets up."""

    table: Table
    timeouts: Timeouts | None = None
    daemons: tuple[SyncDaemon, ...] = ()
    commands: int = 0
    """How many calls of ipvsadm (or lines of `ipvsadm -S`) the text has."""
    problems: tuple[Problem, ...] = ()
    """An error is a command that was left out; a warning tells what was assumed."""


def read(
    text: str,
    file: str,
    *,
    names: Names | None = None,
    stated: Forwarding | None = None,
) -> Rules:
    """Read the output of `ipvsadm -S`, or a shell script with calls of ipvsadm.

    `file` is for messages and, where it is named rc.ipvs_*, tells the method.
    `stated` is the forwarding method of 1999's spelling (see `method`). What stands in
    a branch or a loop is taken as if it were always run once, except for what takes
    something away: a script's `stop)` would undo its `start)`.
    """
    known = names or Names()
    report = _Report(file)
    lines = list(_lines(text, report))
    usual = _usual([line for _, line in lines], text, known, stated, report)
    making = Making(known, usual, report.warn)
    for statement, line in lines:
        if statement.conditional and line.verb in _TAKES_AWAY:
            verb = line.verb.value
            report.warn(
                line.place, f"{verb} in a branch, a loop or a function is passed over"
            )
            continue
        try:
            making.obey(line)
        except CommandLineError as error:
            report.error(error.word, f"left out: {error}")
    return Rules(
        table=making.table,
        timeouts=making.timeouts,
        daemons=making.daemons,
        commands=report.commands,
        problems=report.problems(),
    )


class _Report:
    """Collects what was left out and what was assumed."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.commands = 0
        self._problems: list[Problem] = []

    def error(self, word: Word, message: str) -> None:
        self._note(word, message, warning=False)

    def warn(self, word: Word, message: str) -> None:
        self._note(word, message, warning=True)

    def problems(self) -> tuple[Problem, ...]:
        places = [(p.place.line or 0, p.place.column or 0) for p in self._problems]
        order = sorted(range(len(places)), key=places.__getitem__)
        return tuple(self._problems[at] for at in order)

    def _note(self, word: Word, message: str, *, warning: bool) -> None:
        place = Place(file=self.file, line=word.line, column=word.column)
        self._problems.append(Problem(place=place, message=message, warning=warning))


def _lines(text: str, report: _Report) -> list[tuple[Statement, CommandLine]]:
    found: list[tuple[Statement, CommandLine]] = []
    for statement in shell.statements(text):
        if shell.UNCLOSED in statement.unknown:
            last = statement.words[-1]
            report.error(last, "the quotation that begins here does not end")
            continue
        words = _call(statement)
        if words is None:
            continue
        report.commands += 1
        missing = [n for n in statement.unknown if n.lower() not in _AS_VARIABLES]
        if missing:
            told = ", ".join(dict.fromkeys(missing))
            report.error(
                statement.words[0],
                f"left out: what {told} stands for is not known without running it",
            )
        elif words:
            try:
                found.append((statement, commandline.parse(words)))
            except CommandLineError as error:
                report.error(error.word, f"left out: {error}")
    return found


def _call(statement: Statement) -> tuple[Word, ...] | None:
    """Give the words after `ipvsadm`, or a line of `ipvsadm -S`; None for all else."""
    words = statement.words
    if words[0].text in _PROMPTS:
        words = words[1:]
    if not words:
        return None
    first = words[0].text
    if first.startswith("-") and len(first) > 1:
        return words
    # "$ipvsadm -A ..." is a prompt and a command, or a variable that is set elsewhere.
    prompted = not first and any(n.lower() in _AS_VARIABLES for n in statement.unknown)
    return words[1:] if prompted or PurePath(first).name in _PROGRAMS else None


def _usual(
    lines: Sequence[CommandLine],
    text: str,
    names: Names,
    stated: Forwarding | None,
    report: _Report,
) -> Forwarding:
    """Choose the method of 1999's spelling, and say which and why."""
    old = [line for line in lines if line.of_1999]
    ports: list[tuple[int | None, int]] = []
    for line in old:
        try:
            key = values.key_of(line, names)
            address, port = values.stated_server(line.options["-r"], key, names)
        except CommandLineError:
            continue  # told when it is obeyed
        if isinstance(key, Listener) and not address.is_loopback:
            ports.append((port, key.port))
    if not ports:
        return Forwarding.ROUTE
    usual, why = method.choose(text, report.file, ports, stated)
    report.warn(
        old[0].place,
        "this spelling of 1999 names no forwarding method: taken for "
        f"{method.NAMES[usual]}, because {why}",
    )
    return usual
