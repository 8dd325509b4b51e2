"""The command line: choose, compare in the lab, report."""

import argparse
import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import monlvs
from bench import process
from bench.compared import document, results, session
from bench.compared.contenders import CONTENDERS, Contender
from bench.compared.faults import FAULTS, ROWS, Fault
from bench.compared.summary import Comparison
from monlvs.lab import LabError

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs" / "compared.md"
RESULTS = ROOT / "bench" / "results"


def parser() -> argparse.ArgumentParser:
    """Return the parser of `python -m bench.compared`."""
    words = argparse.ArgumentParser(
        prog="python -m bench.compared",
        description="Put monlvs, keepalived and ldirectord to the same faults in the lab.",
        epilog=f"Rows: {', '.join(row.key for row in ROWS)}. "
        "Example: python -m bench.compared --rounds 1 --only dies --only flushed",
    )
    words.add_argument("--rounds", type=int, default=5, help="rounds (default 5)")
    words.add_argument(
        "--only",
        action="append",
        metavar="ROW",
        choices=[row.key for row in ROWS],
        help="the fault with this row, and those with other --only",
    )
    words.add_argument(
        "--contender",
        action="append",
        choices=[each.name for each in CONTENDERS],
        help="this one, and those with other --contender",
    )
    words.add_argument(
        "--guests",
        type=int,
        default=session.cores(),
        help="labs at once (default: one for each core)",
    )
    words.add_argument("--results", type=Path, help="file of JSON lines to append to")
    words.add_argument("--from", dest="source", type=Path, help="report on this file")
    words.add_argument("--write-docs", action="store_true", help=f"write {DOCS.name}")
    words.add_argument(
        "--check", action="store_true", help="exit 1 where monlvs is behind"
    )
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit status.

    0: fine; 1: with --check, monlvs is behind in a row or a row was not compared;
    2: wrong usage, or it could not be measured.
    """
    given_words = list(sys.argv[1:] if arguments is None else arguments)
    words = parser()
    given = words.parse_args(given_words)
    if given.rounds < 1 or given.guests < 1:
        words.error("--rounds and --guests: expected more than nothing")
    file = given.source or given.results or _new_file()
    good = given.source is not None or _measure(given, file)
    try:
        comparison = Comparison(results.load(file))
    except (OSError, ValueError) as error:
        print(f"{file}: {error}", file=sys.stderr)
        return 2
    print()
    print(document.details(comparison))
    print(document.overview(comparison))
    print(document.verdict(comparison))
    if given.write_docs:
        command = "make compared"
        DOCS.write_text(document.document(comparison, command, versions()))
        print(f"{DOCS.relative_to(ROOT)} written")
    if not good:
        return 2
    rows = [row.key for fault in _faults(given.only) for row in fault.rows]
    held = all(comparison.judge(row).held for row in rows)
    return 1 if given.check and not held else 0


def versions() -> dict[str, str]:
    """Return the versions of all contenders, Debian's for what comes from there."""
    found = {}
    for each in CONTENDERS:
        if not each.needs:
            found[each.name] = monlvs.__version__
            continue
        words = ["dpkg-query", "-W", "-f", "${Version}", each.name]
        told = subprocess.run(words, capture_output=True, text=True, check=False)
        found[each.name] = told.stdout or "of unknown version"
    return found


def _measure(given: argparse.Namespace, file: Path) -> bool:
    chosen = _contenders(given.contender)
    lacking = process.missing([word for each in chosen for word in each.needs])
    if lacking:
        print(f"not installed: {', '.join(lacking)}", file=sys.stderr)
        return False
    # Where the machine lets us, nothing else on it delays a guest.
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    measuring = session.run(
        session.plan(chosen, given.rounds),
        _faults(given.only),
        guests=given.guests,
        file=file,
        say=lambda line: print(line, flush=True),
    )
    good = False
    try:
        good = asyncio.run(measuring)
    except* (LabError, OSError) as errors:
        for error in errors.exceptions:
            print(error, file=sys.stderr)
    return good


def _new_file() -> Path:
    RESULTS.mkdir(exist_ok=True)
    return RESULTS / f"compared-{datetime.now(UTC):%Y%m%d-%H%M%S}.jsonl"


def _contenders(names: Sequence[str] | None) -> list[Contender]:
    return [each for each in CONTENDERS if not names or each.name in names]


def _faults(rows: Sequence[str] | None) -> list[Fault]:
    return [
        fault
        for fault in FAULTS
        if not rows or {row.key for row in fault.rows} & {*rows}
    ]
