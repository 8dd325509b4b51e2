"""A guest kernel with IPVS for those who change a table, booted when first needed."""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.machine import stepping_on
from bench.process import FailedError, children, cpu_us
from monlvs.lab.guest import Guest, GuestOptions

MEMORY = 640
PATIENCE = 300.0


@dataclass(frozen=True, slots=True)
class Ran:
    """What a program took: wall by the guest's clock, CPU by the host's.

    The host counts all that the guest does for it, its kernel included, and nothing
    that the host itself does meanwhile; inside, a host that is busy looks like work.
    """

    wall: float
    cpu: float
    output: str


class Room:
    """One guest, pinned to one core; leave its block to end it."""

    def __init__(self, *, core: int, seconds: float = 3600.0) -> None:
        self._core = core
        self._seconds = seconds
        self._guest: Guest | None = None
        self._numbers = itertools.count(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._guest is not None:
            self._guest.close()

    @property
    def guest(self) -> Guest:
        """The running guest."""
        if self._guest is None:
            options = GuestOptions(
                memory=MEMORY, time_limit=self._seconds, core=self._core
            )
            with stepping_on(self._core):
                self._guest = Guest.boot(options)
            self.run(["/run/modprobe", "-a", "ip_vs", "ip_vs_rr"])
        return self._guest

    @property
    def python(self) -> str:
        """The interpreter inside; it can import monlvs."""
        return self.guest.options.python

    def fresh_folder(self, name: str) -> Path:
        """Make a folder that both sides see; nobody else has had it."""
        folder = self.guest.folder / f"{name}-{next(self._numbers)}"
        folder.mkdir()
        return folder

    @contextmanager
    def network(self) -> Iterator[list[str]]:
        """Give the words that put a command into a new network, with a table of its own.

        Servers that were deleted go on costing those that are added for two minutes:
        one table is not measured twice.
        """
        name = f"storm{next(self._numbers)}"
        self.run(["ip", "netns", "add", name])
        try:
            self.run(["ip", "-n", name, "link", "set", "lo", "up"])
            yield ["ip", "netns", "exec", name]
        finally:
            self.run(["ip", "netns", "del", name])

    def cpu(self) -> float:
        """Return the seconds of processor time that the guest has used on the host."""
        found = [self.guest.pid]
        for pid in found:
            found.extend(children(pid))
        return sum(map(cpu_us, found)) / 1e6

    def run(self, command: Sequence[str], *, accept: Sequence[int] = (0,)) -> Ran:
        """Run a command to its end. Raises FailedError for a status not in `accept`."""
        guest, before = self.guest, self.cpu()
        words = {"host": None, "argv": list(command), "cwd": None, "env": {}}
        told = guest.ask("run", timeout=PATIENCE, stdin="", **words).result()
        spent = self.cpu() - before
        if told["status"] not in accept:
            raise FailedError(
                f"{' '.join(command)} ended with {told['status']}:\n"
                f"{told['stderr'][-2000:]}"
            )
        return Ran(told["ended"] - told["began"], spent, told["stdout"])

    @contextmanager
    def running(self, command: Sequence[str], log: Path) -> Iterator[int]:
        """Run a command beside others for a while; gives its process id."""
        words = {"host": None, "argv": list(command), "cwd": None, "env": {}}
        told = self.guest.ask("start", log=str(log), **words).result()
        try:
            yield told["pid"]
        finally:
            pid = told["pid"]
            self.guest.ask("signal", pid=pid, signal=9).result()
            self.guest.ask("wait", pid=pid, timeout=10.0).result()
