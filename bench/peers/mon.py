"""Perl mon(8) with its own monitors, one host per service."""

from collections.abc import Iterator
from contextlib import contextmanager

from bench.measurement import Cost
from bench.process import Program
from bench.trial import Stage, address, measure_running
from bench.web import PORT

NEEDS = ("mon", "nginx")
MONITORS = "/usr/lib/mon/mon.d"


def config(
    services: int, *, interval: int, monitor: str = f"http.monitor -p {PORT}"
) -> str:
    """Spell a mon.cf with so many hosts, each with one service."""
    groups = "".join(f"hostgroup h{n} {address(n)}\n" for n in range(services))
    watches = "".join(
        f"\nwatch h{n}\n    service port\n        interval {interval}s\n"
        f"        monitor {monitor}\n"
        "        period wd {Sun-Sat}\n            alert test.alert\n"
        for n in range(services)
    )
    return f"maxprocs = 100\n\n{groups}{watches}"


def checks(stage: Stage, services: int, interval: int) -> Cost:
    """Measure it with so many services; its children count."""
    with daemon(stage, config(services, interval=interval)) as program:
        # It looks once a second for what is due and what has ended: an interval of one
        # second comes out as two to three, one of five as six.
        rate = services / (interval + 3)
        seconds = max(stage.seconds, 2.0 * (interval + 1))
        return measure_running(program, stage.web.requests, rate=rate, seconds=seconds)


@contextmanager
def daemon(stage: Stage, text: str) -> Iterator[Program]:
    """Run it with a configuration."""
    work, file = stage.work, stage.work / "mon.cf"
    file.write_text(text)
    state, users = work / "mon", work / "auth.cf"
    state.mkdir(exist_ok=True)
    users.write_text("command section\n")
    command = ["mon", "-c", str(file), "-s", MONITORS, "-A", str(users)]
    command += ["-B", str(work), "-D", str(state), "-L", str(state)]
    command += ["-P", str(work / "mon.pid"), "-p", "2583", "-t", "2583"]
    log = work / "mon.log"
    with Program(command, core=stage.cores.client, log=log) as program:
        yield program
