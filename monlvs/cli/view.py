"""A live view of a running daemon in the terminal: services, table, what happened.

It fits the terminal: what is wrong comes first, what has no room is counted, and the
latest events have what is left of the height.
"""

from collections.abc import Iterator, Sequence
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
TIMES = {"FAILS FOR": 60, "CHECKED  ": 60, "TOOK": 100}
"""Columns that tell times → how wide the terminal has to be for them."""
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
        width = options.max_width
        top = [_headline(self.daemon), *_shortfall(self.daemon)]
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
        yield _services(states, for_services, self.now, width=width)
        yield ""
        yield _table(entries, for_table, self.daemon.table.name)
        yield ""
        yield Text("WHAT HAPPENED", style=HEAD)
        sentences = list(self.daemon.dispatcher.latest)
        latest = _latest(sentences, max(room, FEWEST), console, width)
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
    return line


def _shortfall(daemon: Daemon) -> Iterator[Text]:
    if daemon.shortfall:
        words = Text(no_wrap=True, overflow="ellipsis")
        words.append("NOTHING IS BALANCED", "bold yellow")
        yield words.append(f": {daemon.shortfall}", "yellow")


def _gravity(item: tuple[ServiceKey, ServiceState]) -> bool:
    return not item[1].standing.opstatus.is_failure


def _grid(headings: Sequence[str], *, first: int) -> Table:
    """Return a table without lines, its first column having at least `first` characters.

    Where the terminal is narrow, the last column is cut before the others are.
    """
    table = Table(box=None, padding=(0, 2, 0, 0), header_style=HEAD)
    least = [first, *map(len, headings[1:-1]), 1]
    for heading, width in zip(headings, least, strict=True):
        table.add_column(heading, no_wrap=True, overflow="ellipsis", min_width=width)
    return table


def _services(
    states: Sequence[tuple[ServiceKey, ServiceState]],
    room: int,
    now: Now,
    *,
    width: int,
) -> RenderableType:
    times = [name for name, least in TIMES.items() if width >= least]
    longest = max((len(str(key)) for key, _ in states), default=1)
    headings = ("SERVICE", "STATUS", *times, "WHY")
    table = _grid(headings, first=min(longest, 30))
    shown = states if len(states) <= room else states[: room - 1]
    for key, state in shown:
        standing = state.standing
        failing = standing.opstatus.is_failure
        table.add_row(
            Text(str(key), style="bold" if failing else ""),
            Text(_status(state), style=STYLES.get(standing.opstatus, "yellow")),
            *_times(state, now)[: len(times)],
            Text(_why(state)),
        )
    if len(shown) < len(states):
        table.add_row(Text(f"… {len(states) - len(shown)} more", style="dim"))
    return table


def _times(state: ServiceState, now: Now) -> tuple[str, str, str]:
    standing = state.standing
    since = standing.first_failure if standing.opstatus.is_failure else None
    return (
        _duration(since, now),
        f"{_duration(state.checked, now)} ago" if state.checked else "",
        f"{state.duration.total_seconds() * 1000:.1f} ms" if state.checked else "",
    )


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
    """Return the reasons of a failure; the summary where there are none."""
    standing = state.standing
    if not standing.opstatus.is_failure:
        return ""
    down = {h: standing.hosts[h] for h in standing.failed if h in standing.hosts}
    reasons = [streak.detail or streak.reason.value for streak in down.values()]
    if len(reasons) == 1:  # which host it is says the service's name, mostly
        return reasons[0]
    told = [f"{host}: {reason}" for host, reason in zip(down, reasons, strict=True)]
    return "; ".join(told) or standing.output.partition("\n")[0]


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
    table = _grid(headings, first=20)
    shown = entries if len(entries) <= room else entries[: room - 1]
    for row in shown or [(Text("(empty)", style="dim"),)]:
        table.add_row(*row)
    if len(shown) < len(entries):
        table.add_row(Text(f"… {len(entries) - len(shown)} more", style="dim"))
    return table


def _latest(
    sentences: Sequence[str], room: int, console: Console, width: int
) -> list[Text]:
    """Return the latest sentences that have room, as lines.

    What is long is continued under its words; no sentence is shown in part, except the
    very last one where it is longer than the room.
    """
    lines: list[Text] = []
    for sentence in reversed(sentences):
        told = list(_lines(sentence, console, width))
        if lines and len(told) + len(lines) > room:
            break
        lines = [*told, *lines]
    return lines[:room]


def _lines(sentence: str, console: Console, width: int) -> Iterator[Text]:
    moment, _, words = sentence.partition(" ")
    style, indent = _style(words), " " * (len(moment) + 1)
    lines = Text(words).wrap(console, max(width - len(indent), 10))
    for index, line in enumerate(lines):
        before = indent if index else f"{moment} "
        yield Text(before, style="dim").append(line.plain.rstrip(), style=style)


def _style(words: str) -> str:
    if "→ fail" in words or "→ down" in words:
        return "red"
    return "green" if words.endswith(("→ ok", "→ up")) else "default"


def _cut(words: str, style: str) -> Text:
    return Text(words, style=style, no_wrap=True, overflow="ellipsis")
