"""`monlvs director`: look at the table, plan it, apply it."""

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monlvs.cli import tables
from monlvs.cli.audit import audit
from monlvs.cli.configuration import TROUBLE, config_option, fail, load_or_exit
from monlvs.cli.console import directory_option, print_servers, put
from monlvs.cli.groups import Group, Verdict
from monlvs.cli.scripts import rc_scripts
from monlvs.cli.streams import say
from monlvs.cli.writer import Plain, agreed_rules, ask_daemon, print_changes

if TYPE_CHECKING:
    from monlvs.model.config import Config
    from monlvs.runtime.offline import Offline

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


@click.group(cls=Group, epilog="Example: monlvs director show")
def command() -> None:
    """Look at the director's IPVS table, plan it, apply it."""


@command.command(epilog="Example: monlvs director show --json")
@json_option
@directory_option
@click.option(
    "--why",
    "explain",
    is_flag=True,
    help="Ask the running daemon, too, why entries stand as they do.",
)
def show(*, as_json: bool, directory: Path, explain: bool) -> None:
    """Print the kernel's table as `ipvsadm -Ln` does.

    With --why what the daemon says of its real servers follows, as `monlvs status` has
    it: what operators have decided, who rises to its weight, is drained or kept.

    Exit status: 0 fine, 1 the table cannot be read, 2 a wrong command line.
    """
    from monlvs.director.show import show as print_table
    from monlvs.director.show import to_plain

    with _table("kernel") as live:
        reading = asyncio.run(live.read())
        told = put(directory, {"ask": "status"})["real_servers"] if explain else []
        if as_json:
            found: Any = to_plain(reading)
            if explain:
                found = {"table": found, "real_servers": told}
            click.echo(json.dumps(found, indent=2))
        else:
            click.echo(print_table(reading, live.info), nl=False)
            print_servers(told, always=True)


@command.command(
    cls=Verdict, epilog="Example: monlvs director plan -c etc/mon_lvs.toml"
)
@config_option
@json_option
@table_option
def plan(config: Path, table: str, *, as_json: bool) -> None:
    """Print each change that would be made, with its reason.

    Where a daemon runs by the configuration it is asked. Else what a daemon has saved of
    the real servers' health is believed; one whose health is not known is taken for up.

    Exit status: 0 nothing to do, 2 changes, 1 trouble, a wrong command line included.
    """
    from monlvs.director.proposal import to_plain

    loaded = load_or_exit(config, status=TROUBLE)
    question = {"ask": "plan", "config": str(config.absolute())}
    answer = None if table == "memory" else ask_daemon(loaded, question)
    if answer is None:
        with _table(table) as live:
            answer = {"changes": to_plain(asyncio.run(_offline(loaded, live).plan()))}
    print_changes(answer["changes"], as_json=as_json)
    sys.exit(CHANGES if answer["changes"] else 0)


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
def apply(config: Path, file: Path | None, *, as_json: bool) -> None:
    """Make the changes that `plan` prints.

    A daemon that runs by the configuration is the table's one writer: it loads the file,
    where that says something new, and makes them.

    Exit status: 0 made, 1 trouble or something was refused, 2 a wrong command line or
    configuration.
    """
    from monlvs.director.proposal import digest

    loaded = load_or_exit(config)
    agreed = None if file is None else digest(agreed_rules(file))
    question = {"ask": "apply", "config": str(config.absolute()), "agreed": agreed}
    answer = ask_daemon(loaded, question)
    if answer is None:
        answer = _apply_alone(loaded, agreed)
    if answer.get("stale"):
        fail(f"the table, or what is known of it, is not as it was when {file} was "
             "planned: plan again")  # fmt: skip
    print_changes(answer["changes"], as_json=as_json)
    for refusal in answer["refusals"]:
        say(f"refused: {refusal}")
    unsaved = answer.get("unsaved")
    if unsaved:
        say(f"monlvs: what was added is not remembered as monlvs's own: {unsaved}")
    sys.exit(TROUBLE if answer["refusals"] or unsaved else 0)


def _apply_alone(config: "Config", agreed: str | None) -> Plain:
    from monlvs.director.proposal import PlanChangedError, to_plain
    from monlvs.runtime.lock import LockedError, hold

    directory = Path(config.settings.state_dir)
    try:
        with _table("kernel") as live:
            directory.mkdir(parents=True, exist_ok=True)
            with hold(directory):
                made = asyncio.run(_offline(config, live).apply(agreed))
    except LockedError as error:
        fail(f"somebody else ({error}) has begun to keep this table: try again")
    except PlanChangedError:
        return {"stale": True}
    return {
        "changes": to_plain(made.outcome.changes),
        "refusals": [str(refusal) for refusal in made.outcome.refusals],
        "unsaved": made.unsaved,
    }


def _offline(config: "Config", live: Any) -> "Offline":
    from monlvs.runtime.offline import Offline

    offline = Offline(config, live)
    for words in offline.troubles:
        say(f"monlvs: warning: {words}")
    return offline


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


command.add_command(audit)
for each in tables.__all__:
    command.add_command(getattr(tables, each))
command.add_command(rc_scripts)
