"""What a driver prints: the same line of JSON that the floors print."""

import json
import resource
import time
from typing import Protocol


class Bill(Protocol):
    """Makes the bill from how many were done and failed, and further figures."""

    def __call__(self, done: int, failed: int = 0, **more: float) -> str: ...


def meter() -> Bill:
    """Start to count."""
    start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)

    def bill(done: int, failed: int = 0, **more: float) -> str:
        after, took = resource.getrusage(resource.RUSAGE_SELF), time.monotonic() - start
        user = (after.ru_utime - before.ru_utime) * 1e6 / max(done, 1)
        system = (after.ru_stime - before.ru_stime) * 1e6 / max(done, 1)
        figures = {
            "cpu_us": user + system,
            "user_us": user,
            "sys_us": system,
            "per_second": done / took,
            "failed": failed,
            "rss_kb": after.ru_maxrss,
        }
        return json.dumps(figures | more)

    return bill
