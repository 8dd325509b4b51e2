"""`monlvs drain`, `maintenance`, `force-up`, `release`: decide on real servers."""

from pathlib import Path
from typing import Any

import click

from monlvs.cli.console import ENDS, put, seconds
from monlvs.cli.directory import directory_option

NAMED = """SERVER is an address, with or without its port; SERVICE, where one is given,
the name of an [[lvs]] block, the virtual service's address, ADDRESS:PORT or fwmark:N.
Without SERVICE the server is meant in every virtual service. The decision holds until
`monlvs release`, over restarts and reloads."""

_targets = click.argument(
    "targets", nargs=-1, required=True, metavar="[SERVICE/]SERVER..."
)


def _act(name: str, text: str, example: str) -> click.Command:
    @click.command(name=name, help=f"{text}\n\n{NAMED}\n\n{ENDS}", epilog=example)
    @_targets
    @click.option("-w", "--why", required=True, help="The reason, for the others.")
    @click.option("--for", "time_", help="End it after this time, such as 2h.")
    @directory_option
    def command(
        targets: tuple[str, ...], why: str, time_: str | None, directory: Path
    ) -> None:
        question: dict[str, Any] = {
            "ask": "force",
            "act": name,
            "targets": list(targets),
            "why": why,
        }
        if time_ is not None:
            question["for"] = seconds(time_)
        _tell(directory, question)

    return command


drain = _act(
    "drain",
    "Give real servers no new connections; an entry goes with its last connection, or "
    "after the virtual service's `drain`.",
    "Example: monlvs drain http/10.1.1.2 --why 'new kernel'",
)
maintenance = _act(
    "maintenance",
    "Take real servers out at once; their connections break off.",
    "Example: monlvs maintenance 10.1.1.2 --why 'disk is being replaced' --for 2h",
)
force_up = _act(
    "force-up",
    "Have real servers in with their whole weight, whatever their checks say.",
    "Example: monlvs force-up http/10.1.1.2 --why 'the check is wrong' --for 1h",
)


@click.command(
    help=f"Let checks decide on real servers again.\n\n{ENDS}",
    epilog="Example: monlvs release 10.1.1.2",
)
@_targets
@directory_option
def release(targets: tuple[str, ...], directory: Path) -> None:
    """Let checks decide on real servers again."""
    _tell(directory, {"ask": "release", "targets": list(targets)})


def _tell(directory: Path, question: dict[str, Any]) -> None:
    for line in put(directory, question)["done"]:
        click.echo(line)
