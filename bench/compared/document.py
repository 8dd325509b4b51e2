"""The comparison as tables, for the terminal and for docs/compared.md."""

from collections.abc import Mapping
from math import inf, isinf
from pathlib import Path

from bench import machine
from bench.compared.contenders import CONTENDERS, OURS
from bench.compared.faults import ROWS
from bench.compared.summary import (
    GRAIN_REQUESTS,
    GRAIN_SECONDS,
    MARGIN,
    Comparison,
    Figures,
    Verdict,
)
from bench.report import markdown
from bench.summary import Spread

TEMPLATE = Path(__file__).with_name("document.md")
ADDRESSES = ("10.1.1.2", "10.1.1.3", "10.1.1.4")
VIP = "192.168.1.1"
_LANGUAGES = {OURS: "toml"}


def overview(comparison: Comparison) -> str:
    """Return one line per row: until the table was right, and who was harmed."""
    there = [row for row in ROWS if _contenders(comparison, row.key)]
    names = [each.name for each in CONTENDERS]
    rows = [
        [
            row.title,
            *(_cell(comparison.figures(row.key, name)) for name in names),
            _said(comparison.judge(row.key)),
        ]
        for row in there
    ]
    return markdown(["fault", *names, ""], rows)


def details(comparison: Comparison) -> str:
    """Return every figure with its least and most."""
    rows = [
        [
            row.title if number == 0 else "",
            name,
            _spread(figures.noticed, "-"),
            _repaired(figures),
            _failed(figures),
        ]
        for row in ROWS
        for number, name in enumerate(_contenders(comparison, row.key))
        for figures in [comparison.figures(row.key, name)]
        if figures is not None
    ]
    heads = ["fault", "", "noticed after", "repaired after", "failed requests"]
    return markdown(heads, rows)


def document(comparison: Comparison, command: str, versions: Mapping[str, str]) -> str:
    """Return docs/compared.md."""
    return TEMPLATE.read_text().format(
        command=command,
        machine=machine.description(),
        rounds=comparison.rounds,
        versions=", ".join(f"{name} {text}" for name, text in versions.items()),
        overview=overview(comparison),
        verdict=verdict(comparison),
        details=details(comparison),
        faults=_abouts(),
        configurations=_configurations(),
        margin=round((MARGIN - 1) * 100),
        grain_seconds=GRAIN_SECONDS,
        grain_requests=GRAIN_REQUESTS,
    )


def verdict(comparison: Comparison) -> str:
    """Return in a sentence where monlvs is the best, or as good as it."""
    judged = [comparison.judge(row.key) for row in ROWS]
    compared = [each for each in judged if each.held is not None]
    held = sum(bool(each.held) for each in compared)
    behind = [each.row for each in compared if not each.held]
    words = f"In {held} of {len(compared)} rows monlvs is the best or as good as it"
    return f"{words}; behind in: {', '.join(behind)}." if behind else f"{words}."


def _contenders(comparison: Comparison, row: str) -> list[str]:
    names = (each.name for each in CONTENDERS)
    return [name for name in names if comparison.figures(row, name) is not None]


def _abouts() -> str:
    return "".join(f"- **{row.title}.** {row.about}\n" for row in ROWS)


def _configurations() -> str:
    parts = []
    for each in CONTENDERS:
        language = _LANGUAGES.get(each.name, "")
        place = Path("/var/lib") / each.name
        text = each.text(VIP, ADDRESSES, place)
        command = " ".join(each.command("python", Path(each.file), place))
        parts.append(f"`{command}`\n\n```{language}\n{text}```\n")
    return "\n".join(parts)


def _said(judged: Verdict) -> str:
    if judged.held is None:
        return ""
    if judged.held:
        return "held"
    behind = [
        words
        for words, good in (("time", judged.seconds), ("requests", judged.requests))
        if not good
    ]
    return f"**behind** ({', '.join(behind)})"


def _cell(figures: Figures | None) -> str:
    if figures is None:
        return ""
    failed = f"{figures.failed.middle:.0f} failed"
    if isinf(figures.repaired.middle):
        return f"never, {failed}"
    if figures.repaired.middle == 0:
        return f"never wrong, {failed}"
    return f"{_seconds(figures.repaired.middle)}, {failed}"


def _repaired(figures: Figures) -> str:
    if figures.repaired.least == inf:
        return f"never (within {figures.longest:.0f} s)"
    return _spread(figures.repaired, "never")


def _failed(figures: Figures) -> str:
    middle = f"{figures.failed.middle:.0f} of {figures.requests.middle:.0f}"
    return f"{middle} [{figures.failed.least:.0f} to {figures.failed.most:.0f}]"


def _spread(found: Spread, never: str) -> str:
    if isinf(found.least):
        return never
    words = [_seconds(each, never) for each in (found.middle, found.least, found.most)]
    return f"{words[0]} [{words[1]} to {words[2]}]"


def _seconds(value: float, never: str = "never") -> str:
    if isinf(value):
        return never
    return f"{value:.2f} s" if value else "0"
