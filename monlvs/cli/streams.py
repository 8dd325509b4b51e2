"""Standard input, output and error: there, writable for any text, and closed quietly."""

import os
import sys
from contextlib import suppress
from typing import TextIO


def mend() -> None:
    """Make the three standard streams usable, whatever the caller has done to them.

    A descriptor that is closed becomes /dev/null: else the first file or socket that is
    opened would take its number, and be written to. Text that the locale cannot spell
    is escaped.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    sys.stdin = sys.stdin or open(0, closefd=False)  # noqa: SIM115  a descriptor
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def say(words: str) -> None:
    """Write a line to standard error, if anybody is there to read it."""
    with suppress(OSError):
        print(words, file=sys.stderr, flush=True)


def drop_unwritten() -> None:
    """Drop what cannot be written to where output goes.

    Else the interpreter would complain of it at its end, and change the exit status.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            _drop(stream)


def _drop(stream: TextIO) -> None:
    null = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError):
        os.dup2(null, stream.fileno())
    os.close(null)
