"""One guest kernel: boot it, speak with its warden, end it.

Everything here is thread-safe and blocking at most for a boot or a halt: answers
are `concurrent.futures.Future`s, so a guest is not tied to an event loop, and
tests with a loop each can share one.
"""

import contextlib
import itertools
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import monlvs
from monlvs.lab import inside, keeper
from monlvs.lab.cores import lease_core
from monlvs.lab.kernel import SEARCH_PATH, Kernel, LabError, find_kernel

Answer = dict[str, Any]

# The guest's terminal layer holds 4096 bytes; once it has had to throttle the
# line, the line may never move again. So no more than WINDOW bytes that the warden
# has not confirmed are on their way, and a long request goes through a file.
WINDOW = 2048
LONGEST_LINE = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestOptions:
    """What a guest is given.

    `memory` in megabytes is taken from the host as it is touched. After
    `time_limit` seconds the guest is killed, whatever it does. `core` pins it to
    that core; without it, the least taken one. `boot_limit` (seconds) is how long
    to wait for its first word. `keep_folder` leaves the shared folder behind.
    """

    memory: int = 384
    time_limit: float = 300.0
    boot_limit: float = 60.0
    core: int | None = None
    python: str = sys.executable
    keep_folder: bool = False


class Guest:
    """A running guest. Its `folder` is writable at the same path on both sides."""

    def __init__(self, kernel: Kernel, options: GuestOptions) -> None:
        """Boot, and wait for the warden. Raises LabError with the console's end."""
        self.options = options
        self.folder = Path(tempfile.mkdtemp(prefix="monlvs-lab-"))
        self._held = contextlib.ExitStack()
        self._held.callback(self._remove_folder)
        self._pending: dict[int, Future[Answer]] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._outbox: deque[bytes] = deque()
        self._unconfirmed = 0
        self._lost: str | None = None
        self._halting = False
        try:
            hello = self._expect(0)
            self._boot(kernel)
            self.release: str = hello.result(options.boot_limit)["release"]
        except TimeoutError:
            console = self.console_tail()
            self.close()
            raise LabError(
                f"the guest said nothing for {options.boot_limit:g} s{console}"
            ) from None
        except BaseException:  # whatever it was, leave no process
            self.close()
            raise

    @classmethod
    def boot(cls, options: GuestOptions | None = None) -> "Guest":
        """Boot the kernel of this machine; returns when commands can be run."""
        return cls(find_kernel(), options or GuestOptions())

    def ask(self, verb: str, **details: object) -> "Future[Answer]":
        """Send a request to the warden (see inside/warden.py); return its answer.

        The future raises LabError when the warden refuses or the guest is gone.
        """
        number = next(self._numbers)
        answer = self._expect(number)
        line = json.dumps({"id": number, "verb": verb, **details}).encode()
        if len(line) > LONGEST_LINE:
            spilled = self.folder / f"request-{number}"
            spilled.write_bytes(line)
            answer.add_done_callback(lambda _: spilled.unlink(missing_ok=True))
            line = json.dumps({"file": str(spilled)}).encode()
        self._send(line + b"\n")
        return answer

    def close(self) -> None:
        """Halt the guest, kill what is left of it, remove its folder."""
        self._halting = True
        if "_keeper" in self.__dict__:
            self._end()
        self._held.close()

    def console_tail(self, lines: int = 15) -> str:
        """Return the console's last lines, as a paragraph for an error message."""
        with contextlib.suppress(OSError):
            text = (self.folder / "console").read_text(errors="replace").strip()
            if text:
                return "; its console ends:\n" + "\n".join(text.splitlines()[-lines:])
        return "; its console is empty"

    def _boot(self, kernel: Kernel) -> None:
        core = self._held.enter_context(lease_core(self.options.core))
        ours, theirs = socket.socketpair()
        self._channel = ours
        self._held.callback(ours.close)
        command = [
            *("taskset", "-c", str(core), str(kernel.binary)),
            *self._arguments(kernel, theirs.fileno()),
        ]
        limit = str(self.options.time_limit)
        with theirs, (self.folder / "console").open("wb") as console:
            self._keeper = subprocess.Popen(
                [
                    *(sys.executable, "-I", "-S", keeper.__file__),
                    *(limit, str(theirs.fileno()), *command),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=console,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                env={
                    "PATH": f"{os.environ.get('PATH', '')}:{SEARCH_PATH}",
                    "TMPDIR": self._memory_folder(),
                },
            )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _arguments(self, kernel: Kernel, channel: int) -> list[str]:
        init = self.folder / "init"
        init.write_text(self._init(kernel))
        init.chmod(0o755)
        if any(letter in str(init) for letter in " ,\"'"):
            raise LabError(f"a lab's folder must have a plain name, not {init.parent}")
        return [
            f"mem={self.options.memory}M",
            *("root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro"),
            f"init={init}",
            *("con=null", "con0=fd:0,fd:1", f"ssl0=fd:{channel}", "quiet"),
            f"uml_dir={self.folder / 'uml'}",
        ]

    def _init(self, kernel: Kernel) -> str:
        programs = Path(inside.__file__).parent
        source = Path(monlvs.__file__).parent.parent
        settings = {
            "LAB": str(self.folder),
            "MODULES": str(kernel.modules),
            "PYTHON": self.options.python,
            "WARDEN": str(programs / "warden.py"),
            "PATH": f"{SEARCH_PATH}:{Path(self.options.python).parent}",
            "PYTHONPATH": str(source),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            "HOME": "/run/home",
            "TMPDIR": "/run/tmp",
            "LANG": "C.UTF-8",
        }
        lines = [
            f"export {name}={shlex.quote(text)}" for name, text in settings.items()
        ]
        return "\n".join(["#!/bin/sh", *lines, f". {programs / 'init.sh'}", ""])

    def _memory_folder(self) -> str:
        # The guest's memory is a file without a name. Containers often have a
        # /dev/shm of 64 MB; a guest that outgrows it dies of SIGBUS.
        with contextlib.suppress(OSError):
            space = os.statvfs("/dev/shm")  # noqa: S108  # a RAM disk, nothing is named in it
            if space.f_bavail * space.f_frsize > 2 * self.options.memory << 20:
                return "/dev/shm"  # noqa: S108
        return str(self.folder)

    def _expect(self, number: int) -> "Future[Answer]":
        answer: Future[Answer] = Future()
        answer.set_running_or_notify_cancel()  # the warden cannot take a request back
        if self._lost:
            answer.set_exception(LabError(self._lost))
        else:
            self._pending[number] = answer
        return answer

    def _read(self) -> None:
        with contextlib.suppress(OSError), self._channel.makefile("rb") as lines:
            for line in lines:
                answer = json.loads(line)
                if "taken" in answer:
                    self._send(b"", confirmed=answer["taken"])
                    continue
                waiting = self._pending.pop(answer["id"], None)
                if waiting is None or waiting.done():
                    continue
                if "error" in answer:
                    waiting.set_exception(LabError(answer["error"]))
                else:
                    waiting.set_result(answer)
        self._forget(self._obituary())

    def _send(self, line: bytes, *, confirmed: int = 0) -> None:
        with self._lock, contextlib.suppress(OSError):  # gone: the reader will say so
            self._unconfirmed -= confirmed
            if line:
                self._outbox.append(line)
            while self._outbox and self._unconfirmed + len(self._outbox[0]) <= WINDOW:
                text = self._outbox.popleft()
                self._unconfirmed += len(text)
                self._channel.sendall(text)

    def _obituary(self) -> str:
        # When the line ends every process that held it is gone, so the keeper is
        # about to say why, or has been killed itself.
        assert self._keeper.stdout is not None
        said = self._keeper.stdout.readline()
        report = json.loads(said) if said else {"why": "lost", "status": None}
        if self._halting:
            return "the lab was halted"
        reason = {
            "limit": f"was killed at its time limit of {self.options.time_limit:g} s",
            "ended": f"ended by itself with status {report['status']}",
        }.get(report["why"], "was lost")
        return f"the guest {reason}{self.console_tail()}"

    def _forget(self, reason: str) -> None:
        self._lost = self._lost or reason
        while self._pending:
            with contextlib.suppress(KeyError):
                _, waiting = self._pending.popitem()
                if not waiting.done():
                    waiting.set_exception(LabError(self._lost))

    def _end(self) -> None:
        asked = self.ask("halt")
        with contextlib.suppress(LabError, TimeoutError):
            asked.result(2.0)
            self._keeper.wait(3.0)
        assert self._keeper.stdin is not None
        assert self._keeper.stdout is not None
        self._keeper.stdin.close()
        self._keeper.wait()
        self._reader.join()
        self._keeper.stdout.close()

    def _remove_folder(self) -> None:
        if not self.options.keep_folder:
            shutil.rmtree(self.folder, ignore_errors=True)
