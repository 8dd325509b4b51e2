"""`monlvs director clear`: take what is monlvs's away again."""

import asyncio
import sys
from pathlib import Path

import click

from monlvs.cli.configuration import config_option, fail, load_or_exit
from monlvs.cli.streams import say
from monlvs.cli.traffic import json_option
from monlvs.cli.writer import (
    alone,
    one_writer,
    print_answer,
    print_outcome,
    table,
)

CHANGES = 2
"""Exit status of --dry-run when something would change."""


@click.command(epilog="Example: monlvs director clear -c etc/mon_lvs.toml --dry-run")
@config_option
@json_option
@click.option(
    "--dry-run", is_flag=True, help="Print what would be done, and do nothing."
)
@click.option(
    "--declared",
    is_flag=True,
    help="Take out all that the configuration declares, whoever has put it there.",
)
def clear(config: Path, *, dry_run: bool, declared: bool, as_json: bool) -> None:
    """Take monlvs's entries out of the table, and undo what it did to the machine.

    VIPs go first, then the table's entries, then the rest, last first. What others have
    put into the table stays, and so does everything that was there before monlvs; a
    virtual service of theirs gets the scheduler, flags and persistence back that it had.

    A daemon would put it all back: end it first, as in `systemctl stop monlvs`, which
    leaves everything as it stands.

    Exit status: 0 cleared, or nothing to clear; 1 trouble, something was refused, or a
    daemon runs; 2 a wrong command line or configuration, with --dry-run also changes.
    """
    from monlvs.runtime.lock import holder

    loaded = load_or_exit(config)
    if dry_run:
        with table("kernel") as live:
            answer = asyncio.run(alone(loaded, live).plan_clear(declared=declared))
        print_answer(answer, as_json=as_json)
        _say_rest(answer["changes"], answer["staying"])
        sys.exit(CHANGES if answer["changes"] else 0)
    pid = holder(Path(loaded.settings.state_dir))
    if pid is not None:
        fail(
            f"a daemon (pid {pid or 'unknown'}) keeps this table and would put "
            "everything back: end it first (systemctl stop monlvs; it leaves all as it "
            "stands), then clear"
        )
    with table("kernel") as live, one_writer(loaded):
        answer = asyncio.run(alone(loaded, live).clear(declared=declared))
    _say_rest(answer["changes"] or answer["refusals"], answer["staying"])
    print_outcome(answer, as_json=as_json)


def _say_rest(changes: list[object], staying: list[str]) -> None:
    for words in staying:
        say(f"note: {words}")
    if not changes:
        say("nothing to clear")
