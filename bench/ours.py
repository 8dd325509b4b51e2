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
from monlvs.runtime.state import STATE_FILE

SWEEP_EVERY = 2
"""Seconds between two sweeps of a group."""


def service_per_host(
    kind: str, hosts: int, state: Path, *, port: int = PORT, interval: int = 1
) -> str:
    """Spell a configuration with a group and a service for every host.

    `kind` is a monitor of ours, or the path of a program that takes `-p PORT`.
    """
    groups = "".join(f'h{n} = ["{address(n)}"]\n' for n in range(hosts))
    monitor = f'{{ name = "{kind}", port = {port} }}'
    if "/" in kind:
        words = f'command = "{kind}", args = ["-p", "{port}"]'
        monitor = f'{{ name = "external", {words} }}'
    watches = "".join(
        f'[watch.h{n}.service.port]\ninterval = "{interval}s"\nmonitor = {monitor}\n\n'
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


def checks(stage: Stage, kind: str, services: int, interval: int = 1) -> Cost:
    """Measure it with so many services of one host each, one check each per interval."""
    state = fresh(stage.work / "state")
    text = service_per_host(kind, services, state, interval=interval)
    seconds = max(stage.seconds, 2.0 * interval)
    with daemon(stage, text) as program:
        count = stage.web.connections if kind == "tcp" else stage.web.requests
        # A second has more or fewer checks than another where the interval is longer.
        rate = services / interval / (1 if interval == 1 else 2)
        cost = measure_running(
            program,
            count,
            rate=rate,
            seconds=seconds,
            first=interval,
            ready=lambda: is_saved(state),
        )
    return replace(cost, failed=faults(_journal(state)))


def sweeps(stage: Stage, hosts: int) -> Cost:
    """Measure it with one group of so many hosts that is pinged as a whole."""
    state = fresh(stage.work / "state")
    rate = hosts / SWEEP_EVERY
    # Whole sweeps, or one that is under way at the end would count in part.
    seconds = max(2, round(stage.seconds / SWEEP_EVERY)) * SWEEP_EVERY
    with daemon(stage, one_group(hosts, state)) as program:
        # The first sweeps put every host on record.
        cost = measure_running(
            program,
            echoes,
            rate=rate,
            seconds=seconds,
            first=2 * SWEEP_EVERY,
            every=SWEEP_EVERY,
            ready=lambda: is_saved(state),
        )
    return replace(cost, failed=faults(_journal(state)))


@contextmanager
def daemon(stage: Stage, text: str) -> Iterator[Program]:
    """Run it with a configuration."""
    file = stage.work / "monlvs.toml"
    file.write_text(text)
    command = [sys.executable, "-m", "monlvs", "daemon", "-c", str(file)]
    log = stage.work / "monlvs.log"
    with Program(command, core=stage.cores.client, log=log) as program:
        yield program


def fresh(directory: Path) -> Path:
    """Make an empty directory."""
    rmtree(directory, ignore_errors=True)
    directory.mkdir()
    return directory


def is_saved(state: Path) -> bool:
    """Whether all that a daemon has told of so far is in its state file."""
    told = [path.stat().st_mtime for path in state.glob("journal-*.jsonl")]
    return bool(told) and saved(state) > max(told)


def saved(state: Path) -> float:
    """Return when a daemon last saved its state, in seconds since 1970; 0.0: not yet."""
    file = state / STATE_FILE
    return file.stat().st_mtime if file.exists() else 0.0


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
