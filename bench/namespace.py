"""A network of our own with nothing but `lo`, so that nothing leaves the machine."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

SETTINGS = {
    "net/ipv4/ip_local_port_range": "1024 65535",
    "net/core/somaxconn": "16384",
    "net/ipv4/tcp_max_syn_backlog": "16384",
    "net/ipv6/conf/lo/disable_ipv6": "0",
}


@contextmanager
def prefix() -> Iterator[list[str]]:
    """Give the words that put a command into a new network; it is removed at the end.

    As root that is a named namespace, else one in a namespace of users.
    """
    if os.geteuid() != 0:
        yield ["unshare", "--map-root-user", "--net", "--mount"]
        return
    name = f"monlvs-bench-{os.getpid()}"
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        yield ["ip", "netns", "exec", name]
    finally:
        subprocess.run(["ip", "netns", "del", name], check=False)


def inside(arguments: Sequence[str]) -> int:
    """Run `python -m bench` with `arguments` in a new network; return its exit code."""
    with prefix() as words:
        command = [*words, sys.executable, "-m", "bench", *arguments]
        with subprocess.Popen(command) as child:
            try:
                return child.wait()
            except KeyboardInterrupt:
                child.terminate()  # it ends what it has started; wait for that
                return child.wait()


def interruptible() -> None:
    """Let the first SIGINT or SIGTERM raise KeyboardInterrupt, and no other after it."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def prepare() -> None:
    """Bring `lo` up and make room for many connections, once inside."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for name, value in SETTINGS.items():
        with suppress(OSError):
            Path("/proc/sys", name).write_text(value)
