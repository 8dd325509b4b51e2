"""What mon tells its monitors and alerts: arguments, MON_* variables, standard input.

Rule 1: pure; what is told comes in as values, words come out in the order mon uses.
Rule 2: a variable that mon leaves unset is absent here, never empty; what mon sets is
here although it may be useless (MON_FIRST_SUCCESS).
Rule 3: what a program cannot be given (a NUL, a string longer than execve(2) takes) is
taken out here, so that no output of a monitor can keep the next program from starting.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monlvs.model.plugin import AlertKind, Occasion
from monlvs.model.result import summary_line
from monlvs.model.values import Host

Variables = tuple[tuple[str, str], ...]
"""Names and values, later ones winning."""

NO_HOSTS = ";;"
"""The last word of a `monitor` line that wants no hosts (mon(8), "monitor")."""

VALUE_LIMIT = 65_536
"""Bytes kept of one value: execve(2) refuses strings longer than 131,072."""

_TELLS_FAILURE = frozenset((AlertKind.FAILURE, AlertKind.TRAP, AlertKind.TRAP_TIMEOUT))


@dataclass(frozen=True, slots=True, kw_only=True)
class Directories:
    """Where the daemon keeps its files, as its programs are told."""

    log: str
    state: str
    config: str

    def variables(self) -> Variables:
        """Return MON_LOGDIR, MON_STATEDIR and MON_CFBASEDIR."""
        return (
            ("MON_LOGDIR", self.log),
            ("MON_STATEDIR", self.state),
            ("MON_CFBASEDIR", self.config),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a service stands before a check, as its monitor is told."""

    group: str
    service: str
    description: str | None = None
    variables: Variables = ()
    """The service's own variables, and those of `Directories`."""
    last_output: str | None = None
    """Complete output of the last run; None before the first."""
    last_failed: bool = False
    """Whether the last run failed."""
    last_summary: str | None = None
    """Summary of the last run where its output is not known any more, as after a
    reset."""
    last_failure: datetime | None = None
    """None before the first failure, and again after a success."""
    last_success: datetime | None = None
    first_failure: datetime | None = None
    """When the present outage began."""
    depends: bool | None = None
    """What the service's dependency came to; None: it was not evaluated."""


def monitor_arguments(
    arguments: Sequence[str], hosts: Sequence[Host], *, wants_hosts: bool = True
) -> tuple[str, ...]:
    """Return what follows a monitor's name: the configured words, then the hosts."""
    return tuple(map(_sendable, (*arguments, *(hosts if wants_hosts else ()))))


def monitor_variables(standing: Standing) -> Variables:
    """Return what is added to the environment of a monitor."""
    told = [
        *standing.variables,
        ("MON_GROUP", standing.group),
        ("MON_SERVICE", standing.service),
        ("MON_LAST_FAILURE", _epoch(standing.last_failure)),
        ("MON_LAST_SUCCESS", _epoch(standing.last_success)),
    ]
    output = standing.last_output
    summary = standing.last_summary or ""
    if output is not None:
        told.append(("MON_LAST_OUTPUT", output))
        summary = summary_line(output, failed=standing.last_failed)
    if summary:
        told.append(("MON_LAST_SUMMARY", summary))
    if output is not None or standing.first_failure is not None:
        told.append(("MON_FIRST_FAILURE", _epoch(standing.first_failure)))
    if standing.description is not None:
        told.append(("MON_DESCRIPTION", standing.description))
    if standing.depends is not None:
        told.append(("MON_DEPEND_STATUS", str(int(standing.depends))))
    return _final(told)


def alert_arguments(
    occasion: Occasion, arguments: Sequence[str] = (), *, next_alert: bool = False
) -> tuple[str, ...]:
    """Return what follows an alert's name: mon's options, then the configured words.

    With `next_alert` they include `-l`, which mon(8) documents, mon of 1999 passed and
    mon 1.3 does not.
    """
    words = ["-s", occasion.service, "-g", occasion.group]
    words += ["-h", " ".join(occasion.hosts), "-t", _epoch(occasion.time)]
    if occasion.kind.flag is not None:
        words.append(occasion.kind.flag)
    if next_alert:
        words += ["-l", str(int(occasion.next_alert.total_seconds()))]
    return tuple(map(_sendable, (*words, *arguments)))


def alert_variables(occasion: Occasion) -> Variables:
    """Return what is added to the environment of an alert."""
    told = [
        *occasion.variables,
        ("MON_ALERTTYPE", occasion.kind.value),
        ("MON_GROUP", occasion.group),
        ("MON_SERVICE", occasion.service),
        ("MON_OPSTATUS", str(int(occasion.opstatus))),
        ("MON_LAST_FAILURE", _epoch(occasion.last_failure)),
        ("MON_LAST_SUCCESS", _epoch(occasion.last_success)),
        ("MON_FIRST_SUCCESS", ""),
    ]
    first = occasion.first_failure
    tested = first is not None or occasion.last_success is not None
    optional = (
        ("MON_DESCRIPTION", occasion.description),
        ("MON_RETVAL", _exit_told(occasion)),
        ("MON_LAST_SUMMARY", _summary_told(occasion)),
        ("MON_LAST_OUTPUT", occasion.previous_output),
        ("MON_FIRST_FAILURE", _epoch(first) if tested else None),
        ("MON_TRAP_INTENDED", occasion.intended),
        ("MON_ACK", occasion.comment),
    )
    told += [(name, value) for name, value in optional if value is not None]
    return _final(told)


def alert_input(occasion: Occasion) -> bytes:
    """Return what an alert reads from its standard input."""
    return occasion.text.encode("utf-8", "surrogateescape")


def _exit_told(occasion: Occasion) -> str | None:
    match occasion.kind:
        case AlertKind.UP | AlertKind.STARTUP:
            return "0"
        case AlertKind.TRAP_TIMEOUT:
            return "1"
        case AlertKind.ACK:
            return None
        case AlertKind.FAILURE | AlertKind.TRAP | AlertKind.TEST:
            return None if occasion.exit is None else str(occasion.exit)


def _summary_told(occasion: Occasion) -> str | None:
    """Return the outage's summary, where there has been an outage."""
    if occasion.last_summary is not None:
        return occasion.last_summary
    recovered = occasion.kind is AlertKind.UP and occasion.first_failure is not None
    if recovered or occasion.kind in _TELLS_FAILURE:
        return summary_line(occasion.text, failed=True)
    return None


def _epoch(time: datetime | None) -> str:
    return "0" if time is None else str(int(time.timestamp()))


def _final(told: Sequence[tuple[str, str]]) -> Variables:
    return tuple((name, _sendable(value)) for name, value in dict(told).items())


def _sendable(value: str) -> str:
    clean = value.replace("\0", "")
    if len(clean) <= VALUE_LIMIT // 4:  # the longest UTF-8 sequence has four bytes
        return clean
    kept = clean.encode("utf-8", "surrogateescape")[:VALUE_LIMIT]
    return kept.decode("utf-8", "surrogateescape")
