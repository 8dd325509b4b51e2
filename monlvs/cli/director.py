"""`monlvs director`: look at the table, plan it, apply it."""

import asyncio
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monlvs.cli.configuration import config_option, fail, load_or_exit

if TYPE_CHECKING:
    from monlvs.director.changes import Change

CHANGES = 2
"""Exit status of `plan` when something would change."""

table_option = click.option(
    "--table",
    type=click.Choice(["kernel", "memory"]),
    default="kernel",
    show_default=True,
    help="Which table; `memory` is empty, for a look at what would be made.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def command() -> None:
    """Look at the director's IPVS table, plan it, apply it."""


@command.command(epilog="Example: monlvs director show --json")
@json_option
def show(*, as_json: bool) -> None:
    """Print the kernel's table as `ipvsadm -Ln` does."""
    from monlvs.director.show import show as print_table
    from monlvs.director.show import to_plain

    with _table("kernel") as live:
        reading = asyncio.run(live.read())
        if as_json:
            click.echo(json.dumps(to_plain(reading), indent=2))
        else:
            click.echo(print_table(reading, live.info), nl=False)


@command.command(epilog="Example: monlvs director plan -c etc/mon_lvs.toml")
@config_option
@json_option
@table_option
def plan(config: Path, table: str, *, as_json: bool) -> None:
    """Print each change that would be made, with its reason.

    What a daemon has saved of the real servers' health is believed; one whose health is
    not known is taken for up. Exit status: 0 nothing to do, 2 changes, 1 trouble.
    """
    from monlvs.runtime.offline import Offline

    loaded = load_or_exit(config)
    with _table(table) as live:
        changes = asyncio.run(Offline(loaded, live).plan())
    _print_changes(changes, as_json=as_json)
    sys.exit(CHANGES if changes else 0)


@command.command(epilog="Example: monlvs director apply -c etc/mon_lvs.toml")
@config_option
@json_option
def apply(config: Path, *, as_json: bool) -> None:
    """Make the changes that `plan` prints, where no daemon runs.

    A running daemon is the table's one writer: `kill -HUP` has it read its
    configuration again. Exit status: 0 made, 1 trouble or something was refused.
    """
    from monlvs.runtime.lock import holder
    from monlvs.runtime.offline import Offline

    loaded = load_or_exit(config)
    pid = holder(Path(loaded.settings.state_dir))
    if pid is not None:
        fail(f"the daemon (pid {pid}) keeps this table; kill -HUP {pid} reloads it")
    with _table("kernel") as live:
        changes, refusals = asyncio.run(Offline(loaded, live).apply())
    _print_changes(changes, as_json=as_json)
    for refusal in refusals:
        click.echo(f"refused: {refusal}", err=True)
    sys.exit(1 if refusals else 0)


@contextmanager
def _table(kind: str) -> Iterator[Any]:
    from monlvs.director.choice import open_table
    from monlvs.director.table import TableError

    try:
        yield open_table(kind).table
    except TableError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename or 'table'}: {error.strerror}")


def _print_changes(changes: Iterable["Change"], *, as_json: bool) -> None:
    if as_json:
        told = [{"ipvsadm": c.as_ipvsadm(), "cause": str(c.cause)} for c in changes]
        click.echo(json.dumps(told, indent=2))
        return
    for change in changes:
        click.echo(f"ipvsadm {change.as_ipvsadm()}    # {change.cause}")
