"""What can be measured, and how a program that runs by itself is measured."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.machine import Cores
from bench.measurement import Cost
from bench.process import Program
from bench.room import Room
from bench.web import Web

SETTLED = 0.97
"""The share of what was asked that must be done before measuring begins."""
PATIENCE = 90.0
"""Seconds after which it begins all the same."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What a trial finds: a directory, built programs, cores, a server, its time, a guest."""

    work: Path
    cores: Cores
    web: Web
    seconds: float
    room: Room

    def built(self, name: str) -> str:
        """Return the path of a program that was compiled for this run."""
        return str(self.work / name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One contender under one load."""

    bench: str
    contender: str
    load: int
    measure: Callable[[Stage], Cost]
    needs: tuple[str, ...] = ()
    """Commands without which it cannot be measured."""
    most: int | None = None
    """Rounds that are enough; None: as many as are asked for."""


Count = Callable[[], int]


def at_once() -> bool:
    """Say of whoever has no start to wait for that it is ready."""
    return True


def measure_running(
    program: Program,
    count: Count,
    *,
    rate: float,
    seconds: float,
    first: float = 0.0,
    every: float = 1.0,
    ready: Callable[[], bool] = at_once,
) -> Cost:
    """Bill a program for what `count` counts, once it does `rate` of it per second.

    `first` is how many seconds the first checks of all take, which are told of; what is
    done in bursts is looked at once in `every` seconds. `ready` says when nothing of the
    start is left to do.
    """
    time.sleep(first)
    _settle(program, count, rate, every, ready)
    start, before, spent = time.monotonic(), count(), program.cpu_us()
    time.sleep(seconds)
    after, spent = count(), program.cpu_us() - spent
    took = time.monotonic() - start
    program.check_alive()
    done = max(after - before, 1)
    return Cost(
        cpu_us=spent / done,
        per_second=done / took,
        rss_kb=program.rss_kb(),
        more={"core_percent": spent / took / 1e4},
    )


def _settle(
    program: Program,
    count: Count,
    rate: float,
    every: float,
    ready: Callable[[], bool],
) -> None:
    """Wait until two looks in a row find it ready, and as busy as it should be."""
    deadline = time.monotonic() + PATIENCE
    steady, before, at = 0, count(), time.monotonic()
    while steady < 2 and time.monotonic() < deadline:
        time.sleep(every)
        program.check_alive()
        now, at_now = count(), time.monotonic()
        busy = (now - before) / (at_now - at) >= SETTLED * rate
        steady = steady + 1 if busy and ready() else 0
        before, at = now, at_now


def address(number: int) -> str:
    """Return the loopback address of a target, as the floors count them."""
    return f"127.1.{number // 250}.{number % 250 + 1}"
