"""Results as tables, for the terminal and for docs/benchmarks.md."""

from collections.abc import Iterable, Sequence

from bench import machine
from bench.summary import Judged, Results, Spread

_FLOORS = ("C floor", "heap")
_OURS = ("engine", "monlvs", "timetable")

TITLES = {
    "http-closed": "HTTP, engine alone, closed loop",
    "http-open": "HTTP, whole daemon, open loop",
    "http-single": "HTTP, a checker that asks one server after the other",
    "beside-mon": "Beside Perl mon: 100 single-host http services every 5 s",
    "intervals": "How exactly intervals are kept, over a minute",
    "tcp-closed": "TCP, engine alone, closed loop",
    "tcp-open": "TCP, whole daemon, open loop",
    "icmp": "ICMP sweeps in the running daemon",
    "timetable": "Timetable",
    "storm-many": "Storm: 1,000 virtual services of 10 real servers",
    "storm-one": "Storm: 10,000 real servers in one virtual service",
    "replan-many": "A pass over 1,000 virtual services of 10, all as it should be",
    "replan-one": "A pass over one virtual service of 10,000, all as it should be",
}

_STORM = (
    "A kernel with IPVS in a pinned guest (`monlvs lab`), an empty table in a new network "
    "namespace each time. CPU is the guest's, its kernel's included, by the host's "
    "account, per real server; wall is by the guest's clock. ipvsadm -R and monlvs apply "
    "(`monlvs director apply`, without a daemon) are whole commands, interpreter, file "
    "and checks included. monlvs is a running daemon, from the verdict of the check that "
    "lets every server in until the table is made and journal and log tell of it (the "
    "state file is written a little later, by and by). "
    "monlvs reload is the same from SIGHUP on, the reading of the file included."
)
_REPLAN = (
    "What a daemon does after it has read its configuration, in the guest: the kernel's "
    "table read and understood, what is wanted decided, compared. Later passes, every few "
    "seconds, decide only on what has changed. Block is the longest time for which a pass "
    "keeps the event loop from anything else. CPU is per real server, by the guest's own "
    "account."
)

ABOUT = {
    "http-closed": "200 checks in flight, a new connection each. The load is the number "
    "in flight.",
    "http-open": "As many services as the load says, one host each, an interval of one "
    "second, a new connection per check. What the first checks told is written and saved "
    "before the measurement begins. keepalived checks as many real servers with HTTP_GET "
    "and `delay_loop 1`; it spreads them over the second, as monlvs does. Bunched, by "
    "`warmup 0`, it begins all checks of a second together and is woken once for many: "
    "its cheapest, and no bar, for real servers are not to be asked like that.",
    "http-single": "One host per service, an interval of one second. ldirectord "
    "negotiates one server after the other. The load is services.",
    "beside-mon": "perl mon starts its http.monitor for each check, and so does monlvs in "
    "the third row; in the second its own monitor makes the same checks. The last is "
    "5,000 services every second, per check again.",
    "intervals": "TCP checks, seen from the host that is checked: by how much the time "
    "from one connection to the next differs from the interval, and by how much a whole "
    "row of checks has moved in a minute (the service that has moved most). monlvs has "
    "1,000 services with an interval of one second, mon 20 with one of five.",
    "tcp-closed": "200 checks in flight: connect, and close with a reset.",
    "tcp-open": "As in HTTP; keepalived checks with TCP_CHECK.",
    "icmp": "One group of as many hosts as the load says; the daemon sweeps it every two "
    "seconds with no second try, so that a lost reply shows as a host that is down. Its "
    "first sweeps, which put every host on record, come before the measurement. "
    "fping runs as `fping -q -c1 -i 0`, its start included.",
    "timetable": "Nothing but firing, as many services as the load says: 1,000 firings a "
    "second with 1,000 services, else 10,000. Block is the longest time for which a "
    "burst of all services at once keeps the loop from anything else.",
    "storm-many": _STORM,
    "storm-one": f"{_STORM} Here the kernel walks the list of all servers for each.",
    "replan-many": _REPLAN,
    "replan-one": _REPLAN,
}

METHOD = """\
Everything runs on loopback in a network namespace that the benchmark makes and removes.
Whoever is measured has one core for itself, the web server (nginx, one process,
`return 200`) the other. Contenders take turns; each figure is the median of all rounds,
with the least and the most in brackets, and a ratio is the median of the rounds' own
ratios. CPU is user and system time of all processes of the contender, divided by the
operations that completed, as nginx, or the kernel's ICMP counters, counted them. On
loopback a sender's system time includes some of the receiver's work, for every contender
alike. Absolute figures depend on the machine: compare ratios.

The C floors (`bench/floor`) make the system calls that nobody can do without and decide
nothing. keepalived runs without IPVS: a preloaded library of ours takes its table changes
and says that they are done; its checkers are its own. Hosts stay up throughout: nothing
here tells of failures, which the tests do. monlvs runs as `make native` builds it: what
every check goes through is compiled (`docs/decisions`, 24).
"""


_USUAL = (("per second", "per_second"),)
_WALL = (("per second", "per_second"), ("wall ms", "wall_ms"))
_PASS = (("pass ms", "plan_ms"), ("block ms", "block_ms"))
_FIGURES = {
    "timetable": (("lag p99 ms", "lag_p99_ms"), ("block ms", "block_ms")),
    "intervals": (
        ("off p99 ms", "off_p99_ms"),
        ("off most ms", "off_most_ms"),
        ("moved ms", "drift_ms"),
    ),
    "storm-many": _WALL,
    "storm-one": _WALL,
    "replan-many": _PASS,
    "replan-one": _PASS,
}
"""Figures of a benchmark that stand in its table: how they are headed, what they are."""


def figures(results: Results) -> str:
    """Return a table per benchmark."""
    return "\n".join(
        f"### {TITLES.get(bench, bench)}\n\n{ABOUT.get(bench, '')}\n\n"
        f"{_table(results, bench)}\n"
        for bench in results.benches()
    )


def bars(judged: Iterable[Judged]) -> str:
    """Return a table of what was promised and what was found."""
    rows = [
        [
            str(each.bar),
            "not measured" if each.found is None else _spread(each.found),
            {True: "held", False: "**missed**", None: ""}[each.held],
        ]
        for each in judged
    ]
    return markdown(["bar", "found", ""], rows)


def document(
    results: Results, judged: Iterable[Judged], command: str, absent: Sequence[str] = ()
) -> str:
    """Return docs/benchmarks.md; `absent` says what could not be measured here."""
    loads = sorted(each.load_average for each in results.measurements)
    rounds = sorted({each.round for each in results.measurements})
    gaps = "".join(f"- Not measured: {words}.\n" for words in absent)
    return (
        "# Benchmarks\n\n"
        f"Made by `{command}` on a machine with {machine.description()}; "
        f"{len(rounds)} rounds; load average while measuring "
        f"{loads[0]:g} to {loads[-1]:g}. `make bench` measures again.\n\n"
        f"## Bars\n\n{bars(judged)}\n{gaps and gaps + chr(10)}"
        f"## Method\n\n{METHOD}\n"
        f"## Figures\n\n{figures(results)}"
    )


def _table(results: Results, bench: str) -> str:
    heads = ["load", "", "CPU µs", "÷ floor", "monlvs ÷ it", "per second", "MB"]
    if bench in _FIGURES:
        heads[-2:] = [head for head, _ in _FIGURES[bench]] + ["MB"]
    rows = [
        _row(results, bench, load, contender)
        for load in results.loads(bench)
        for contender in results.contenders(bench, load)
    ]
    return markdown(heads, rows)


def _row(results: Results, bench: str, load: int, contender: str) -> list[str]:
    at = bench, load, contender
    there = results.contenders(bench, load)
    floor = next((name for name in _FLOORS if name in there), None)
    ours = next((name for name in _OURS if name in there), None)
    over = results.ratio(*at, floor) if floor and floor != contender else None
    beside = ours and contender not in (*_FLOORS, ours)
    under = results.ratio(bench, load, ours, contender) if ours and beside else None
    names = [name for _, name in _FIGURES.get(bench, _USUAL)]
    memory = results.figure(*at, "rss_kb")
    return [
        f"{load:,}",
        contender,
        _spread(results.figure(*at)),
        _spread(over),
        _spread(under),
        *(_middle(results.figure(*at, name)) for name in names),
        f"{memory.middle / 1024:.0f}" if memory and memory.middle else "",
    ]


def _spread(found: Spread | None) -> str:
    if found is None:
        return ""
    least, most = _number(found.least), _number(found.most)
    return f"{_number(found.middle)} [{least} to {most}]"


def _middle(found: Spread | None) -> str:
    return "" if found is None else _number(found.middle)


def _number(value: float) -> str:
    """Return three figures that count, without powers of ten."""
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.1f}"
    if size >= 0.1:
        return f"{value:.2f}"
    return f"{value:.2g}" if value else "0"


def markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
