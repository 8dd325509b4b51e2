"""The benchmarks: who is measured under which load."""

from functools import partial
from typing import NamedTuple

from bench import floors, ours, storms
from bench.measurement import Cost, cost_of
from bench.peers import fping, keepalived, ldirectord, mon
from bench.process import driver
from bench.trial import Stage, Trial

IN_FLIGHT = 200
CHECKS = 40_000
RATES = {"http": (1_000, 5_000, 10_000, 20_000), "tcp": (1_000, 5_000, 10_000)}
SWEEPS = (254, 2_500, 10_000)
TIMETABLES = ((1_000, 1_000), (10_000, 10_000), (50_000, 10_000))
"""Services and firings a second."""
SINGLE_HOST = 20
"""Checks a second of the peers that start a program, or wait, for each."""
SERIAL_HOSTS = 100

_FLOOR = ("gcc", "nginx")


def closed_loop(kind: str) -> list[Trial]:
    """Compare the engine alone with a floor, both with the same checks in flight."""
    bench = f"{kind}-closed"
    return [
        Trial(
            bench=bench,
            contender="C floor",
            load=IN_FLIGHT,
            measure=lambda stage: floors.closed(stage, kind, IN_FLIGHT, CHECKS),
            needs=_FLOOR,
        ),
        Trial(
            bench=bench,
            contender="engine",
            load=IN_FLIGHT,
            measure=partial(_engine, kind=kind),
            needs=("nginx",),
        ),
    ]


def _engine(stage: Stage, kind: str) -> Cost:
    words = ["--in-flight", str(IN_FLIGHT), "--checks", str(CHECKS)]
    return cost_of(driver("closed", kind, *words, core=stage.cores.client))


def open_loop(kind: str) -> list[Trial]:
    """Compare whole checkers that check so many servers once a second each."""
    trials = []
    for rate in RATES[kind]:
        trial = partial(Trial, bench=f"{kind}-open", load=rate)
        floor = partial(floors.opened, kind=kind, rate=rate)
        trials += [
            trial(contender="C floor", measure=floor, needs=_FLOOR),
            trial(
                contender="monlvs",
                measure=partial(ours.checks, kind=kind, rate=rate),
                needs=("nginx",),
            ),
            trial(
                contender="keepalived",
                measure=partial(keepalived.checks, kind=kind, rate=rate),
                needs=keepalived.NEEDS,
            ),
        ]
    return trials


def http_single() -> list[Trial]:
    """Compare checkers that cannot do many checks a second."""
    return [
        Trial(
            bench="http-single",
            contender="monlvs",
            load=SINGLE_HOST,
            measure=partial(ours.checks, kind="http", rate=SINGLE_HOST),
            needs=("nginx",),
        ),
        Trial(
            bench="http-single",
            contender="perl mon",
            load=SINGLE_HOST,
            measure=partial(mon.checks, rate=SINGLE_HOST),
            needs=mon.NEEDS,
        ),
        Trial(
            bench="http-single",
            contender="monlvs",
            load=SERIAL_HOSTS,
            measure=partial(ours.checks, kind="http", rate=SERIAL_HOSTS),
            needs=("nginx",),
        ),
        Trial(
            bench="http-single",
            contender="ldirectord",
            load=SERIAL_HOSTS,
            measure=partial(ldirectord.checks, servers=SERIAL_HOSTS),
            needs=ldirectord.NEEDS,
        ),
    ]


def icmp() -> list[Trial]:
    """Compare sweeps of the running daemon with fping's and a floor's."""
    trials = []
    for hosts in SWEEPS:
        trial = partial(Trial, bench="icmp", load=hosts)
        floor = partial(floors.swept, hosts=hosts, echoes=200_000)
        trials += [
            trial(contender="C floor", measure=floor, needs=("gcc",)),
            trial(contender="monlvs", measure=partial(ours.sweeps, hosts=hosts)),
            trial(
                contender="fping",
                measure=partial(fping.sweeps, hosts=hosts),
                needs=fping.NEEDS,
            ),
        ]
    return trials


def timetable() -> list[Trial]:
    """Compare the timetable with a bare heap and with one APScheduler job per service."""
    return [
        Trial(
            bench="timetable",
            contender=kind,
            load=services,
            measure=partial(_fires, kind=kind, services=services, rate=rate),
        )
        for services, rate in TIMETABLES
        for kind in ("heap", "timetable", "apscheduler")
    ]


def _fires(stage: Stage, kind: str, services: int, rate: int) -> Cost:
    words = [kind, "--services", str(services), "--rate", str(rate)]
    words += ["--seconds", str(stage.seconds)]
    return cost_of(driver("timetable", *words, core=stage.cores.client))


def storm(name: str) -> list[Trial]:
    """Compare ways to make a table of ten thousand real servers in a guest's kernel."""
    shape = storms.SHAPES[name]
    contenders = {
        "ipvsadm -R": storms.restored,
        "monlvs": storms.decided,
        "monlvs reload": storms.reloaded,
        "monlvs apply": storms.applied,
    }
    return [
        Trial(
            bench=f"storm-{name}",
            contender=contender,
            load=storms.SERVERS,
            measure=partial(measure, shape=shape),
            needs=storms.NEEDS,
        )
        for contender, measure in contenders.items()
    ]


def replan() -> list[Trial]:
    """Measure a pass over a table that is as it should be, in both shapes."""
    return [
        Trial(
            bench=f"replan-{name}",
            contender="monlvs",
            load=storms.SERVERS,
            measure=partial(storms.replanned, shape=shape),
            needs=storms.NEEDS,
        )
        for name, shape in storms.SHAPES.items()
    ]


SUITES = {
    "http-closed": partial(closed_loop, "http"),
    "http-open": partial(open_loop, "http"),
    "http-single": http_single,
    "tcp-closed": partial(closed_loop, "tcp"),
    "tcp-open": partial(open_loop, "tcp"),
    "icmp": icmp,
    "timetable": timetable,
    "storm-many": partial(storm, "many"),
    "storm-one": partial(storm, "one"),
    "replan": replan,
}


def trials(names: list[str]) -> list[Trial]:
    """Return the trials that `names` stand for; all for none.

    A name is the beginning of a benchmark's, with `@LOAD` for one load alone.
    """
    every = [trial for suite in SUITES.values() for trial in suite()]
    wanted = [_Wanted(*name.partition("@")[::2]) for name in names]
    return [
        trial
        for trial in every
        if not wanted or any(each.includes(trial) for each in wanted)
    ]


class _Wanted(NamedTuple):
    bench: str
    load: str

    def includes(self, trial: Trial) -> bool:
        return trial.bench.startswith(self.bench) and self.load in ("", str(trial.load))
