"""What the lab's instruments saw: mails by subject, entries that leave and come."""

from dataclasses import dataclass
from itertools import pairwise

from monlvs.lab import Lab, Mail
from tests.e2e.configurations import INTERVAL, SLACK

PATIENCE = 30.0
"""Seconds outside until a test gives up; what is measured is the guest's time."""


def subject(mail: Mail) -> str:
    (line,) = (s for s in mail.text.splitlines() if s.startswith("Subject: "))
    return line.removeprefix("Subject: ")


def mails(lab: Lab, kind: str, where: str, *, after: float = 0.0) -> list[float]:
    """When mails with this subject arrived; `where` is group/service."""
    return [
        mail.at
        for mail in lab.mails()
        if mail.at >= after and subject(mail).startswith(f"{kind} {where}: ")
    ]


def is_regular(moments: list[float], *, every: float = INTERVAL) -> bool:
    """Whether things came again and again, none left out, none twice."""
    gaps = [b - a for a, b in pairwise(moments)]
    return all(abs(gap - every) < SLACK for gap in gaps)


def first_change(lab: Lab, line: str, *, after: float, gone: bool) -> float | None:
    """When the first entry with `line` in it left the table, or came."""
    for change in lab.table_watch().changes:
        lines = change.removed if gone else change.added
        if change.at >= after and any(line in entry for entry in lines):
            return change.at
    return None


async def leaves(lab: Lab, line: str, *, after: float) -> float:
    """Wait for an entry's leaving; return how long it took."""
    found = await lab.until(
        lambda: first_change(lab, line, after=after, gone=True), timeout=PATIENCE
    )
    return found - after


async def comes(lab: Lab, line: str, *, after: float) -> float:
    """Wait for an entry's coming; return how long it took."""
    found = await lab.until(
        lambda: first_change(lab, line, after=after, gone=False), timeout=PATIENCE
    )
    return found - after


@dataclass(frozen=True, slots=True)
class Act:
    """Something was done to a service; it may be noticed before it is wholly done."""

    began: float
    took: float


async def stop(lab: Lab, host: str, name: str = "httpd") -> Act:
    """Stop a service of a host."""
    began = await lab.now()
    return Act(began, await lab.stop_service(host, name) - began)


async def start(lab: Lab, host: str, name: str = "httpd") -> Act:
    """Start a service of a host; done when it listens."""
    began = await lab.now()
    return Act(began, await lab.start_service(host, name) - began)


async def run(lab: Lab, host: str, command: str) -> Act:
    """Run a command that changes something on a host."""
    result = await lab.run(host, command, check=True)
    return Act(result.began, result.ended - result.began)
