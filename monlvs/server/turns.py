"""Lets clients take turns at the loop."""

import asyncio
from types import TracebackType
from typing import Self

_LONGEST_REST = 0.1
"""Seconds; a turn that was longer than this is rare, and rest enough follows it."""


class Turns:
    """An async context manager: one turn at a time, in the order of asking.

    After each turn the others on the loop have it for as long as the turn took. So
    clients together, however many and however busy, get at most half of the daemon's
    time. What is done in a turn must not await.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._time = asyncio.get_running_loop().time
        self._began = 0.0

    async def __aenter__(self) -> Self:
        await self._lock.acquire()
        self._began = self._time()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await asyncio.sleep(min(self._time() - self._began, _LONGEST_REST))
        finally:
            self._lock.release()
