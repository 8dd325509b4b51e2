"""A live view of a running daemon in the terminal: services, table, what happened.

It fits the terminal: what is wrong comes first, what has no room is counted, and the
latest events have what is left of the height.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from monlvs.core.states import ServiceState
from monlvs.daemon import Daemon
from monlvs.director.table import Reading
from monlvs.model.guard import Guard
from monlvs.model.status import Health, OpStatus
from monlvs.model.values import Now
from monlvs.model.watch import ServiceKey

STYLES = {
    OpStatus.OK: "green",
    OpStatus.FAIL: "bold red",
    OpStatus.UNTESTED: "dim",
}
FEWEST = 3
"""Rows that services, table and events have each, however small the terminal is."""
HEAD = "bold cyan"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One picture of the daemon, as large as the console; `foot` is its last line."""

    daemon: Daemon
    reading: Reading
    now: Now
    foot: str = ""

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> RenderResult:
        """Lay out the sections from top to bottom."""
        top = [_headline(self.daemon)]
        entries = list(_entries(self.daemon, self.reading))
        states = sorted(self.daemon.engine.states.items(), key=_gravity)
        # Three headings, three blank lines, and the last line.
        room = (options.height or console.height) - len(top) - 7
        for_services = max(FEWEST, min(len(states), room - 2 * FEWEST, room // 2))
        room -= for_services
        for_table = max(FEWEST, min(len(entries), room - FEWEST, room * 2 // 3))
        room -= min(for_table, len(entries))
        yield from top
        yield ""
        yield _services(states, for_services, self.now)
        yield ""
        yield _table(entries, for_table, self.daemon.table.name)
        yield ""
        yield Text("WHAT HAPPENED", style=HEAD)
        latest = list(_latest(self.daemon.dispatcher.latest, console, options))
        latest = latest[-max(room, FEWEST) :]
        yield from latest
        yield from [""] * (room - len(latest))
        yield _cut(self.foot, "dim")


def _headline(daemon: Daemon) -> Text:
    statuses = [s.standing.opstatus for s in daemon.engine.states.values()]
    failing = sum(status.is_failure for status in statuses)
    fine = sum(status.is_success for status in statuses)
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append("monlvs", style="bold")
    line.append(f"  {len(statuses)} services: ")
    line.append(f"{fine} ok", style="green" if fine else "")
    if failing:
        line.append(", ")
        line.append(f"{failing} failing", style="bold red")
    if rest := len(statuses) - fine - failing:
        line.append(f", {rest} not known", style="dim")
    if daemon.shortfall:
        line.append("  TABLE IN MEMORY, NOTHING IS BALANCED", "bold yellow")
        line.append(f": {daemon.shortfall}", "yellow")
    return line


def _gravity(item: tuple[ServiceKey, ServiceState]) -> bool:
    return not item[1].standing.opstatus.is_failure


def _grid(headings: Sequence[str], *, widest: int) -> Table:
    """Return a table without lines whose column `widest` takes the room that is left."""
    table = Table(box=None, expand=True, padding=(0, 2, 0, 0), header_style=HEAD)
    for index, heading in enumerate(headings):
        ratio = 1 if index == widest else None
        table.add_column(heading, no_wrap=True, overflow="ellipsis", ratio=ratio)
    return table


def _services(
    states: Sequence[tuple[ServiceKey, ServiceState]], room: int, now: Now
) -> RenderableType:
    table = _grid(
        ("SERVICE", "STATUS", "FAILS FOR", "CHECKED", "TOOK", "WHY"), widest=5
    )
    shown = states if len(states) <= room else states[: room - 1]
    for key, state in shown:
        standing = state.standing
        failing = standing.opstatus.is_failure
        table.add_row(
            Text(str(key), style="bold" if failing else ""),
            Text(_status(state), style=STYLES.get(standing.opstatus, "yellow")),
            _duration(standing.first_failure, now) if failing else "",
            f"{_duration(state.checked, now)} ago" if state.checked else "",
            f"{state.duration.total_seconds() * 1000:.1f} ms" if state.checked else "",
            Text(_why(state)),
        )
    if len(shown) < len(states):
        table.add_row(Text(f"… {len(states) - len(shown)} more", style="dim"))
    return table


def _status(state: ServiceState) -> str:
    standing = state.standing
    words = standing.opstatus.name.lower()
    if standing.opstatus.is_failure:
        words = words.upper()
    if state.unsure:
        words += f", {state.unsure} inconclusive"
    if standing.ack:
        words += ", acknowledged"
    if standing.disabled:
        words += ", disabled"
    return words


def _why(state: ServiceState) -> str:
    """Return the reasons of a failure; the hosts alone where there are none."""
    if not state.standing.opstatus.is_failure:
        return ""
    summary, _, detail = state.standing.output.partition("\n")
    lines = [line for line in detail.split("\n") if line] or [summary]
    if len(lines) == 1:  # the host is in the service's name, mostly
        lines = [lines[0].removeprefix(f"{summary}: ")]
    return "; ".join(lines)


def _duration(moment: Now | None, now: Now) -> str:
    if moment is None:
        return ""
    seconds = max(now.mono - moment.mono, 0.0)
    return f"{seconds:.1f} s" if seconds < 60 else str(timedelta(seconds=int(seconds)))


def _entries(daemon: Daemon, reading: Reading) -> Iterator[tuple[Text | str, ...]]:
    """Return the table's rows: what is in, and what its guards keep out."""
    out = [
        guard
        for guard, health in daemon.engine.health().items()
        if _gone(guard, health)
    ]
    for key, pool in reading.table.items():
        yield Text(f"{key} {pool.service.scheduler}", style="bold"), "", ""
        for server, entry in pool.entries.items():
            yield f"  → {server}", entry.forwarding.name.lower(), str(entry.weight)
        for guard in out:
            if (
                guard.key == key
                and guard.entry
                and guard.entry.server not in pool.entries
            ):
                why = f"out: {guard.service} is down"
                yield (
                    Text(f"  ✗ {guard.entry.server}", style="red"),
                    Text(why, "red"),
                    "",
                )


def _gone(guard: Guard, health: Health) -> bool:
    return guard.entry is not None and health is Health.DOWN


def _table(
    entries: Sequence[tuple[Text | str, ...]], room: int, name: str
) -> RenderableType:
    headings = (f"IPVS TABLE ({name.upper()})", "FORWARDING", "WEIGHT")
    table = _grid(headings, widest=0)
    shown = entries if len(entries) <= room else entries[: room - 1]
    for row in shown or [(Text("(empty)", style="dim"),)]:
        table.add_row(*row)
    if len(shown) < len(entries):
        table.add_row(Text(f"… {len(entries) - len(shown)} more", style="dim"))
    return table


def _latest(
    sentences: Iterable[str], console: Console, options: ConsoleOptions
) -> Iterator[Text]:
    """Return sentences as lines, what is long being continued under its words."""
    for sentence in sentences:
        moment, _, words = sentence.partition(" ")
        style = _style(words)
        indent = " " * (len(moment) + 1)
        lines = Text(words).wrap(console, max(options.max_width - len(indent), 10))
        for index, line in enumerate(lines):
            before = f"{moment} " if index == 0 else indent
            yield Text(before, style="dim").append(line.plain.rstrip(), style=style)


def _style(words: str) -> str:
    if "→ fail" in words or "→ down" in words:
        return "red"
    return "green" if words.endswith(("→ ok", "→ up")) else "default"


def _cut(words: str, style: str) -> Text:
    return Text(words, style=style, no_wrap=True, overflow="ellipsis")
