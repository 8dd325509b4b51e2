"""Measures trials in turns, inside a network of our own, and keeps every result."""

import time
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import namespace, process, programs
from bench.machine import load_average, step_aside
from bench.measurement import Measurement, write
from bench.room import Room
from bench.trial import Stage, Trial
from bench.web import Web

Say = Callable[[str], None]


def measure(
    trials: Iterable[Trial], *, runs: int, seconds: float, results: Path, say: Say
) -> None:
    """Measure everything `runs` times, and say what could not be measured, and why."""
    chosen, lacking = able(trials)
    for words in lacking:
        say(f"NOT MEASURED  {words}")
    namespace.prepare()
    process.raise_limits()
    with TemporaryDirectory(prefix="monlvs-bench-") as name:
        work, two = Path(name), step_aside()
        programs.build(work)
        with Web(work, core=two.server) as web, Room(core=two.client) as room:
            stage = Stage(work, two, web, seconds, room)
            for _, group in groupby(chosen, key=lambda t: (t.bench, t.load)):
                _take_turns(list(group), stage, runs, results, say)


def able(trials: Iterable[Trial]) -> tuple[list[Trial], list[str]]:
    """Sort out the trials whose programs this machine does not have."""
    chosen, lacking = [], []
    for trial in trials:
        without = process.missing(trial.needs)
        if without:
            lacking.append(f"{_name(trial)}: no {', '.join(without)} here")
        else:
            chosen.append(trial)
    return chosen, lacking


def _take_turns(
    trials: list[Trial], stage: Stage, runs: int, results: Path, say: Say
) -> None:
    """Measure contenders one after the other, again and again."""
    broken: set[str] = set()
    for number in range(runs):
        # Who goes first alternates: the one before leaves caches and sockets behind.
        for trial in trials if number % 2 == 0 else reversed(trials):
            enough = trial.most is not None and number >= trial.most
            if enough or trial.contender in broken:
                continue
            load = load_average()
            try:
                cost = trial.measure(stage)
            except (process.FailedError, OSError, ValueError) as error:
                broken.add(trial.contender)
                say(f"FAILED  {_name(trial)}: {error}")
                continue
            measurement = Measurement(
                bench=trial.bench,
                contender=trial.contender,
                load=trial.load,
                round=number,
                cost=cost,
                load_average=load,
            )
            write(results, measurement)
            say(_line(measurement))
            time.sleep(0.2)


def _name(trial: Trial) -> str:
    return f"{trial.bench} at {trial.load:,}, {trial.contender}"


def _line(of: Measurement) -> str:
    cost = of.cost
    return (
        f"{of.bench:12} {of.load:7,} {of.contender:12} {of.round + 1:2} "
        f"{cost.cpu_us:10.2f} µs {cost.per_second:9,.0f}/s "
        f"{cost.rss_kb / 1024:7.1f} MB  {cost.failed} failed  load {of.load_average}"
    )
