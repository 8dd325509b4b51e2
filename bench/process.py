"""Programs under measurement: started on one core, billed from /proc, ended by their id."""

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

TICK = 1e6 / os.sysconf("SC_CLK_TCK")
PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024
DESCRIPTORS = 200_000
ROOT = Path(__file__).parent.parent


class FailedError(RuntimeError):
    """A program of the benchmark did not do what it should."""


class Program:
    """A program on one core, with its output in a file; leave its block to end it."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        core: int,
        log: Path,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.command = tuple(command)
        self.log = log
        with log.open("wb") as output:
            self._child = subprocess.Popen(
                ["taskset", "-c", str(core), *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env={**os.environ, **(environ or {})},
            )
        self.pid = self._child.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def end(self, patience: float = 15.0) -> None:
        """Ask it to end, and kill it and what it started when it does not."""
        family = self.family()
        self._child.terminate()
        try:
            self._child.wait(patience)
        except subprocess.TimeoutExpired:
            for pid in family:
                kill(pid)
            self._child.wait()

    def check_alive(self) -> None:
        """Raise FailedError with its last words when it has ended by itself."""
        code = self._child.poll()
        if code is not None:
            words = self.log.read_text(errors="replace")[-2000:]
            raise FailedError(f"{self.command[0]} ended with {code}:\n{words}")

    def family(self) -> tuple[int, ...]:
        """Return its process id and those of all its descendants."""
        found = [self.pid]
        for pid in found:
            found.extend(children(pid))
        return tuple(found)

    def cpu_us(self) -> float:
        """Return the processor time that it and its children have used so far."""
        return sum(cpu_us(pid) for pid in self.family())

    def rss_kb(self) -> int:
        """Return the resident memory of it and its children."""
        return sum(rss_kb(pid) for pid in self.family())


def kill(pid: int) -> None:
    """Kill a process that may be gone already."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def children(pid: int) -> list[int]:
    """Return the living children of a process."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found.extend(map(int, path.read_text().split()))
        except OSError:
            continue
    return found


def cpu_us(pid: int) -> float:
    """Return microseconds of user and system time: its own and its dead children's.

    The scheduler's own count is the same time in nanoseconds instead of ticks.
    """
    try:
        own = sum(
            int(path.read_text().split()[0])
            for path in Path(f"/proc/{pid}/task").glob("*/schedstat")
        )
        times = stat_times(Path(f"/proc/{pid}/stat").read_text())
    except OSError:
        return 0.0
    return (own / 1000 if own else times[0]) + times[1]


def stat_times(stat: str) -> tuple[float, float]:
    """Return own and waited-for children's microseconds from proc(5), /proc/PID/stat."""
    fields = stat.rpartition(")")[2].split()
    user, system, child_user, child_system = map(int, fields[11:15])
    return (user + system) * TICK, (child_user + child_system) * TICK


def rss_kb(pid: int) -> int:
    """Return the resident memory of a process, 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_KB
    except OSError:
        return 0


def run(command: Sequence[str], *, core: int, patience: float = 300.0) -> str:
    """Run a program to its end on one core and return what it printed."""
    done = subprocess.run(
        ["taskset", "-c", str(core), *command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=ROOT,
        timeout=patience,
        text=True,
        check=False,
    )
    if done.returncode:
        raise FailedError(
            f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}"
        )
    return done.stdout


def driver(name: str, *arguments: str, core: int) -> str:
    """Run a module of `bench.drivers` in a process of its own; return its last line."""
    command = [sys.executable, "-m", f"bench.drivers.{name}", *arguments]
    return run(command, core=core).strip().splitlines()[-1]


def missing(commands: Sequence[str]) -> list[str]:
    """Return which of the commands this machine does not have."""
    places = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return [name for name in commands if not shutil.which(name, path=places)]


def raise_limits() -> None:
    """Allow as many open descriptors as we may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in (max(hard, DESCRIPTORS), hard):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
        except (ValueError, OSError):
            continue
        return
