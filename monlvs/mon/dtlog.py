"""The downtime log (`dtlogging`): one line for each outage that has ended."""

import re
from dataclasses import dataclass
from datetime import timedelta

from monlvs.model.result import NO_SUMMARY
from monlvs.mon.opstatus import seconds

_ENTRY = re.compile(
    r"([0-9]{1,15}) (\S+) (\S+) ([0-9]{1,15}) ([0-9]{1,15}) ([0-9]{0,9}(?:\.[0-9]+)?)"
    r" (.*)",
    re.DOTALL,
)
_LINE_END = re.compile(r"[\r\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Downtime:
    """One outage. Times are epochs in seconds."""

    up: int
    """When it ended."""
    group: str
    service: str
    first_failure: int
    """When it began."""
    downtime: int
    """How long it lasted, in seconds."""
    interval: timedelta | None = None
    """How often the service is checked; None: by traps alone."""
    summary: str = NO_SUMMARY
    """Of the last failure."""


def dtlog_header(start: int) -> str:
    """Return what a new log begins with; `start` is the present epoch."""
    return (
        "#\n"
        f"# downtime log start {start}\n"
        "# time back up, group, service, first failure, downtime, interval, summary\n"
        "#\n"
    )


def dtlog_line(entry: Downtime) -> str:
    """Return the line of an outage, without a line end."""
    interval = "" if entry.interval is None else seconds(entry.interval)
    line = (
        f"{entry.up} {entry.group} {entry.service} {entry.first_failure} "
        f"{entry.downtime} {interval} {entry.summary or NO_SUMMARY}"
    )
    return _LINE_END.sub(" ", line)


def parse_dtlog(line: str) -> Downtime | None:
    """Read a line; None: it is a comment or junk."""
    found = _ENTRY.fullmatch(line.rstrip("\r\n"))
    if found is None:
        return None
    up, group, service, first, downtime, interval, summary = found.groups()
    every = timedelta(seconds=float(interval)) if interval else None
    return Downtime(
        up=int(up),
        group=group,
        service=service,
        first_failure=int(first),
        downtime=int(downtime),
        interval=every,
        summary=summary,
    )


def dtlog_lines(text: str) -> tuple[str, ...]:
    """Return the lines of a log that clients are shown: all but comments."""
    lines = (line.rstrip("\r") for line in text.split("\n"))
    return tuple(line for line in lines if line and not line.startswith("#"))
