"""External programs: what to run, and how it ended."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One run of one program; no shell ever sees any of it."""

    argv: tuple[str, ...]
    """The program, by path or as a name looked up in the PATH of `environ`, and its words."""
    environ: tuple[tuple[str, str], ...] = ()
    """Its whole environment."""
    stdin: bytes | None = None
    """What it reads; None is /dev/null."""
    directory: str | None = None
    """Where it runs; else where the daemon does."""
    timeout: float = 60.0
    """Seconds until it is ended, with all of its process group."""
    grace: float = 2.0
    """Seconds between SIGTERM and SIGKILL."""
    output_limit: int = 65_536
    """Bytes of output kept; what comes after them is read and dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramOutcome:
    """How a program ended; exactly one of exit, signal and error is set."""

    exit: int | None = None
    signal: int | None = None
    """The signal that it died by, ours included."""
    error: str = ""
    """Why it could not be started; else empty."""
    timed_out: bool = False
    """We ended it at its time limit."""
    stopped: bool = False
    """We ended it because the daemon stops."""
    output: bytes = b""
    """Standard output and standard error as one stream."""
    truncated: bool = False
    """There was more output than was kept."""
    seconds: float = 0.0
