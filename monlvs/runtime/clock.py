"""The one place that reads the clocks."""

import time
from datetime import UTC, datetime

from monlvs.model.values import Now


def now() -> Now:
    """Return this moment on both clocks."""
    return Now(datetime.now(UTC), time.monotonic())


def since_boot() -> float:
    """Return the seconds since the machine was booted, those asleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
