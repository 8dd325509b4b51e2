"""`monlvs test-monitor`: is this host up, and if not, why?"""

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monlvs.cli.configuration import DEFAULT, fail_usage, load_or_exit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monlvs.core.watched import Watched
    from monlvs.model.result import Result
    from monlvs.model.watch import ServiceKey

DOWN, UNSURE = 1, 2


@click.command(
    epilog="Examples: monlvs test-monitor 10.1.1.2, "
    "monlvs test-monitor -m http -o port=8080 10.1.1.2 10.1.1.3",
)
@click.argument("hosts", nargs=-1, required=True, metavar="HOST...")
@click.option("-m", "--monitor", help="The monitor; see also -o.")
@click.option(
    "-o", "--option", "options", multiple=True, help="NAME=VALUE, an option of it."
)
@click.option("-c", "--config", type=click.Path(path_type=Path), help="Configuration.")
@click.option("-t", "--timeout", type=float, default=5.0, show_default=True)
@click.option("-v", "--verbose", is_flag=True, help="Say what was found everywhere.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(  # noqa: PLR0913  one per option
    hosts: tuple[str, ...],
    monitor: str | None,
    options: tuple[str, ...],
    config: Path | None,
    timeout: float,
    *,
    verbose: bool,
    as_json: bool,
) -> None:
    """Check HOSTs once.

    Without -m: every check that the configuration makes of them; without a
    configuration that names them: fping.

    Silent when all are up. Else line 1 names the failing hosts and lines with the
    reasons follow. Exit status: 0 all up, 1 some down, 2 could not be checked properly.
    """
    from monlvs.runtime.oneoff import check

    watches = _watches(hosts, monitor, options, config, timeout)
    results = asyncio.run(check(watches))
    if as_json:
        click.echo(json.dumps(_plain(results), indent=2))
    else:
        _print(results, verbose=verbose)
    sys.exit(max(_status(result) for result in results.values()))


def _watches(
    hosts: "Sequence[str]",
    monitor: str | None,
    options: "Sequence[str]",
    config: Path | None,
    timeout: float,
) -> "tuple[Watched, ...]":
    from monlvs import plugins
    from monlvs.cli.words import build
    from monlvs.model.watch import Service, ServiceKey
    from monlvs.runtime.oneoff import checks_of, one_check

    if timeout <= 0:
        fail_usage(f"--timeout: expected seconds, more than none, not {timeout:g}")
    if monitor is None and (config or DEFAULT.exists()):
        found = checks_of(load_or_exit(config or DEFAULT), hosts)
        if found:
            return found
        if config is not None:
            fail_usage(f"{config} makes no check of {' '.join(hosts)}")
    name = monitor or "fping"
    limit = timedelta(seconds=timeout)
    service = Service(
        key=ServiceKey("command-line", name),
        monitor=build(plugins.monitors(), name, options),
        interval=limit,
        timeout=limit,
    )
    return (one_check(service, tuple(dict.fromkeys(hosts))),)


def _status(result: "Result") -> int:
    from monlvs.model.result import Verdict

    return {Verdict.UP: 0, Verdict.DOWN: DOWN, Verdict.INCONCLUSIVE: UNSURE}[
        result.verdict
    ]


def _print(results: "Mapping[ServiceKey, Result]", *, verbose: bool) -> None:
    from monlvs.mon.fold import describe

    for key, result in results.items():
        named = f"{key}: " if len(results) > 1 else ""
        if _status(result):
            click.echo(f"{named}{result.output.rstrip()}")
        elif verbose and not result.outcomes:
            click.echo(f"{named}up{_took(result.duration.total_seconds())}")
        if verbose:
            for host, outcome in result.outcomes:
                words = describe(outcome) if outcome.verdict != "up" else "up"
                click.echo(f"{named}{host}: {words}{_took(outcome.seconds)}")


def _took(seconds: float) -> str:
    return f" ({seconds * 1000:.2f} ms)"


def _plain(results: "Mapping[ServiceKey, Result]") -> list[dict[str, object]]:
    return [
        {
            "service": str(key),
            "verdict": result.verdict.value,
            "reason": result.reason.value,
            "exit": result.exit,
            "output": result.output,
            "seconds": result.duration.total_seconds(),
            "hosts": {
                host: {
                    "verdict": outcome.verdict.value,
                    "reason": outcome.reason.value,
                    "detail": outcome.detail,
                    "seconds": outcome.seconds,
                }
                for host, outcome in result.outcomes
            },
        }
        for key, result in results.items()
    ]
