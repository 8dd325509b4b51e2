"""External programs: what to run, how it ended, and who sees to it that it ends.

Rule 1: a program that was started is reported exactly once, however it behaves: whether
it ignores SIGTERM, floods its output, hangs with its output closed, or leaves
grandchildren behind that keep the output open.
Rule 2: a group is signalled only while its leader is not yet reaped, so that its number
cannot belong to somebody else.
Rule 3: nothing here waits for a program in a blocking call.
Rule 4: programs of one moment are started one after the other, one for each processor at
a time. A Perl monitor works for its first 25 ms and waits for the network then; sixteen of
them at once take a tenth more time of the processor than in turn, and hold up all else.
"""

import asyncio
import os
import shutil
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from fcntl import F_SETFD, FD_CLOEXEC, fcntl
from pathlib import Path

_STANDARD_ERROR = 2
_READ_SIZE = 65_536
_READS_AT_EXIT = 64  # as much as a pipe of the largest usual size can still hold
_YOUNG = 0.05
"""Seconds for which a program keeps the next one from being started, if it lives so long."""
_YIELDS = 0.25
"""Seconds that a program waits for others that are young; of many that sleep none starts
later than this."""
_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One run of one program; no shell ever sees any of it."""

    argv: tuple[str, ...]
    """The program, by path or as a name looked up in the PATH of `environ`, and its words."""
    environ: tuple[tuple[str, str], ...] = ()
    """Its whole environment."""
    stdin: bytes | None = None
    """What it reads; None is /dev/null."""
    timeout: float = 60.0
    """Seconds until it is ended, with all of its process group."""
    grace: float = 2.0
    """Seconds between SIGTERM and SIGKILL, and those that what it leaves behind has."""
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


class Programs:
    """Runs programs in the running loop, at most `limit` at a time, in order.

    They get none of our descriptors, those that we were started with included.
    """

    def __init__(self, *, limit: int = 32) -> None:
        _keep_descriptors()
        self._turn = asyncio.Semaphore(limit)
        self._processors = asyncio.Semaphore(len(os.sched_getaffinity(0)))
        self._running: set[_Run] = set()
        self._stopping = False

    @property
    def running(self) -> int:
        """How many programs run."""
        return len(self._running)

    def pid(self, program: Program) -> int | None:
        """Return the number of a program that runs now, or None."""
        for run in self._running:
            if run.program is program:
                return run.pid
        return None

    async def run(self, program: Program) -> ProgramOutcome:
        """Run `program` to its end; cancelling kills its group.

        What goes wrong is part of the outcome; nothing is raised. A program that does
        not get its turn within its own time limit is not started.
        """
        try:
            async with asyncio.timeout(program.timeout):
                await self._turn.acquire()
        except TimeoutError:
            waited = f"waited {program.timeout:g} s for its turn"
            return ProgramOutcome(error=waited, seconds=program.timeout)
        try:
            return await self._run(program)
        finally:
            self._turn.release()

    async def _run(self, program: Program) -> ProgramOutcome:
        free = await self._claim_processor()
        if self._stopping:
            free()
            return ProgramOutcome(error="the daemon stops", stopped=True)
        try:
            run = _Run(program)
        except (OSError, ValueError) as error:
            free()
            return ProgramOutcome(error=_why_not(program, error))
        asyncio.get_running_loop().call_later(_YOUNG, free)
        run.gone.add_done_callback(lambda _: free())
        self._running.add(run)
        run.gone.add_done_callback(lambda _: self._running.discard(run))
        try:
            return await asyncio.shield(run.outcome)
        finally:
            run.kill()

    async def _claim_processor(self) -> Callable[[], None]:
        """Wait for a processor without a young program, as long as is bearable; return
        what gives it back, however often that is called."""
        try:
            async with asyncio.timeout(_YIELDS):
                await self._processors.acquire()
        except TimeoutError:
            return lambda: None
        claimed = [self._processors]

        def free() -> None:
            if claimed:
                claimed.pop().release()

        return free

    async def close(self) -> None:
        """End all running groups, first with SIGTERM; return when they are gone."""
        self._stopping = True
        for run in self._running:
            run.stop()
        while self._running:
            await asyncio.wait([run.gone for run in self._running])


def _keep_descriptors() -> None:
    """Mark what is open to be closed in programs; what we open later is so anyway.

    Python opens everything with O_CLOEXEC (PEP 446), but whoever started us may not
    have, and posix_spawn(3) cannot close what it does not know of.
    """
    for entry in Path("/proc/self/fd").iterdir():
        fd = int(entry.name)
        if fd > _STANDARD_ERROR:
            with suppress(OSError):  # the one that listed the directory is gone by now
                fcntl(fd, F_SETFD, FD_CLOEXEC)


def _why_not(program: Program, error: OSError | ValueError) -> str:
    words = error.strerror if isinstance(error, OSError) else str(error)
    return f"{program.argv[0] if program.argv else 'no program'}: {words}"


def _path_of(program: Program) -> str:
    """Find the program; execve(2) says what is wrong with one given by its path."""
    if not program.argv:
        raise ValueError("expected a program and its words")
    name = program.argv[0]
    if "/" in name:
        return name
    search = dict(program.environ).get("PATH", os.defpath)
    found = shutil.which(name, path=search)
    if found is None:
        raise ValueError(f"not found in {search}")
    return found


def _input_of(program: Program) -> int:
    """Open what the program is to read: all of it is there before it starts."""
    if program.stdin is None:
        return os.open(os.devnull, os.O_RDONLY)
    fd = os.memfd_create("stdin")
    with open(fd, "wb", closefd=False) as file:
        file.write(program.stdin)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def _spawn(program: Program, output: int) -> int:
    """Start the program as the leader of its own session; return its number.

    A session of its own has no terminal: nothing can stop to ask a question there.
    """
    path = _path_of(program)
    given = _input_of(program)
    try:
        return os.posix_spawn(
            path,
            program.argv,
            dict(program.environ),
            file_actions=[
                (os.POSIX_SPAWN_DUP2, given, 0),
                (os.POSIX_SPAWN_DUP2, output, 1),
                (os.POSIX_SPAWN_DUP2, output, 2),
            ],
            setsid=True,
            setsigmask=(),
            setsigdef=_IGNORED_BY_PYTHON,
        )
    finally:
        os.close(given)


class _Run:
    """One running program: its pipe, its pidfd and its next deadline."""

    def __init__(self, program: Program) -> None:
        """Start it; raise OSError or ValueError when that is not possible."""
        self._loop = asyncio.get_running_loop()
        self.program = program
        self._output = bytearray()
        self._report = ProgramOutcome()
        self._exited = False
        self.outcome: asyncio.Future[ProgramOutcome] = self._loop.create_future()
        self.gone: asyncio.Future[None] = self._loop.create_future()
        """Done when the program is reaped and all descriptors are closed."""
        self._started = self._loop.time()
        self._pipe, writer = os.pipe()
        try:
            self.pid = _spawn(program, writer)
        except BaseException:
            os.close(self._pipe)
            raise
        finally:
            os.close(writer)
        self._watch()

    def _watch(self) -> None:
        try:
            self._pidfd = os.pidfd_open(self.pid)
        except OSError:  # no descriptor left: it cannot be watched, so it must not run
            os.killpg(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            os.close(self._pipe)
            raise
        os.set_blocking(self._pipe, False)
        self._loop.add_reader(self._pipe, self._read)
        self._loop.add_reader(self._pidfd, self._on_exit)
        self._timer = self._loop.call_later(self.program.timeout, self._on_time_limit)

    def stop(self) -> None:
        """End it because the daemon stops."""
        if not self.outcome.done():
            self._report = replace(self._report, stopped=True)
            self._terminate()

    def kill(self) -> None:
        """End it at once; nobody waits for its outcome any more."""
        if not self.outcome.done():
            self._signal(signal.SIGKILL)
            self._end()

    # Deadlines: time limit, then grace, then an end of patience.

    def _on_time_limit(self) -> None:
        self._report = replace(self._report, timed_out=True)
        self._terminate()

    def _terminate(self) -> None:
        self._signal(signal.SIGTERM)
        self._timer.cancel()
        self._timer = self._loop.call_later(self.program.grace, self._on_grace_over)

    def _on_grace_over(self) -> None:
        self._signal(signal.SIGKILL)
        # A process in an uninterruptible sleep may outlive even that for a while.
        self._timer = self._loop.call_later(self.program.grace, self._end)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    # What the program does.

    def _read(self) -> bool:
        """Take a piece of output; return whether there may be more of it now."""
        try:
            data = os.read(self._pipe, _READ_SIZE)
        except BlockingIOError:
            return False
        room = self.program.output_limit - len(self._output)
        self._output += data[: max(room, 0)]
        if len(data) > room:
            self._report = replace(self._report, truncated=True)
        if not data:
            self._close_pipe()
            if self._exited:
                self._end()
        return bool(data)

    def _on_exit(self) -> None:
        """The leader is dead but not reaped: its number still names its group."""
        self._loop.remove_reader(self._pidfd)
        self._exited = True
        self._note_exit()
        if self.outcome.done():
            self._reap()
            return
        reads = 0
        while self._pipe >= 0 and reads < _READS_AT_EXIT and self._read():
            reads += 1
        if self.outcome.done():
            return
        if self._pipe < 0 or self._report.timed_out or self._report.stopped:
            self._end()
        else:  # somebody that it left behind still holds the output
            self._timer.cancel()
            self._timer = self._loop.call_later(self.program.grace, self._end)

    def _note_exit(self) -> None:
        found = os.waitid(os.P_PIDFD, self._pidfd, os.WEXITED | os.WNOWAIT)
        assert found is not None
        seconds, status = self._loop.time() - self._started, found.si_status
        if found.si_code == os.CLD_EXITED:
            self._report = replace(self._report, seconds=seconds, exit=status)
        else:
            self._report = replace(self._report, seconds=seconds, signal=status)

    # The end.

    def _end(self) -> None:
        """Report, end what is left of the group, and give the descriptors back."""
        if self.outcome.done():
            return
        self._timer.cancel()
        ours = self._report.timed_out or self._report.stopped
        if ours or self._pipe >= 0:
            self._signal(signal.SIGKILL)
        self._close_pipe()
        report = replace(self._report, output=bytes(self._output))
        if not self._exited:
            seconds = self._loop.time() - self._started
            report = replace(report, signal=int(signal.SIGKILL), seconds=seconds)
        self.outcome.set_result(report)
        if self._exited:
            self._reap()

    def _close_pipe(self) -> None:
        if self._pipe >= 0:
            self._loop.remove_reader(self._pipe)
            os.close(self._pipe)
            self._pipe = -1

    def _reap(self) -> None:
        os.waitid(os.P_PIDFD, self._pidfd, os.WEXITED)
        os.close(self._pidfd)
        self.gone.set_result(None)
