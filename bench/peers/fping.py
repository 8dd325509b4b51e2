"""fping(8) at its fastest: one request to each host, no pause between hosts."""

import os
import subprocess
import time
from pathlib import Path

from bench.measurement import Cost
from bench.process import FailedError
from bench.trial import Stage, address

NEEDS = ("fping",)


def sweeps(stage: Stage, hosts: int) -> Cost:
    """Run it again and again until the time is over; starting it is part of its cost."""
    file = stage.work / "hosts"
    file.write_text("".join(f"{address(n)}\n" for n in range(hosts)))
    command = ["taskset", "-c", str(stage.cores.client)]
    command += ["fping", "-q", "-c1", "-i", "0", "-f", str(file)]
    start, spent, done, failed = time.monotonic(), 0.0, 0, 0
    while time.monotonic() - start < stage.seconds:
        words = stage.work / "fping.log"
        usage = _run(command, words)
        spent += (usage.ru_utime + usage.ru_stime) * 1e6
        answered = replies(words.read_text())
        done += answered
        failed += hosts - answered
    return Cost(
        cpu_us=spent / max(done, 1),
        per_second=done / (time.monotonic() - start),
        failed=failed,
    )


def _run(command: list[str], words: Path) -> "os.struct_rusage":
    """Run a command to its end and return what it alone has used."""
    with words.open("wb") as output:
        child = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    # 1: some hosts did not answer, which is counted; more is an error of fping's.
    if child.returncode not in (0, 1):
        raise FailedError(f"fping ended with {child.returncode}: {words.read_text()}")
    return usage


def replies(text: str) -> int:
    """Count the replies that `fping -q -c` tells of, as in "xmt/rcv/%loss = 1/1/0%"."""
    total = 0
    for line in text.splitlines():
        _, mark, counts = line.partition("xmt/rcv/%loss = ")
        if mark:
            total += int(counts.split("/")[1])
    return total
