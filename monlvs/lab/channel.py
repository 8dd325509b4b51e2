"""The host's side of the line to a guest's warden (see inside/warden.py).

Answers are `concurrent.futures.Future`s, resolved by a reader thread, so that a
guest is not tied to an event loop: tests with a loop each can share one.
"""

import contextlib
import itertools
import json
import socket
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from monlvs.lab.kernel import LabError

Answer = dict[str, Any]

# The guest's terminal layer holds 4096 bytes; once it has had to throttle the
# line, the line may never move again. So no more than WINDOW bytes that the warden
# has not confirmed are on their way, and a long request goes through a file.
WINDOW = 2048
LONGEST_LINE = 900


class Channel:
    """Sends requests, hands out answers. Safe to use from any thread."""

    def __init__(
        self, line: socket.socket, folder: Path, obituary: Callable[[], str]
    ) -> None:
        """Speak over `line`, which the channel closes, with long requests in `folder`.

        `obituary` is called once, when the other end is gone: it returns why, for
        the LabError that every open and later request gets.
        """
        self._line = line
        self._folder = folder
        self._obituary = obituary
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._outbox: deque[bytes] = deque()
        self._unconfirmed = 0
        self._pending: dict[int, Future[Answer]] = {}
        self._lost: str | None = None
        self.hello = self._expect(0)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def alive(self) -> bool:
        """Whether the other end is still there."""
        return self._lost is None

    def ask(self, verb: str, **details: object) -> "Future[Answer]":
        """Send a request; the future raises LabError if it is refused or lost."""
        number = next(self._numbers)
        answer = self._expect(number)
        line = json.dumps({"id": number, "verb": verb, **details}).encode()
        if len(line) > LONGEST_LINE and not answer.done():
            spilled = self._folder / f"request-{number}"
            spilled.write_bytes(line)
            answer.add_done_callback(lambda _: spilled.unlink(missing_ok=True))
            line = json.dumps({"file": str(spilled)}).encode()
        self._send(line + b"\n")
        return answer

    def close(self) -> None:
        """Close the line; waits for the reader, so the guest should be gone."""
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        self._reader.join()
        self._line.close()

    def _expect(self, number: int) -> "Future[Answer]":
        answer: Future[Answer] = Future()
        answer.set_running_or_notify_cancel()  # the warden takes no request back
        with self._lock:
            if self._lost is None:
                self._pending[number] = answer
                return answer
        answer.set_exception(LabError(self._lost))
        return answer

    def _send(self, line: bytes, *, confirmed: int = 0) -> None:
        with self._lock, contextlib.suppress(OSError):  # gone: the reader will say so
            self._unconfirmed -= confirmed
            if line:
                self._outbox.append(line)
            while self._outbox and self._unconfirmed + len(self._outbox[0]) <= WINDOW:
                text = self._outbox.popleft()
                self._unconfirmed += len(text)
                self._line.sendall(text)

    def _read(self) -> None:
        with contextlib.suppress(OSError), self._line.makefile("rb") as lines:
            for line in lines:
                self._take(json.loads(line))
        reason = self._obituary()
        with self._lock:
            self._lost = reason
            lost, self._pending = self._pending, {}
        for answer in lost.values():
            answer.set_exception(LabError(reason))

    def _take(self, message: Answer) -> None:
        if "taken" in message:
            self._send(b"", confirmed=message["taken"])
            return
        with self._lock:
            answer = self._pending.pop(message["id"])
        if "error" in message:
            answer.set_exception(LabError(message["error"]))
        else:
            answer.set_result(message)
