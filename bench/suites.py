"""The benchmarks: who is measured under which load."""

from functools import partial
from typing import NamedTuple

from bench import floors, intervals, ours, storms
from bench.measurement import Cost, cost_of
from bench.peers import fping, keepalived, ldirectord, mon
from bench.process import driver
from bench.trial import Stage, Trial

IN_FLIGHT = 200
CHECKS = 40_000
RATES = {"http": (1_000, 5_000, 10_000), "tcp": (5_000,)}
BUNCHED: dict[str, tuple[int, ...]] = {"http": (1_000, 5_000), "tcp": ()}
"""Rates at which keepalived is measured with all checks of a second at once, too; more it
does not keep up with."""
SWEEPS = (254, 10_000)
TIMETABLES = ((1_000, 1_000), (10_000, 10_000), (50_000, 10_000))
"""Services and firings a second."""
SERIAL_HOSTS = 100
"""Services of the peers that start a program, or wait, for each check."""
BESIDE_EVERY = 5
"""Seconds of an interval beside mon."""
EXACT = 1_000
"""Services whose intervals are looked at."""
EXACT_BY_MON = 20
"""Services of mon's, which would be busy with more."""

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
                measure=partial(ours.checks, kind=kind, services=rate),
                needs=("nginx",),
            ),
            trial(
                contender="keepalived",
                measure=partial(keepalived.checks, kind=kind, rate=rate),
                needs=keepalived.NEEDS,
            ),
        ]
        if rate in BUNCHED[kind]:
            bunched = partial(keepalived.checks, kind=kind, rate=rate, bunched=True)
            trials.append(
                trial(
                    contender="keepalived, bunched",
                    measure=bunched,
                    needs=keepalived.NEEDS,
                )
            )
    return trials


def http_single() -> list[Trial]:
    """Compare with a checker that asks one server after the other."""
    return [
        Trial(
            bench="http-single",
            contender="monlvs",
            load=SERIAL_HOSTS,
            measure=partial(ours.checks, kind="http", services=SERIAL_HOSTS),
            needs=("nginx",),
            most=2,
        ),
        Trial(
            bench="http-single",
            contender="ldirectord",
            load=SERIAL_HOSTS,
            measure=partial(ldirectord.checks, servers=SERIAL_HOSTS),
            needs=ldirectord.NEEDS,
            most=2,
        ),
    ]


def beside_mon() -> list[Trial]:
    """Compare with Perl mon: the same services, our monitor, and mon's under us."""
    trial = partial(Trial, bench="beside-mon", load=SERIAL_HOSTS, most=2)
    few = {"services": SERIAL_HOSTS, "interval": BESIDE_EVERY}
    program = f"{mon.MONITORS}/http.monitor"
    return [
        trial(
            contender="perl mon",
            measure=partial(mon.checks, **few),
            needs=mon.NEEDS,
        ),
        trial(
            contender="monlvs",
            measure=partial(ours.checks, kind="http", **few),
            needs=("nginx",),
        ),
        trial(
            contender="monlvs, http.monitor",
            measure=partial(ours.checks, kind=program, **few),
            needs=mon.NEEDS,
        ),
        trial(
            contender="monlvs at 5,000/s",
            measure=partial(ours.checks, kind="http", services=5_000),
            needs=("nginx",),
        ),
    ]


def exact() -> list[Trial]:
    """Look at how exactly intervals are kept."""
    return [
        Trial(
            bench="intervals",
            contender="monlvs",
            load=EXACT,
            measure=partial(intervals.kept, services=EXACT),
            most=1,
        ),
        Trial(
            bench="intervals",
            contender="perl mon",
            load=EXACT_BY_MON,
            measure=partial(
                intervals.kept_by_mon, services=EXACT_BY_MON, interval=BESIDE_EVERY
            ),
            needs=mon.NEEDS,
            most=1,
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
        # It needs minutes to take 50,000 jobs in.
        if kind != "apscheduler" or services == 10_000
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
    "beside-mon": beside_mon,
    "intervals": exact,
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
