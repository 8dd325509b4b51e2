"""A live view of a running daemon in the terminal: services, table, what happened."""

from collections.abc import Iterable
from datetime import timedelta

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from monlvs.core.states import ServiceState
from monlvs.daemon import Daemon
from monlvs.director.table import Reading
from monlvs.model.status import OpStatus
from monlvs.model.values import Now

STYLES = {
    OpStatus.OK: "green",
    OpStatus.FAIL: "bold red",
    OpStatus.UNTESTED: "dim",
}
LATEST = 10
"""Journal entries shown."""


def render(daemon: Daemon, *, now: Now) -> RenderableType:
    """Return the whole view."""
    return Group(
        _services(daemon, now),
        _table(daemon.director.reading, f"IPVS table ({daemon.table.name})"),
        _latest(daemon.dispatcher.latest),
    )


def _services(daemon: Daemon, now: Now) -> Table:
    table = Table(title="services", title_justify="left", expand=True)
    for heading in ("service", "status", "for", "last check", "took", "summary"):
        table.add_column(heading, overflow="fold")
    for key, state in daemon.engine.states.items():
        status = state.standing.opstatus
        table.add_row(
            str(key),
            Text(_status(state), style=STYLES.get(status, "")),
            _ago(state.standing.first_failure, now) if status.is_failure else "",
            _ago(state.checked, now),
            f"{state.duration.total_seconds() * 1000:.1f} ms" if state.checked else "",
            state.standing.output.replace("\n", "; ").strip("; "),
        )
    return table


def _status(state: ServiceState) -> str:
    standing = state.standing
    words = standing.opstatus.name.lower()
    if state.unsure:
        words += f", {state.unsure} inconclusive"
    if standing.ack:
        words += ", acknowledged"
    if standing.disabled:
        words += ", disabled"
    return words


def _ago(moment: Now | None, now: Now) -> str:
    if moment is None:
        return ""
    seconds = max(now.mono - moment.mono, 0.0)
    return f"{seconds:.1f} s" if seconds < 60 else str(timedelta(seconds=int(seconds)))


def _table(reading: Reading, title: str) -> Table:
    table = Table(title=title, title_justify="left", expand=True)
    for heading in ("virtual service", "→ real server", "forward", "weight"):
        table.add_column(heading)
    for key, pool in reading.table.items():
        table.add_row(f"{key} {pool.service.scheduler}", "", "", "", style="bold")
        for server, entry in pool.entries.items():
            table.add_row(
                "", str(server), entry.forwarding.name.lower(), str(entry.weight)
            )
    return table


def _latest(lines: Iterable[str]) -> Table:
    table = Table(title="what happened", title_justify="left", expand=True)
    table.add_column("", overflow="fold")
    for line in list(lines)[-LATEST:]:
        table.add_row(line)
    return table
