"""`monlvs director`: look at the table, plan it, apply it, clear it."""

import asyncio
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monlvs.cli import tables
from monlvs.cli.audit import audit
from monlvs.cli.clearing import clear
from monlvs.cli.configuration import (
    TROUBLE,
    config_option,
    fail,
    fail_usage,
    load_or_exit,
)
from monlvs.cli.groups import Group, Verdict
from monlvs.cli.realserver import realserver
from monlvs.cli.scripts import rc_scripts
from monlvs.cli.showing import show
from monlvs.cli.streams import say
from monlvs.cli.traffic import json_option
from monlvs.cli.writer import (
    Plain,
    agreed_lines,
    alone,
    ask_daemon,
    one_writer,
    print_answer,
    print_outcome,
)
from monlvs.cli.writer import table as open_table

if TYPE_CHECKING:
    from monlvs.model.config import Config
    from monlvs.runtime.installation import Agreed

CHANGES = 2
"""Exit status of `plan` when something would change."""


table_option = click.option(
    "--table",
    type=click.Choice(["kernel", "memory"]),
    default="kernel",
    show_default=True,
    help="Which table; `memory` is empty, for a look at what would be made.",
)


@click.group(cls=Group, epilog="Example: monlvs director show")
def command() -> None:
    """Look at the director's IPVS table, plan it, apply it."""


@command.command(
    cls=Verdict, epilog="Example: monlvs director plan -c etc/mon_lvs.toml"
)
@config_option
@json_option
@table_option
def plan(config: Path, table: str, *, as_json: bool) -> None:
    """Print each change that would be made, with its reason, and what stands in the way.

    With [machine], also those of the machine around the table, in the order in which
    they are made: what the table stands on, the table, the VIPs.

    Where a daemon runs by the configuration it is asked. Else what a daemon has saved of
    the real servers' health is believed; one whose health is not known is taken for up.

    What stands in the way is a module that the kernel does not have, a VIP that is in no
    device's network, a change that was refused when a daemon last tried it; --json has
    it under `obstacles`, beside `changes`.

    Exit status: 0 nothing to do, 2 changes, 1 trouble, a wrong command line included.
    """
    loaded = load_or_exit(config, status=TROUBLE)
    question = {"ask": "plan", "config": str(config.absolute())}
    answer = None if table == "memory" else ask_daemon(loaded, question)
    if answer is None:
        with open_table(table) as live:
            answer = asyncio.run(alone(loaded, live).plan())
    print_answer(answer, as_json=as_json)
    for obstacle in answer["obstacles"]:
        say(f"cannot be done: {obstacle}")
    if answer["changes"]:
        sys.exit(CHANGES)
    sys.exit(TROUBLE if answer["obstacles"] else 0)


@command.command(epilog="Example: monlvs director apply -c etc/mon_lvs.toml")
@config_option
@json_option
@click.option(
    "--plan",
    "file",
    type=click.Path(path_type=Path),
    help="What `plan` has printed, as text or JSON: apply that, or nothing at all where "
    "something else would be done by now.",
)
@click.option(
    "--machine",
    is_flag=True,
    help="For the start of a daemon: see to the machine alone; the table, too, only "
    "where clients could find it empty, before a VIP is given to a device.",
)
def apply(config: Path, file: Path | None, *, machine: bool, as_json: bool) -> None:
    """Make the changes that `plan` prints.

    A daemon that runs by the configuration is the one writer: it loads the file, where
    that says something new, and makes them.

    Exit status: 0 made, 1 trouble or something was refused, 2 a wrong command line or
    configuration.
    """
    from monlvs.runtime.installation import Agreed

    if machine and file is not None:
        fail_usage("--machine does not make what --plan names: expected one of them")
    loaded = load_or_exit(config)
    agreed = None if file is None else Agreed.of(agreed_lines(file))
    question = {
        "ask": "apply",
        "config": str(config.absolute()),
        "agreed": agreed and asdict(agreed),
    }
    answer = ask_daemon(loaded, question)
    if answer is None:
        answer = _apply_alone(loaded, agreed, machine=machine)
    if answer.get("stale"):
        fail(f"the table, or what is known of it, is not as it was when {file} was "
             "planned: plan again")  # fmt: skip
    print_outcome(answer, as_json=as_json)


def _apply_alone(config: "Config", agreed: "Agreed | None", *, machine: bool) -> Plain:
    if machine and config.machine is None:
        return {"changes": [], "refusals": []}
    with open_table("kernel") as live, one_writer(config):
        return asyncio.run(alone(config, live).apply(agreed, machine=machine))


command.add_command(show)
command.add_command(clear)
command.add_command(audit)
for each in tables.__all__:
    command.add_command(getattr(tables, each))
command.add_command(realserver)
command.add_command(rc_scripts)
