"""What signals ask a running daemon for."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Wishes:
    """What signals ask the daemon for."""

    end: asyncio.Event = field(default_factory=asyncio.Event)
    reload: asyncio.Event = field(default_factory=asyncio.Event)


@contextmanager
def signals(wishes: Wishes) -> Iterator[None]:
    """Turn SIGTERM, SIGINT and SIGHUP into wishes; after it they do nothing at all."""
    loop = asyncio.get_running_loop()
    handlers = {
        signal.SIGTERM: wishes.end.set,
        signal.SIGINT: wishes.end.set,
        signal.SIGHUP: wishes.reload.set,
    }
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, handlers)  # what came early comes now
    try:
        yield
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)
