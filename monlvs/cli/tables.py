"""`monlvs director import` and `export`: tables as ipvsadm spells them."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monlvs.cli.configuration import fail, fail_usage, load_or_exit
from monlvs.cli.kernel import kernel_table
from monlvs.cli.streams import say
from monlvs.cli.traffic import connections, stats
from monlvs.cli.upkeep import sync, timeouts, zero

if TYPE_CHECKING:
    from monlvs.director.rules import Rules
    from monlvs.model.lvs import Table

__all__ = ["connections", "export", "import_", "stats", "sync", "timeouts", "zero"]

_KINDS = {"nat": "MASQ", "dr": "ROUTE", "tun": "TUNNEL"}


@click.command(
    "import", epilog="Example: ipvsadm -Sn | monlvs director import - > mon_lvs.toml"
)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--kind",
    type=click.Choice(list(_KINDS)),
    help="How `ippfvsadm -A -t VIP:PORT -R RIP` reaches its servers; else the file "
    "decides.",
)
def import_(file: Path, kind: str | None) -> None:
    """Turn `ipvsadm -S` output, or a script of ipvsadm commands, into TOML.

    FILE (- for standard input) may be an rc.ipvs_* script of the LVS-HOWTO as well. TOML
    goes to standard output; what was carried and what was not, to standard error. Exit
    status: 0 all was carried, 1 something was left out.
    """
    name = "standard input" if str(file) == "-" else str(file)
    text, left_out = read_rules(_text(file), name, kind)
    click.echo(text, nl=False)
    sys.exit(1 if left_out else 0)


def read_rules(text: str, name: str, kind: str | None) -> tuple[str, int]:
    """Return the TOML of a text of rules, and how much was left out; report both.

    Exits where there are no rules in the text of `name`.
    """
    from monlvs.director import rules
    from monlvs.director.names import system_names
    from monlvs.model.lvs import Forwarding

    stated: Forwarding | None = Forwarding[_KINDS[kind]] if kind else None
    read = rules.read(text, name, names=system_names(), stated=stated)
    if not read.commands:
        fail(
            f"{name}: expected lines of ipvsadm -S, or ipvsadm commands; there is none"
        )
    left_out = _report(read)
    told, missing = _toml(read.table, name)
    return told, left_out + missing


@click.command(epilog="Example: monlvs director export --live > rules")
@click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path, readable=False),
    help="Print the table that this configuration declares.",
)
@click.option("--live", is_flag=True, help="Print the kernel's table.")
def export(config: Path | None, *, live: bool) -> None:
    """Print a table as `ipvsadm -Sn` does, for `ipvsadm -R`.

    With -c all real servers are taken for healthy. What that format cannot say is told
    on standard error. Exit status: 0, or 1 when the kernel would refuse some of it.
    """
    from monlvs.director import rules
    from monlvs.director.declared import declared_table

    if live == (config is not None):
        fail_usage("expected either -c FILE or --live")
    refused = False
    if config is not None:
        table, refusals = asyncio.run(declared_table(load_or_exit(config)))
        for refusal in refusals:
            say(f"would be refused: {refusal}")
        refused = bool(refusals)
    else:
        with kernel_table() as kernel:
            reading = asyncio.run(kernel.read())
        table = reading.table
        for unread in reading.unread:
            say(f"left out: {unread}")
        refused = bool(reading.unread)
    click.echo(rules.write(table), nl=False)
    for loss in rules.dropped(table):
        say(f"warning: {loss}")
    sys.exit(1 if refused else 0)


def _text(file: Path) -> str:
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        fail(f"{file}: {error.strerror}")
    return data.decode("utf-8", "replace")


def _report(read: "Rules") -> int:
    """Tell what became of the text; return how many commands were left out."""
    for problem in read.problems:
        say(str(problem))
    servers = sum(len(pool.entries) for pool in read.table.values())
    say(
        f"carried: {_count(len(read.table), 'virtual service')} with "
        f"{_count(servers, 'real server')}, out of {_count(read.commands, 'command')}"
    )
    if (times := read.timeouts) is not None:
        told = (int(t.total_seconds()) for t in (times.tcp, times.tcp_fin, times.udp))
        words = " ".join(map(str, told))
        say(f"not in the TOML: the timeouts; monlvs director timeouts {words}")
    for daemon in read.daemons:
        role, device = daemon.role.name.lower(), daemon.interface
        say(
            f"not in the TOML: the {role} sync daemon; monlvs director sync start "
            f"{role} --interface {device} --id {daemon.sync_id}"
        )
    return sum(not problem.warning for problem in read.problems)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _toml(table: "Table", name: str) -> tuple[str, int]:
    """Return the declaration, and how much of it does not read back as it was."""
    from monlvs.config.declaring import declare
    from monlvs.config.reading import parse
    from monlvs.director.declared import declared_table
    from monlvs.director.plan import plan

    if not table:
        return "", 0
    text = f"# Imported from {name!a}.\n\n{declare(table)}"
    config, problems = parse(text, "output")
    for problem in problems:
        say(str(problem))
    if config is None:
        return text, len(problems)
    declared, refusals = asyncio.run(declared_table(config))
    for refusal in refusals:
        say(f"would be refused: {refusal}")
    missing = plan(declared, _as_it_works(table))
    for change in missing:
        say(f"not carried: ipvsadm {change.as_ipvsadm()}")
    return text, len(refusals) + len(missing)


def _as_it_works(table: "Table") -> "Table":
    """Write LocalNode as the method that is asked for in its place."""
    from monlvs.model.lvs import Forwarding

    return {
        key: replace(
            pool,
            entries={
                server: replace(entry, forwarding=Forwarding.ROUTE)
                if entry.forwarding is Forwarding.LOCAL
                else entry
                for server, entry in pool.entries.items()
            },
        )
        for key, pool in table.items()
    }
