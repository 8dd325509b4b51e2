"""`python -m tests.soak.drawn TARGET DIRECTORY SECONDS`: draw inputs that may break it.

hypothesis draws them (`drawing`) and makes what breaks a property as short as it can;
that is in DIRECTORY/found afterwards, and the exit status is not 0.
"""

import logging
import random
import sys
import time
from importlib import import_module
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.soak.drawing import inputs
from tests.soak.target import Target

_ROUND = 2_000
"""Inputs that hypothesis remembers together."""


def main(name: str, directory: Path, seconds: float) -> int:
    """Draw until the time is over; return the exit status."""
    logging.disable(logging.CRITICAL)
    target: Target = import_module(f"tests.soak.targets.{name}").TARGET
    found = directory / "found"
    found.mkdir(parents=True, exist_ok=True)
    number, end = random.SystemRandom().getrandbits(32), time.monotonic() + seconds
    runs, latest = 0, b""

    @settings(
        max_examples=_ROUND,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(data=inputs(target))
    def examine(data: bytes) -> None:
        nonlocal runs, latest
        if time.monotonic() >= end:
            return
        runs, latest = runs + 1, data
        target.examine_in_time(data)

    while time.monotonic() < end:
        try:
            seed(number)(examine)()
        except BaseException:  # whatever it is: what was fed must not be lost
            (found / f"drawn-{number}").write_bytes(latest)
            raise
        number += 1
    print(f"DONE {runs} runs")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])))
