"""A loop's clock, read in the shortest way."""

import asyncio
from collections.abc import Callable
from time import monotonic


def clock_of(loop: asyncio.AbstractEventLoop) -> Callable[[], float]:
    """Return what tells the loop's time, in seconds.

    asyncio's own loops tell that of time.monotonic (`BaseEventLoop.time`): to ask that at
    once is a call less at each of the moments that a check has.
    """
    own = getattr(type(loop), "time", None) is asyncio.BaseEventLoop.time
    return monotonic if own else loop.time
