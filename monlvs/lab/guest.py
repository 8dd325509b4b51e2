"""One guest kernel: boot it, speak with its warden, end it."""

import contextlib
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import monlvs
from monlvs.lab import keeper
from monlvs.lab.channel import Answer, Channel
from monlvs.lab.cores import lease_core
from monlvs.lab.inside import program
from monlvs.lab.kernel import SEARCH_PATH, Kernel, LabError, find_kernel
from monlvs.lab.processor import fitted


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestOptions:
    """What a guest is given.

    `memory` in megabytes is taken from the host as it is touched. After
    `time_limit` seconds the guest is killed, whatever it does. `core` pins it to
    that core; without it, the least taken one. `boot_limit` (seconds) is how long
    to wait for its first word. `python` interprets the lab's own programs and is
    `python` in the guest. `keep_folder` leaves the shared folder behind.
    """

    memory: int = 384
    time_limit: float = 300.0
    boot_limit: float = 60.0
    core: int | None = None
    python: str = sys.executable
    keep_folder: bool = False


class Guest:
    """A running guest. Its `folder` is writable at the same path on both sides."""

    def __init__(self, options: GuestOptions, folder: Path) -> None:
        """Prepare one; `boot` makes a running one."""
        self.options = options
        self.folder = folder
        self.release = ""
        self._halting = False
        self._held = contextlib.ExitStack()

    @classmethod
    def boot(cls, options: GuestOptions | None = None) -> "Guest":
        """Boot the kernel of this machine; returns when commands can be run.

        Raises LabError with what is missing, or the end of the guest's console.
        """
        kernel = find_kernel()
        given = options or GuestOptions()
        with contextlib.ExitStack() as held:
            folder = Path(tempfile.mkdtemp(prefix="monlvs-lab-"))
            if not given.keep_folder:
                held.callback(shutil.rmtree, folder, ignore_errors=True)
            core = held.enter_context(lease_core(given.core))
            guest = cls(given, folder)
            guest._boot(kernel, core, held)
            guest._held = held.pop_all()
        return guest

    def ask(self, verb: str, **details: object) -> "Future[Answer]":
        """Send a request to the warden (see inside/warden.py); return its answer.

        The future raises LabError when the warden refuses or the guest is gone.
        """
        return self._channel.ask(verb, **details)

    def close(self) -> None:
        """Halt the guest, kill what is left of it, remove its folder."""
        self._held.close()

    @property
    def alive(self) -> bool:
        """Whether it can still be spoken with."""
        return self._channel.alive

    @property
    def pid(self) -> int:
        """The process of the host whose descendants are the guest and nothing else."""
        return self._keeper.pid

    def console_tail(self, lines: int = 15) -> str:
        """Return the console's last lines, as the end of an error message."""
        with contextlib.suppress(OSError):
            text = (self.folder / "console").read_text(errors="replace").strip()
            if text:
                return "; its console ends:\n" + "\n".join(text.splitlines()[-lines:])
        return "; its console is empty"

    def _boot(self, kernel: Kernel, core: int, held: contextlib.ExitStack) -> None:
        ours, theirs = socket.socketpair()
        held.callback(ours.close)
        with theirs:
            self._keeper = self._start(kernel, core, theirs.fileno())
        held.callback(self._end)
        self._channel = Channel(ours, self.folder, self._obituary)
        try:
            hello = self._channel.hello.result(self.options.boot_limit)
        except TimeoutError:
            limit = f"{self.options.boot_limit:g} s"
            raise LabError(
                f"the guest said nothing for {limit}{self.console_tail()}"
            ) from None
        self.release = hello["release"]

    def _start(
        self, kernel: Kernel, core: int, channel: int
    ) -> "subprocess.Popen[bytes]":
        keeping = [sys.executable, "-I", "-S", keeper.__file__]
        limits = [str(self.options.time_limit), str(channel)]
        binary = fitted(kernel.binary, self.folder)
        command = ["taskset", "-c", str(core), str(binary)]
        arguments = self._arguments(kernel, channel)
        with (self.folder / "console").open("wb") as console:
            return subprocess.Popen(
                [*keeping, *limits, *command, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=console,
                pass_fds=[channel],
                start_new_session=True,
                env={
                    "PATH": f"{os.environ.get('PATH', '')}:{SEARCH_PATH}",
                    "TMPDIR": self._memory_folder(),
                },
            )

    def _arguments(self, kernel: Kernel, channel: int) -> list[str]:
        init = self.folder / "init"
        if any(letter in str(init) for letter in " ,\"'"):
            raise LabError(f"a lab's folder must have a plain name, not {self.folder}")
        init.write_text(self._init(kernel))
        init.chmod(0o755)
        return [
            f"mem={self.options.memory}M",
            *("root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro"),
            f"init={init}",
            # It races ways to compute RAID 6 for most of a second (lib/raid6/algos.c),
            # which only btrfs would use (admin-guide/kernel-parameters).
            "initcall_blacklist=raid6_select_algo",
            *("con=null", "con0=fd:0,fd:1", f"ssl0=fd:{channel}", "quiet"),
            f"uml_dir={self.folder / 'uml'}",
        ]

    def _init(self, kernel: Kernel) -> str:
        settings = {
            "LAB": str(self.folder),
            "MODULES": str(kernel.modules),
            "PYTHON": self.options.python,
            "WARDEN": str(program("warden.py")),
            "PATH": f"{SEARCH_PATH}:{Path(self.options.python).parent}",
            "PYTHONPATH": str(Path(monlvs.__file__).parent.parent),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            "HOME": "/run/home",
            "TMPDIR": "/run/tmp",
            "LANG": "C.UTF-8",
        }
        exports = [
            f"export {key}={shlex.quote(text)}" for key, text in settings.items()
        ]
        script = shlex.quote(str(program("init.sh")))
        return "\n".join(["#!/bin/sh", *exports, f". {script}", ""])

    def _memory_folder(self) -> str:
        # The guest's memory is a file without a name. Containers often have a
        # /dev/shm of 64 MB; a guest that outgrows it dies of SIGBUS.
        shm = Path("/dev/shm")  # noqa: S108  # a RAM disk; nothing gets a name there
        with contextlib.suppress(OSError):
            space = os.statvfs(shm)
            if space.f_bavail * space.f_frsize > 2 * self.options.memory << 20:
                return str(shm)
        return str(self.folder)

    def _obituary(self) -> str:
        # When the line ends, every process that held it is gone: the keeper is
        # about to say why, or has been killed itself.
        assert self._keeper.stdout is not None
        said = self._keeper.stdout.readline()
        if self._halting:
            return "the lab was halted"
        report = json.loads(said) if said else {"why": "lost"}
        match report["why"]:
            case "limit":
                limit = f"{self.options.time_limit:g} s"
                how = f"was killed at its time limit of {limit}"
            case "ended":
                how = f"ended by itself with status {report['status']}"
            case _:
                how = "was lost"
        return f"the guest {how}{self.console_tail()}"

    def _end(self) -> None:
        self._halting = True
        with contextlib.suppress(LabError, TimeoutError, subprocess.TimeoutExpired):
            if self.release:  # it has come up, so it may go down in order
                self._channel.ask("halt").result(2.0)
                self._keeper.wait(3.0)
        assert self._keeper.stdin is not None
        assert self._keeper.stdout is not None
        self._keeper.stdin.close()  # makes it kill what is left
        self._keeper.wait()
        if "_channel" in self.__dict__:  # else it was interrupted before that
            self._channel.close()
        self._keeper.stdout.close()
