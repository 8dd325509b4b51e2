"""An event loop that does not wait: where a real one would sleep, its clock jumps.

For code that only waits for the loop's clock: no threads, no other processes.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class SwiftLoop(asyncio.SelectorEventLoop):
    """Keeps a time of its own, in seconds from 0."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(_Impatient(self))

    def time(self) -> float:
        return self.now

    def block(self, seconds: float) -> None:
        """Let time pass as if a callback had held up the loop."""
        self.now += seconds


class _Impatient(selectors.DefaultSelector):
    def __init__(self, loop: SwiftLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "everybody waits for something that never comes"
        ready = super().select(0)
        if not ready:
            self._loop.now += max(timeout, 0.0)
        return ready


def swiftly(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in a SwiftLoop."""
    with asyncio.Runner(loop_factory=SwiftLoop) as runner:
        return runner.run(coroutine)


def the_loop() -> SwiftLoop:
    """Return the loop that `swiftly` runs."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SwiftLoop)
    return loop
