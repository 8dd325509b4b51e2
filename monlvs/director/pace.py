"""How soon a pass of the director may follow another.

A pass over ten thousand real servers takes tens of milliseconds, and as many of them
that come up one by one would ask for as many passes: what brings servers in waits for a
rest, so that checks have most of the time. What may take one out waits for next to none.
"""

import asyncio
from contextlib import suppress
from typing import Final

_SHARE: Final = 3.0
"""A rest is so many times as long as the pass before it."""
_LONGEST: Final = 1.0
"""Seconds, of a rest."""
_BREATH: Final = 0.01
"""Seconds that checks get in a hurry: failures come in crowds, too."""


class Pace:
    """The rests of one director."""

    def __init__(self) -> None:
        self._hurried = asyncio.Event()

    def hurry(self) -> None:
        """End the rest: a real server may have to go, or an operator waits."""
        self._hurried.set()

    def begin(self) -> None:
        """A pass begins, which deals with all that was in a hurry until now."""
        self._hurried.clear()

    async def rest(self, took: float) -> None:
        """Rest after a pass that `took` so many seconds."""
        whole = min(took * _SHARE, _LONGEST)
        breath = min(whole, _BREATH)
        await asyncio.sleep(breath)
        with suppress(TimeoutError):
            async with asyncio.timeout(whole - breath):
                await self._hurried.wait()
