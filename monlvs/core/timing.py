"""When a service is due: exact intervals, spread phases."""

from dataclasses import dataclass
from datetime import timedelta
from math import floor
from zlib import crc32

from monlvs.model.config import Config
from monlvs.model.watch import Service, ServiceKey

_PHASES = 1 << 32
_FEWEST = 16
"""Places of the coarsest grid."""
_TOGETHER = 16
"""Services that may share a place."""
_SHARE = 16
"""Part of an interval by which randskew moves a check at most, to either side: two
checks in quick succession would count as two failures in a row."""
PACE = 0.002
"""Seconds for each service whose first check is due after a start."""


def phase(key: ServiceKey) -> float:
    """Return the service's place in its interval, in [0, 1); the same at every start.

    It depends on the name alone, so that adding a service moves no other one.
    """
    return crc32(f"{key.group}\0{key.service}".encode()) / _PHASES


def place(key: ServiceKey, crowd: int) -> float:
    """Return the phase on a grid whose places take up to sixteen of `crowd` services.

    Those of one place share a wake-up of the machine, which costs as much as several
    checks: with 100 services every 5 s six checks are made at a time.
    """
    places = _FEWEST
    while places * _TOGETHER < crowd:
        places *= 2  # a finer grid moves each service by less than a place
    return floor(phase(key) * places) / places


@dataclass(frozen=True, slots=True)
class Dues:
    """When a service is checked first and second, in seconds of the monotonic clock.

    From the second on checks stand an interval apart.
    """

    first: float
    second: float


def first_checks(
    key: ServiceKey,
    interval: timedelta,
    config: Config,
    *,
    start: float,
    crowd: int,
    begun: float | None = None,
) -> Dues:
    """Return when the first checks of a service are due, as the configuration wants it.

    `crowd` services begin with it. What fails while nobody looks is found soon after the
    start: all are checked once, `PACE` apart, and from the second check on they stand at
    their places in the interval. With mon's variables the first check is after the
    interval, counted from `begun` where it is stated, or somewhere within randstart.
    """
    every = interval.total_seconds()
    if config.mon is not None:
        wait = config.mon.randstart
        if wait:
            first = start + phase(key) * wait.total_seconds()
        else:
            # A machine in a machine may count its time from another boot.
            began = start if begun is None else min(begun, start)
            first = max(began + every, start + every / 2)
        return Dues(first, first + every)
    if not config.settings.spread:
        return Dues(start, start + every)
    at = place(key, crowd)
    first = start + at * min(every, crowd * PACE)
    second = start + at * every
    # Failures in a row are to be as far apart as the administrator thinks, or half.
    return Dues(first, second if second >= first + every / 2 else second + every)


def next_due(due: float, interval: float, *, now: float, skew: float = 0.0) -> float:
    """Return the next due time after the one at `due`; what was missed is skipped.

    `skew` (seconds, drawn by the caller within randskew) moves this one check, not
    those that follow. All arguments in seconds.
    """
    passed = max((now - due) // interval, 0.0)
    following = due + (passed + 1) * interval
    if following <= now:  # rounding: a due time that has come must not come again
        following += interval
    return following + skew


def skew(service: Service) -> float:
    """Return by how much each check is moved to either side, in seconds.

    Half of randskew, so that the time between two checks is the interval plus or minus
    randskew (mon(8), "randskew").
    """
    if service.randskew is None or service.interval is None:
        return 0.0
    half, most = service.randskew / 2, service.interval / _SHARE
    return min(half, most).total_seconds()
