"""Running the few programs that speak to the kernel for us, at human rate."""

import os
import subprocess
from collections.abc import Sequence
from typing import Final

_PATIENCE: Final = 30.0
_SBIN: Final = "/usr/local/sbin:/usr/sbin:/sbin"


class ProgramError(Exception):
    """A program is missing or has failed; says why in its words."""

    def __init__(self, words: str, *, missing: bool = False) -> None:
        super().__init__(words)
        self.missing = missing


def run(argv: Sequence[str], *, stdin: str = "") -> str:
    """Run a program to its end and return what it printed. Raises ProgramError."""
    # Who is not root often has no sbin in the path, and may read with them still.
    path = f"{os.environ.get('PATH', '')}:{_SBIN}"
    try:
        done = subprocess.run(  # noqa: S603  one of ours, in words; no shell
            argv,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
            env={**os.environ, "PATH": path, "LC_ALL": "C"},
        )
    except OSError as error:
        words = f"{argv[0]}: {error.strerror}"
        missing = isinstance(error, FileNotFoundError)
        raise ProgramError(words, missing=missing) from None
    except subprocess.TimeoutExpired:
        raise ProgramError(f"{argv[0]} did not end within {_PATIENCE:g} s") from None
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())
        raise ProgramError(said or f"{argv[0]}: exit {done.returncode}")
    return done.stdout
