"""Perl mon(8) with its own http.monitor, one host per service, every second."""

from bench.measurement import Cost
from bench.process import Program
from bench.trial import Stage, address, measure_running
from bench.web import PORT

NEEDS = ("mon", "nginx")
MONITORS = "/usr/lib/mon/mon.d"


def config(services: int) -> str:
    """Spell a mon.cf with so many hosts, each with one service."""
    groups = "".join(f"hostgroup h{n} {address(n)}\n" for n in range(services))
    watches = "".join(
        f"\nwatch h{n}\n    service http\n        interval 1s\n"
        f"        monitor http.monitor -p {PORT}\n"
        "        period wd {Sun-Sat}\n            alert test.alert\n"
        for n in range(services)
    )
    return f"maxprocs = 100\n\n{groups}{watches}"


def checks(stage: Stage, rate: int) -> Cost:
    """Measure it at so many checks a second; its children count."""
    file = stage.work / "mon.cf"
    file.write_text(config(rate))
    state = stage.work / "mon"
    state.mkdir(exist_ok=True)
    users = stage.work / "auth.cf"
    users.write_text("command section\n")
    command = ["mon", "-c", str(file), "-s", MONITORS, "-A", str(users)]
    command += [
        "-B",
        str(stage.work),
        "-D",
        str(state),
        "-L",
        str(state),
        "-P",
        str(stage.work / "mon.pid"),
    ]
    command += ["-p", "2583", "-t", "2583"]
    with Program(
        command, core=stage.cores.client, log=stage.work / "mon.log"
    ) as program:
        # It looks once a second for what is due and what has ended: an interval of one
        # second comes out as two to three.
        return measure_running(
            program, stage.web.requests, rate=rate / 4, seconds=stage.seconds
        )
