"""ldirectord(8): negotiated HTTP checks in one process, one after the other."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.measurement import Cost
from bench.process import Program
from bench.trial import Stage, address, measure_running
from bench.web import PORT

NEEDS = ("ldirectord", "ipvsadm", "nginx")
_IPVSADM = ("/sbin/ipvsadm", "/usr/sbin/ipvsadm")
_SILENT = "#!/bin/sh\nexit 0\n"


def config(servers: int, log: Path) -> str:
    """Spell an ldirectord.cf that checks so many real servers in every round."""
    # Where a real server is local it is checked at the virtual service's port.
    reals = "".join(f"\treal = {address(n)}:{PORT} masq\n" for n in range(servers))
    return (
        "checktimeout = 3\ncheckinterval = 1\nautoreload = no\nquiescent = no\n"
        f'fork = no\nlogfile = "{log}"\n\n'
        f"virtual = 127.200.0.1:{PORT}\n{reals}"
        '\tservice = http\n\tchecktype = negotiate\n\trequest = "/"\n'
        '\treceive = "ok"\n\tscheduler = rr\n\tprotocol = tcp\n'
    )


def checks(stage: Stage, servers: int) -> Cost:
    """Measure it with so many servers; it waits a second between its rounds."""
    file = stage.work / "ldirectord.cf"
    file.write_text(config(servers, stage.work / "ldirectord.checks"))
    with (
        _without_ipvs(stage.work),
        Program(
            ["ldirectord", "-d", str(file), "start"],
            core=stage.cores.client,
            log=stage.work / "ldirectord.log",
        ) as program,
    ):
        return measure_running(
            program, stage.web.requests, rate=servers / 2, seconds=stage.seconds
        )


@contextmanager
def _without_ipvs(work: Path) -> Iterator[None]:
    """Put a silent ipvsadm in place of the real one, in our own view of the files."""
    silent = work / "ipvsadm"
    silent.write_text(_SILENT)
    silent.chmod(0o755)
    place = next(path for path in _IPVSADM if Path(path).exists())
    subprocess.run(["mount", "--bind", str(silent), place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", place], check=True)
