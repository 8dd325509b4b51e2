"""The command line: choose, measure inside a network of our own, report."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CalledProcessError

from bench import measurement, namespace, process, report, runner
from bench.bars import BARS
from bench.suites import SUITES, trials
from bench.summary import Results

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs" / "benchmarks.md"
RESULTS = ROOT / "bench" / "results"


def parser() -> argparse.ArgumentParser:
    """Return the parser of `python -m bench`."""
    words = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure what checks cost, as ratios to a floor in C and to others.",
        epilog=f"Benchmarks: {', '.join(SUITES)}. A name's beginning is enough; NAME@LOAD is one load of it.",
    )
    words.add_argument(
        "names", nargs="*", help="what to measure; everything unless set"
    )
    words.add_argument("--runs", type=int, default=3, help="rounds (default 3)")
    words.add_argument(
        "--seconds", type=float, default=3.0, help="length of a measurement (default 3)"
    )
    words.add_argument("--results", type=Path, help="file of JSON lines to append to")
    words.add_argument("--from", dest="source", type=Path, help="report on this file")
    words.add_argument("--write-docs", action="store_true", help=f"write {DOCS.name}")
    words.add_argument(
        "--check", action="store_true", help="exit 1 when a bar is missed"
    )
    words.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit status.

    0: fine; 1: with --check, a bar is missed or was not measured; 2: wrong usage.
    """
    given_words = list(sys.argv[1:] if arguments is None else arguments)
    words = parser()
    given = words.parse_args(given_words)
    chosen = trials(given.names)
    if not chosen:
        words.error(f"no benchmark begins with {' or '.join(given.names)}")
    if given.runs < 1 or given.seconds <= 0:
        words.error("--runs and --seconds: expected more than nothing")
    namespace.interruptible()
    if given.inside:
        return _measure(given)
    file = given.source or given.results or _new_file()
    if given.source is None:
        code = namespace.inside([*given_words, "--inside", "--results", str(file)])
        if code:
            return code
    return _report(file, given, _command(given_words))


def _new_file() -> Path:
    RESULTS.mkdir(exist_ok=True)
    return RESULTS / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.jsonl"


def _measure(given: argparse.Namespace) -> int:
    try:
        runner.measure(
            trials(given.names),
            runs=given.runs,
            seconds=given.seconds,
            results=given.results,
            say=lambda line: print(line, flush=True),
        )
    except KeyboardInterrupt:
        return 130
    except (OSError, process.FailedError, CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _report(file: Path, given: argparse.Namespace, command: str) -> int:
    try:
        results = Results(measurement.read(file))
    except (OSError, ValueError) as error:
        print(f"{file}: {error}", file=sys.stderr)
        return 2
    chosen = trials(given.names)
    asked = {(trial.bench, trial.load) for trial in chosen}
    judged = [results.judge(bar) for bar in BARS if (bar.bench, bar.load) in asked]
    print()
    print(report.figures(results))
    print(report.bars(judged))
    if given.write_docs:
        _, absent = runner.able(chosen)
        DOCS.write_text(report.document(results, judged, command, absent))
        print(f"{DOCS.relative_to(ROOT)} written")
    return 1 if given.check and not all(each.held for each in judged) else 0


def _command(words: Sequence[str]) -> str:
    """Return the command that made the figures, without where they are kept."""
    kept, skip = [], False
    for word in words:
        if skip or word.startswith(("--from=", "--results=")):
            skip = False
        elif word in ("--from", "--results"):
            skip = True
        else:
            kept.append(word)
    return " ".join(["python -m bench", *kept])
