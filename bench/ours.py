"""The whole daemon as users run it: a process, a configuration, a state directory."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from shutil import rmtree

from bench.measurement import Cost
from bench.process import Program
from bench.trial import Stage, address, measure_running
from bench.web import PORT

SWEEP_EVERY = 2
"""Seconds between two sweeps of a group."""


def service_per_host(kind: str, hosts: int, state: Path) -> str:
    """Spell a configuration with a group and a service for every host."""
    groups = "".join(f'h{n} = ["{address(n)}"]\n' for n in range(hosts))
    monitor = f'{{ name = "{kind}", port = {PORT} }}'
    watches = "".join(
        f'[watch.h{n}.service.{kind}]\ninterval = "1s"\nmonitor = {monitor}\n\n'
        for n in range(hosts)
    )
    return f"{_settings(state)}\n[hostgroups]\n{groups}\n{watches}"


def one_group(hosts: int, state: Path) -> str:
    """Spell a configuration that sweeps one group of so many hosts."""
    members = "".join(f'  "{address(n)}",\n' for n in range(hosts))
    return (
        f"{_settings(state)}\n[hostgroups]\nall = [\n{members}]\n\n"
        f'[watch.all.service.fping]\ninterval = "{SWEEP_EVERY}s"\n'
        # With further tries a lost reply would go unnoticed.
        'monitor = { name = "fping", retries = 0 }\n'
    )


def _settings(state: Path) -> str:
    return f'[settings]\ntable = "memory"\nstate_dir = "{state}"\n'


def checks(stage: Stage, kind: str, rate: int) -> Cost:
    """Measure it with so many services of one host each, checked once a second."""
    state = _fresh(stage.work / "state")
    with _daemon(stage, service_per_host(kind, rate, state)) as program:
        count = stage.web.requests if kind == "http" else stage.web.connections
        cost = measure_running(program, count, rate=rate, seconds=stage.seconds)
    return replace(cost, failed=faults(_journal(state)))


def sweeps(stage: Stage, hosts: int) -> Cost:
    """Measure it with one group of so many hosts that is pinged as a whole."""
    state = _fresh(stage.work / "state")
    rate = hosts / SWEEP_EVERY
    # Whole sweeps, or one that is under way at the end would count in part.
    seconds = max(2, round(stage.seconds / SWEEP_EVERY)) * SWEEP_EVERY
    with _daemon(stage, one_group(hosts, state)) as program:
        cost = measure_running(program, echoes, rate=rate, seconds=seconds)
    return replace(cost, failed=faults(_journal(state)))


@contextmanager
def _daemon(stage: Stage, text: str) -> Iterator[Program]:
    file = stage.work / "monlvs.toml"
    file.write_text(text)
    command = [sys.executable, "-m", "monlvs", "daemon", "-c", str(file)]
    log = stage.work / "monlvs.log"
    with Program(command, core=stage.cores.client, log=log) as program:
        yield program


def _fresh(directory: Path) -> Path:
    rmtree(directory, ignore_errors=True)
    directory.mkdir()
    return directory


def _journal(state: Path) -> Iterator[str]:
    for path in sorted(state.glob("journal-*.jsonl")):
        yield from path.read_text().splitlines()


def faults(journal: Iterable[str]) -> int:
    """Count the checks in a journal that found a host down or could not be made."""
    found = 0
    for line in journal:
        entry = json.loads(line)
        match entry["event"]:
            case "HostChanged":
                found += entry["after"] == "down"
            case "CheckUnsure":
                found += 1
    return found


def echoes() -> int:
    """Return how many echo requests this network's kernel has answered (RFC 1213)."""
    return echoes_in(Path("/proc/net/snmp").read_text())


def echoes_in(text: str) -> int:
    """Read the number of echo replies sent from /proc/net/snmp."""
    titles, numbers = (
        line.split() for line in text.splitlines() if line.startswith("Icmp:")
    )
    return int(numbers[titles.index("OutEchoReps")])
