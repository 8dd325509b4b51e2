"""The guest's side of the channel: runs commands on the lab's hosts, on request.

    warden.py DEVICE

Requests and answers are JSON objects, one a line, over the serial line DEVICE. A
request has an `id` that its answer repeats, and a `verb`; answers come when they
are due, not in the order of requests. Each read is confirmed by `taken`, its
length in bytes: the other side sends no more than the line can hold. Time stamps are the guest's CLOCK_MONOTONIC,
which all processes of the guest share.

A host is a network namespace in /run/netns and a host name. The warden enters it,
starts the program and returns: cheaper than `ip netns exec` by one exec.
"""

import contextlib
import ctypes
import heapq
import json
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import time
import traceback
import tty
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, Protocol

CLONE_NEWUTS = 0x04000000  # linux/sched.h
CLONE_NEWNET = 0x40000000
LISTENING = "0A"  # TCP_LISTEN of include/net/tcp_states.h, as /proc/net/tcp has it
LOOK_EVERY = 0.02
"""Seconds between two looks at who listens."""
LIBC = ctypes.CDLL(None, use_errno=True)

Answer = dict[str, Any]


class Hosts:
    """Enters the namespaces of the lab's hosts, and returns."""

    def __init__(self) -> None:
        self._home = self._namespaces()
        self._known: dict[str, tuple[int, int]] = {}

    @contextlib.contextmanager
    def inside(self, host: str | None) -> Iterator[None]:
        """Be in `host` for a while; None is the guest itself, where the bridges are."""
        if host is None:
            yield
            return
        if host not in self._known:
            self._known[host] = self._meet(host)
        try:
            self._enter(self._known[host])
            yield
        finally:
            self._enter(self._home)

    def _meet(self, host: str) -> tuple[int, int]:
        net = os.open(f"/run/netns/{host}", os.O_RDONLY)
        try:
            self._check(LIBC.unshare(CLONE_NEWUTS))
            socket.sethostname(host)
            return net, self._namespaces()[1]
        finally:
            self._enter(self._home)

    def _enter(self, namespaces: tuple[int, int]) -> None:
        for namespace, kind in zip(
            namespaces, (CLONE_NEWNET, CLONE_NEWUTS), strict=True
        ):
            self._check(LIBC.setns(namespace, kind))

    @staticmethod
    def _namespaces() -> tuple[int, int]:
        return (
            os.open("/proc/self/ns/net", os.O_RDONLY),
            os.open("/proc/self/ns/uts", os.O_RDONLY),
        )

    @staticmethod
    def _check(result: int) -> None:
        if result != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))


class Running(Protocol):
    """What a job needs of its process."""

    pid: int

    def wait(self) -> int:
        """Return the exit status of a process that has ended."""
        ...


class Forked:
    """A Python program that runs in a copy of the warden's interpreter.

    To start an interpreter takes a fifth of a second in a guest, to copy this one a
    tenth of that.
    """

    def __init__(self, program: str, arguments: list[str], log: int) -> None:
        """Run the file `program` as a main program, its output to `log`."""
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self._run(program, arguments, log)
            finally:
                os._exit(1)
        with contextlib.suppress(OSError):  # whoever comes first, as in a shell
            os.setpgid(self.pid, self.pid)

    def wait(self) -> int:
        """Return the exit status of the program, which has ended."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    @staticmethod
    def _run(program: str, arguments: list[str], log: int) -> None:
        os.setpgid(0, 0)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.closerange(3, 1024)
        sys.argv = [program, *arguments]
        try:
            runpy.run_path(program, run_name="__main__")
        except BaseException:  # noqa: BLE001  # nothing may return into the warden
            traceback.print_exc()


class Job:
    """One program that was started, and who waits for its end."""

    def __init__(self, process: Running, began: float) -> None:
        self.process = process
        self.status: int | None = None
        self.began = began
        self.ended: float | None = None
        self.timed_out = False
        self.output: tuple[IO[bytes], IO[bytes]] | None = None
        self.waiting: list[int] = []

    def kill(self, number: int) -> bool:
        """Send a signal to all of the program's group; False when it has ended."""
        if self.ended is not None:
            return False
        os.killpg(self.process.pid, number)
        return True

    def report(self) -> Answer:
        """Return how the program ended, and what it wrote if that was kept."""
        answer: Answer = {
            "pid": self.process.pid,
            "status": self.status,
            "began": self.began,
            "ended": self.ended,
            "timed_out": self.timed_out,
        }
        for name, kept in zip(("stdout", "stderr"), self.output or (), strict=False):
            kept.seek(0)
            answer[name] = kept.read().decode(errors="replace")
            kept.close()
        self.output = None
        return answer


class Warden:
    """Reads requests, starts and ends programs, writes answers; one thread, no waits."""

    def __init__(self, line: int) -> None:
        self._line = line
        self._hosts = Hosts()
        self._selector = selectors.DefaultSelector()
        self._selector.register(line, selectors.EVENT_READ, self._read)
        self._unread = b""
        self._jobs: dict[int, Job] = {}
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0
        self._halted = False

    def serve(self) -> None:
        """Answer requests until one of them asks to halt, or the line is gone."""
        self._answer({"id": 0, "release": os.uname().release})
        while not self._halted:
            wait = max(0.0, self._due[0][0] - time.monotonic()) if self._due else None
            for key, _ in self._selector.select(wait):
                key.data()
            while self._due and self._due[0][0] <= time.monotonic():
                heapq.heappop(self._due)[2]()

    def _read(self) -> None:
        try:
            data = os.read(self._line, 65536)
        except OSError:
            data = b""
        if not data:
            self._halted = True
            return
        self._answer({"taken": len(data)})
        *lines, self._unread = (self._unread + data).split(b"\n")
        for text in lines:
            self._take(json.loads(text))

    def _take(self, request: dict[str, Any]) -> None:
        if "file" in request:  # a long one: only its place came over the line
            request = json.loads(Path(request["file"]).read_bytes())
        verbs = {
            "run": self._run,
            "start": self._start,
            "fork": self._fork,
            "signal": self._signal,
            "wait": self._wait,
            "listen": self._listen,
            "read": self._show,
            "clock": lambda request: self._answer({"id": request["id"]}),
            "halt": self._halt,
        }
        try:
            verbs[request["verb"]](request)
        except (OSError, ValueError, KeyError) as error:
            self._answer({"id": request["id"], "error": f"{error}"})

    def _run(self, request: dict[str, Any]) -> None:
        output = (memory_file(), memory_file())
        with memory_file(request.get("stdin", "").encode()) as given:
            job = self._spawn(request, given, *output)
        job.output = output
        job.waiting.append(request["id"])
        self._at(job.began + request["timeout"], lambda: self._expire(job))

    def _start(self, request: dict[str, Any]) -> None:
        with memory_file() as given, Path(request["log"]).open("ab") as log:
            job = self._spawn(request, given, log, log)
        self._answer({"id": request["id"], "pid": job.process.pid, "began": job.began})

    def _spawn(
        self,
        request: dict[str, Any],
        stdin: IO[bytes],
        stdout: IO[bytes],
        stderr: IO[bytes],
    ) -> Job:
        with self._hosts.inside(request["host"]):
            began = time.monotonic()
            process = subprocess.Popen(
                request["argv"],
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                cwd=request.get("cwd"),
                env={**os.environ, **request.get("env", {})},
                start_new_session=True,
            )
        return self._watch(process, began)

    def _fork(self, request: dict[str, Any]) -> None:
        with (
            self._hosts.inside(request["host"]),
            Path(request["log"]).open("ab") as log,
        ):
            began = time.monotonic()
            forked = Forked(request["program"], request["arguments"], log.fileno())
        self._watch(forked, began)
        self._answer({"id": request["id"], "pid": forked.pid, "began": began})

    def _watch(self, process: Running, began: float) -> Job:
        job = self._jobs[process.pid] = Job(process, began)
        ended = os.pidfd_open(process.pid)
        self._selector.register(
            ended, selectors.EVENT_READ, lambda: self._ended(job, ended)
        )
        return job

    def _ended(self, job: Job, pidfd: int) -> None:
        self._selector.unregister(pidfd)
        os.close(pidfd)
        job.ended = time.monotonic()
        job.status = job.process.wait()
        report = job.report()
        for waiting in job.waiting:
            self._answer({"id": waiting, **report})
        job.waiting.clear()

    def _expire(self, job: Job) -> None:
        job.timed_out = job.kill(signal.SIGKILL)

    def _signal(self, request: dict[str, Any]) -> None:
        sent = self._jobs[request["pid"]].kill(request["signal"])
        self._answer({"id": request["id"], "sent": sent})

    def _wait(self, request: dict[str, Any]) -> None:
        job, waiting = self._jobs[request["pid"]], request["id"]
        if job.ended is not None:
            self._answer({"id": waiting, **job.report()})
            return

        def give_up() -> None:
            if waiting in job.waiting:
                job.waiting.remove(waiting)
                self._answer({"id": waiting, "timed_out": True})

        job.waiting.append(waiting)
        self._at(time.monotonic() + request["timeout"], give_up)

    def _listen(self, request: dict[str, Any]) -> None:
        until = time.monotonic() + request["timeout"]

        def look() -> None:
            with self._hosts.inside(request["host"]):
                missing = set(request["ports"]) - listened_ports()
            if missing and time.monotonic() < until:
                self._at(time.monotonic() + LOOK_EVERY, look)
            else:
                self._answer({"id": request["id"], "missing": sorted(missing)})

        look()

    def _show(self, request: dict[str, Any]) -> None:
        with self._hosts.inside(request["host"]):
            text = Path(request["path"]).read_text()
        self._answer({"id": request["id"], "text": text})

    def _halt(self, request: dict[str, Any]) -> None:
        self._answer({"id": request["id"]})
        self._halted = True

    def _at(self, due: float, call: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._due, (due, self._count, call))

    def _answer(self, answer: Answer) -> None:
        text = json.dumps({"now": time.monotonic(), **answer}).encode() + b"\n"
        while text:
            text = text[os.write(self._line, text) :]


def listened_ports() -> set[int]:
    """Return the TCP ports that somebody listens on in the network we are in."""
    lines = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{name}").read_text().splitlines()
    ]
    return {
        int(at.rpartition(":")[2], 16)
        for _, at, _, state, *_ in lines
        if state == LISTENING
    }


def memory_file(content: bytes = b"") -> IO[bytes]:
    """Return an open file without a name, holding `content`."""
    file = os.fdopen(os.memfd_create("monlvs"), "w+b")
    file.write(content)
    file.seek(0)
    return file


def main() -> None:
    """Serve the line named in the first argument."""
    line = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
    tty.setraw(line)
    Warden(line).serve()


if __name__ == "__main__":
    main()
