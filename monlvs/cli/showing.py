"""`monlvs director show`: the table, and why it stands as it does."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import click

from monlvs.cli.configuration import load_or_exit
from monlvs.cli.console import Plain, print_servers, put
from monlvs.cli.directory import state_dir_option
from monlvs.cli.streams import say
from monlvs.cli.traffic import json_option
from monlvs.cli.writer import table

EVERY = 1.0
"""Seconds between two looks of --watch."""


@click.command(epilog="Example: monlvs director show -c etc/mon_lvs.toml --watch")
@json_option
@state_dir_option
@click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path, readable=False),
    help="The daemon's configuration, instead of --state-dir; --why goes with it.",
)
@click.option(
    "--why",
    "explain",
    is_flag=True,
    help="Ask the running daemon, too, why entries stand as they do.",
)
@click.option("--watch", is_flag=True, help="Again every second, until Ctrl-C.")
def show(
    *, as_json: bool, directory: Path, config: Path | None, explain: bool, watch: bool
) -> None:
    """Print the kernel's table as `ipvsadm -Ln` does, with its counts of connections.

    With --why what the daemon says of its real servers follows, as `monlvs status` has
    it: their health, why they have their weight, what operators have decided, who rises
    to its weight, is drained or kept.

    Exit status: 0 fine, 1 the table cannot be read or no daemon answers, 2 a wrong
    command line or configuration.
    """
    from monlvs.runtime.lock import holder

    if config is not None:
        directory = Path(load_or_exit(config).settings.state_dir)
        explain = explain or holder(directory) is not None
        if not explain:
            say("no daemon runs by it: the health of the real servers is not known")
    with table("kernel") as live:
        while True:
            reading = asyncio.run(live.read())
            told = put(directory, {"ask": "status"})["real_servers"] if explain else []
            if watch and not as_json:
                click.clear()
            _print(live, reading, told if explain else None, as_json, watch)
            if not watch:
                return
            time.sleep(EVERY)


def _print(
    live: Any, reading: Any, told: list[Plain] | None, as_json: bool, watch: bool
) -> None:
    from monlvs.director.show import show as print_table
    from monlvs.director.show import to_plain

    if not as_json:
        click.echo(print_table(reading, live.info), nl=False)
        print_servers(told or [], always=True)
        return
    found: Any = to_plain(reading)
    if told is not None:
        found = {"table": found, "real_servers": told}
    click.echo(json.dumps(found, indent=None if watch else 2))
