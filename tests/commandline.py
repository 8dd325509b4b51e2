"""Runs the `monlvs` command as people do: a process with its streams and its status."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PATIENCE = 30.0
"""Seconds that anything may take on a busy machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What a command has left."""

    status: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


def argv(*words: str) -> list[str]:
    """Return the command line of `monlvs WORDS`."""
    return [sys.executable, "-m", "monlvs", *words]


def without_privileges(*words: str) -> list[str]:
    """Return the command line of `monlvs WORDS` with no capability at all.

    Root without capabilities is refused what a file's mode refuses its owner.
    """
    if os.geteuid():
        return argv(*words)
    drop = ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all"]
    return [*drop, *argv(*words)]


def environment(**more: str) -> dict[str, str]:
    """Return the environment of commands: ours, the checkout first among modules."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("NOTIFY_")}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def monlvs(*words: str, stdin: str = "", **options: Any) -> Finished:
    """Run `monlvs WORDS` to its end."""
    return run(argv(*words), stdin=stdin, **options)


def run(
    command: list[str],
    *,
    stdin: str = "",
    env: Mapping[str, str] | None = None,
    **options: Any,
) -> Finished:
    """Run a command to its end; no command may ever show a traceback."""
    done = subprocess.run(
        command,
        input=stdin.encode("utf-8", "surrogateescape"),
        capture_output=True,
        env=environment(**(env or {})),
        timeout=PATIENCE,
        check=False,
        **options,
    )
    err = done.stderr.decode("utf-8", "backslashreplace")
    out = done.stdout.decode("utf-8", "backslashreplace")
    assert "Traceback" not in err + out, err
    return Finished(status=done.returncode, out=out, err=err)


class Running:
    """A command that goes on; what it says is read from a descriptor into `text`."""

    def __init__(self, process: "subprocess.Popen[bytes]", said: int) -> None:
        self.process = process
        self._said = said
        self._ended = False
        self._read = bytearray()

    @property
    def text(self) -> str:
        """What it has said so far."""
        self.read()
        return self._read.decode("utf-8", "backslashreplace")

    def read(self) -> None:
        """Take in what it has said."""
        while not self._ended and select.select([self._said], [], [], 0)[0]:
            try:
                data = os.read(self._said, 65536)
            except OSError:  # EIO: a terminal without anybody at its other end
                data = b""
            self._ended = not data
            self._read += data

    def unread(self) -> int:
        """Count what it has said and nobody has read."""
        told = fcntl.ioctl(self._said, termios.FIONREAD, bytes(4))
        return int.from_bytes(told, sys.byteorder)

    def hang_up(self) -> None:
        """Read no more; a terminal is gone for the command."""
        self.read()
        self._ended = True
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, self._said)
        os.close(null)

    def close(self) -> None:
        """Kill it if it has not ended, and take in the rest."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        self.read()
        self._ended = True
        os.close(self._said)

    def until(
        self,
        fact: str | Callable[[], Any],
        *,
        count: int = 1,
        patience: float = PATIENCE,
    ) -> None:
        """Wait until it has said `fact` (`count` times), or until `fact()` holds."""
        deadline = time.monotonic() + patience
        while not (self.text.count(fact) >= count if isinstance(fact, str) else fact()):
            assert time.monotonic() < deadline, f"{fact}: not in\n{self.text}"
            assert self.process.poll() is None, f"{fact}: ended\n{self.text}"
            time.sleep(0.01)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, wait for the end, and return the exit status."""
        self.send(number)
        return self.wait()

    def wait(self) -> int:
        """Wait for the end; return the exit status.

        What it says is read meanwhile: a terminal that is full would hold it up.
        """
        deadline = time.monotonic() + PATIENCE
        while (status := self.process.poll()) is None:
            assert time.monotonic() < deadline, f"has not ended\n{self.text}"
            self.read()
            time.sleep(0.01)
        assert "Traceback" not in self.text, self.text
        return status


@contextmanager
def running(command: list[str], **options: Any) -> Iterator[Running]:
    """Start a command, both of its streams being read; it ends with the block."""
    said, saying = os.pipe()
    found = _start(command, said, saying, subprocess.DEVNULL, options)
    try:
        yield found
    finally:
        found.close()


@contextmanager
def in_terminal(
    command: list[str], columns: int, lines: int, **options: Any
) -> Iterator[Running]:
    """Start a command in a terminal of this size; it ends with the block."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", lines, columns, 0, 0))
    given = {"TERM": "xterm-256color", "COLORTERM": "", **options.pop("env", {})}
    options |= {"env": given, "start_new_session": True}
    found = _start(command, ours, theirs, theirs, options)
    try:
        yield found
    finally:
        found.close()


def _start(
    command: list[str], said: int, saying: int, stdin: int, options: dict[str, Any]
) -> Running:
    process = subprocess.Popen(
        command,
        stdin=stdin,
        stdout=saying,
        stderr=saying,
        env=environment(**options.pop("env", {})),
        **options,
    )
    os.close(saying)
    return Running(process, said)
