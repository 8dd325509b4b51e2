"""The log as lines of a stream; what belongs together is written as one."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TextIO

from monlvs.runtime.journal import Journal


class Logbook(logging.StreamHandler[TextIO]):
    """Writes lines to a stream: each at once, those of a `together` at its end."""

    def __init__(self, stream: TextIO) -> None:
        """Write to `stream`."""
        super().__init__(stream)
        self._blocks = 0
        self._waiting: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record, now or when its block ends."""
        if self._blocks:
            self._waiting.append(record)
        else:
            super().emit(record)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write what comes in this block, from whatever thread, at its end."""
        with self._guarded():
            self._blocks += 1
        try:
            yield
        finally:
            with self._guarded():
                self._blocks -= 1
                if not self._blocks:
                    self._write_waiting()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        self.acquire()
        try:
            yield
        finally:
            self.release()

    def _write_waiting(self) -> None:
        records, self._waiting = self._waiting, []
        if not records:
            return
        try:
            lines = (self.format(each) + self.terminator for each in records)
            self.stream.write("".join(lines))
            self.flush()
        except Exception:  # noqa: BLE001  a log that cannot be written ends nothing, as in `emit`
            self.handleError(records[0])


@contextmanager
def together(journal: Journal) -> Iterator[None]:
    """Let journal and log write what comes in this block at its end, each as one.

    What one event brings is one step, and a storm's thousands of lines cost more to
    write one by one than to decide on.
    """
    with ExitStack() as stack:
        stack.enter_context(journal.together())
        for handler in logging.getLogger().handlers:
            if isinstance(handler, Logbook):
                stack.enter_context(handler.together())
        yield
