"""When a service is due: exact intervals, spread phases."""

from datetime import timedelta
from zlib import crc32

from monlvs.model.config import Config
from monlvs.model.watch import ServiceKey

_PHASES = 1 << 32


def phase(key: ServiceKey) -> float:
    """Return the service's place in its interval, in [0, 1); the same at every start.

    It depends on the name alone, so that adding a service moves no other one.
    """
    return crc32(f"{key.group}\0{key.service}".encode()) / _PHASES


def first_due(
    key: ServiceKey, interval: timedelta, *, start: float, spread: bool
) -> float:
    """Return when the first check is due, in seconds of the monotonic clock."""
    return start + phase(key) * interval.total_seconds() if spread else start


def first_check(
    key: ServiceKey, interval: timedelta, config: Config, *, start: float
) -> float:
    """Return when the first check of a service is due, as the configuration wants it.

    With mon's variables that is after its interval, or somewhere within randstart.
    """
    if config.mon is None:
        spread = config.settings.spread
        return first_due(key, interval, start=start, spread=spread)
    if config.mon.randstart is None:
        return start + interval.total_seconds()
    return first_due(key, config.mon.randstart, start=start, spread=True)


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
