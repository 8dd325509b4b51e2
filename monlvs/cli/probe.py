"""`monlvs test-monitor`: is this host up, and if not, why?"""

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monlvs.cli.configuration import DEFAULT, TROUBLE, fail_usage, load_or_exit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monlvs.core.watched import Watched
    from monlvs.model.result import Result
    from monlvs.model.watch import ServiceKey

DOWN, UNSURE = TROUBLE, 2
LONGEST = 3600.0
"""Seconds that --timeout may ask for."""


@click.command(
    epilog="Examples: monlvs test-monitor 10.1.1.2, "
    "monlvs test-monitor -m http -o port=8080 10.1.1.2 10.1.1.3",
)
@click.argument("hosts", nargs=-1, required=True, metavar="HOST...")
@click.option("-m", "--monitor", help="The monitor: fping, http, tcp, telnet, ….")
@click.option(
    "-o", "--option", "options", multiple=True, help="NAME=VALUE, an option of it."
)
@click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path, readable=False),
    help="Configuration.",
)
@click.option(
    "-t",
    "--timeout",
    type=float,
    default=5.0,
    show_default=True,
    help="Seconds; for checks that no configuration makes.",
)
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
    reasons follow, for each service.

    Exit status: 0 all are up; 1 some are down; 2 none is known to be down, but some
    could not be checked properly, or the command line or the configuration is wrong.
    """
    from monlvs.runtime.oneoff import check

    watches = _watches(hosts, monitor, options, config, timeout)
    results = asyncio.run(check(watches))
    if as_json:
        click.echo(json.dumps(_plain(results), indent=2))
    else:
        _print(results, verbose=verbose)
    found = {_status(result) for result in results.values()}
    sys.exit(next((status for status in (DOWN, UNSURE) if status in found), 0))


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

    if not 0 < timeout <= LONGEST:
        fail_usage(
            f"--timeout: expected seconds, more than 0 and up to {LONGEST:g}, "
            f"not {timeout:g}"
        )
    if strange := [host for host in hosts if not _is_host(host)]:
        fail_usage(f"expected the name or the address of a host, not {strange[0]!r}")
    if options and monitor is None:
        fail_usage("-o sets an option of the monitor that -m names; there is no -m")
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


def _is_host(word: str) -> bool:
    return word.isprintable() and not any(c.isspace() for c in word) and bool(word)


def _status(result: "Result") -> int:
    """Return the exit status of one check; a host that was not checked is not up."""
    from monlvs.model.result import Verdict

    found = {outcome.verdict for _, outcome in result.outcomes} | {result.verdict}
    if Verdict.DOWN in found:
        return DOWN
    return UNSURE if Verdict.INCONCLUSIVE in found else 0


def _print(results: "Mapping[ServiceKey, Result]", *, verbose: bool) -> None:
    for key, result in results.items():
        named = f"{key}: " if len(results) > 1 else ""
        if _status(result):
            click.echo(f"{named}{_findings(result)}")
        elif verbose and not result.outcomes:
            click.echo(f"{named}up{_took(result.duration.total_seconds())}")
        if verbose:
            for host, outcome in result.outcomes:
                if outcome.verdict == "up":
                    click.echo(f"{named}{host}: up{_took(outcome.seconds)}")


def _findings(result: "Result") -> str:
    """Return the monitor's output; a blank first line names who was not checked.

    A monitor is content while one host is up and none is down; who asks here wants to
    know all of it.
    """
    summary, _, detail = result.output.rstrip().partition("\n")
    unsure = [host for host, o in result.outcomes if o.verdict == "inconclusive"]
    return "\n".join(filter(None, (summary or " ".join(sorted(unsure)), detail)))


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
