"""The parent of a guest kernel: sees to it that nothing of the guest outlives it.

A program of its own (standard library only):

    keeper.py SECONDS FD COMMAND...

runs COMMAND in its own process group with descriptor FD, until COMMAND ends, the
time is over, or standard input ends: which it does whenever the process that
holds its other end goes, however it goes. Then the whole group is killed and
reaped: a killed kernel leaves helpers and traced processes, and in a container
nobody else may reap them. Prints one JSON line: why, and the exit status.
"""

import ctypes
import json
import os
import select
import signal
import subprocess
import sys

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


def keep(limit: float, channel: int, command: list[str]) -> dict[str, object]:
    """Run `command`, at most `limit` seconds; return why it ended, and its status."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        pass_fds=[channel],
        start_new_session=True,
    )
    os.close(channel)
    why = _wait(child.pid, limit)
    # The group's leader is not reaped yet, so its number cannot be another's.
    os.killpg(child.pid, signal.SIGKILL)
    status = child.wait()
    _reap()
    return {"why": why, "status": status}


def _wait(pid: int, limit: float) -> str:
    ended = os.pidfd_open(pid)
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(sys.stdin.fileno(), select.POLLIN | select.POLLHUP)
    ready = {descriptor for descriptor, _ in poll.poll(limit * 1000)}
    os.close(ended)
    if ended in ready:
        return "ended"
    return "asked" if ready else "limit"


def _reap() -> None:
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def main() -> None:
    """Keep the command given as arguments."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    report = keep(float(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
    print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()
