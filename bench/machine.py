"""What the figures were measured on, in words that name no machine."""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cores:
    """The core of whoever is measured, and the core of the server and of ourselves."""

    client: int
    server: int


def cores() -> Cores:
    """Choose two cores, or one for both where there is only one."""
    usable = sorted(os.sched_getaffinity(0))
    return Cores(usable[0], usable[1] if len(usable) > 1 else usable[0])


def step_aside() -> Cores:
    """Choose the cores and leave the first to whoever is measured, from now on."""
    chosen = cores()
    os.sched_setaffinity(0, {chosen.server})
    return chosen


@contextmanager
def stepping_on(core: int) -> Iterator[None]:
    """Be allowed on one more core for a while, to start something that stays there."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, before | {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def description() -> str:
    """Say how many cores there are and which kernel and Python run on them."""
    count = len(os.sched_getaffinity(0))
    kernel = ".".join(platform.release().split("-")[0].split(".")[:2])
    return (
        f"{count} cores, {platform.machine()}, Linux {kernel}, "
        f"{platform.python_implementation()} {platform.python_version()}"
    )


def load_average() -> float:
    """Return how many processes wanted a core in the last minute."""
    return round(os.getloadavg()[0], 2)
