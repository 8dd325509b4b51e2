"""The one place that reads the clocks."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

from monlvs.model.values import Now


def now() -> Now:
    """Return this moment on both clocks."""
    return Now(datetime.now(UTC), time.monotonic())


def since_boot() -> float:
    """Return the seconds since the machine was booted, those asleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def begun() -> float:
    """Return when this process was started, in seconds since the boot (proc(5), stat)."""
    fields = Path("/proc/self/stat").read_text("ascii", "replace").rpartition(")")[2]
    return int(fields.split()[19]) / os.sysconf("SC_CLK_TCK")
