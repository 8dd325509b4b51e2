"""`monlvs director realserver`: real servers over SSH."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from monlvs.cli.audit import audit_servers
from monlvs.cli.configuration import (
    TROUBLE,
    config_option,
    fail,
    fail_usage,
    load_or_exit,
)
from monlvs.cli.groups import Group
from monlvs.cli.hosts import destinations, director_here, host_options, ssh_options
from monlvs.cli.streams import say

if TYPE_CHECKING:
    from monlvs.director.remote.destination import Destination
    from monlvs.director.remote.preparing import Work
    from monlvs.director.remote.session import Session
    from monlvs.director.remote.several import Outcome
    from monlvs.director.remote.ssh import SshOptions

    Plan = Callable[[Session], Awaitable[Work]]

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., object])

_OPTIONS = (
    click.option("--dry-run", is_flag=True, help="Show what would be done, and stop."),
    click.option("-y", "--yes", is_flag=True, help="Do it without asking."),
    click.option("--json", "as_json", is_flag=True, help="Print JSON; with --dry-run."),
)


def _change_options(command: F) -> F:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.group(
    cls=Group, epilog="Example: monlvs director realserver prepare --all --dry-run"
)
def realserver() -> None:
    """Make hosts real servers over SSH, and look at them.

    HOST is as ssh(1) has it, ~/.ssh/config included. A host's key has to be in known_hosts;
    keys of the agent or of files let us in, never a password. Who logs in as another
    than root needs sudo without a password there.
    """


@realserver.command(
    epilog="Example: monlvs director realserver prepare -c mon_lvs.toml root@192.168.1.2"
)
@host_options
@config_option
@_change_options
def prepare(config: Path, **options: Any) -> None:
    """Make hosts real servers of the configuration.

    Each host is looked at first; the commands that make what is missing are shown, and
    made when you agree: the VIP on lo or in the tunnel, variables about ARP and
    rp_filter, for VS-TUN segments that fit, for VS-NAT the default gateway; and a
    script that does the same after a reboot. What was there before is kept on the host,
    in /var/lib/monlvs, for `undo`. What goes wrong on one host does not stop the others.

    Exit status: 0 all is as wanted, or would be; 1 a host could not be reached or
    prepared; 2 a wrong command line or configuration.
    """
    from monlvs.director.remote.preparing import plan_host

    loaded = load_or_exit(config)
    director = director_here(loaded)
    chosen = _chosen(loaded, director, options)
    _change(lambda session: plan_host(session, loaded, director), chosen, **options)


@realserver.command(
    epilog="Example: monlvs director realserver undo -c mon_lvs.toml root@192.168.1.2"
)
@host_options
@config_option
@_change_options
def undo(config: Path, **options: Any) -> None:
    """Put back on hosts what was there before `prepare`.

    Exit status: as of `prepare`.
    """
    from monlvs.director.remote.preparing import plan_undo

    loaded = load_or_exit(config) if options["everyone"] else None
    chosen = _chosen(loaded, director_here(loaded) if loaded else None, options)
    _change(plan_undo, chosen, **options)


def _chosen(
    config: Any, director: Any, options: dict[str, Any]
) -> "tuple[Destination, ...]":
    return destinations(
        config,
        director,
        options.pop("hosts"),
        everyone=options.pop("everyone"),
        login=options.pop("login"),
        port=options.pop("port"),
    )


def _change(  # noqa: PLR0913  the options of the command
    plan: "Plan",
    chosen: "Sequence[Destination]",
    *,
    keys: Sequence[Path],
    known_hosts: Sequence[Path],
    timeout: float,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    if as_json and not dry_run:
        fail_usage("expected --dry-run with --json")
    ssh = ssh_options(keys, known_hosts, timeout)
    found = asyncio.run(_visit(chosen, ssh, "looking", plan, _told))
    works = _apart(found)
    failed = any(each.trouble or _stuck(each) for each in found)
    if as_json:
        click.echo(json.dumps([_plain(each) for each in found], indent=2))
    else:
        for outcome in works:
            _show(outcome)
    todo = [each for each in works if each.result and each.result.lines]
    if todo and not dry_run:
        _agree(len(todo), yes=yes)
        failed |= _carry_out(plan, todo, ssh)
    sys.exit(TROUBLE if failed else 0)


def _carry_out(
    plan: "Plan", agreed: "Sequence[Outcome[Work]]", ssh: "SshOptions"
) -> bool:
    """Do what was agreed to; return whether anything failed."""
    from monlvs.director.remote.changing import carry_out
    from monlvs.director.remote.session import CommandError

    lines = {str(each.destination): each.result.lines for each in agreed if each.result}

    async def act(session: "Session") -> int:
        work = await plan(session)
        if work.lines != lines[session.name]:
            raise CommandError("it is not as it was when it was shown: look again")
        return await carry_out(session, work)

    done = asyncio.run(
        _visit(
            [each.destination for each in agreed],
            ssh,
            "changing",
            act,
            lambda count: f"done, {_count(count, 'change')}",
        )
    )
    return any(each.trouble for each in done)


async def _visit(
    hosts: "Sequence[Destination]",
    ssh: "SshOptions",
    doing: str,
    act: "Callable[[Session], Awaitable[T]]",
    told: Callable[[T], str],
) -> "tuple[Outcome[T], ...]":
    """Act on hosts at once, and tell of each when it is over."""
    from monlvs.director.remote.several import at_each

    say(f"{doing}: {', '.join(map(str, hosts))}")

    def tell(outcome: "Outcome[T]") -> None:
        words = outcome.trouble or (
            "" if outcome.result is None else told(outcome.result)
        )
        say(f"{outcome.destination}: {words}")

    return await at_each(hosts, ssh, act, tell)


def _told(work: "Work") -> str:
    if work.obstacles:
        return f"({work.look.hostname}) cannot be prepared"
    changes = _count(len(work.lines), "change") if work.lines else "nothing to do"
    return f"({work.look.hostname}) {changes}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _stuck(outcome: "Outcome[Work]") -> bool:
    return outcome.result is not None and bool(outcome.result.obstacles)


def _apart(found: "Sequence[Outcome[Work]]") -> "list[Outcome[Work]]":
    """Leave out machines that were called by two of their names, and those that are
    stuck."""
    seen: dict[Any, Destination] = {}
    kept = []
    for outcome in found:
        work = outcome.result
        if work is None:
            continue
        devices = work.look.state.around.devices
        machine = (work.look.hostname, tuple(each.addresses for each in devices))
        first = seen.setdefault(machine, outcome.destination)
        if first != outcome.destination:
            say(f"{outcome.destination}: is {first}, by another of its addresses")
        else:
            kept.append(outcome)
    return kept


def _show(outcome: "Outcome[Work]") -> None:
    work = outcome.result
    if work is None or not (work.lines or work.obstacles or work.remarks):
        return
    click.echo(f"{outcome.destination} ({work.look.hostname}):")
    for words in work.obstacles:
        click.echo(f"    cannot be prepared: {words}")
    for words in work.remarks:
        click.echo(f"    note: {words}")
    if not work.obstacles:
        for line, why in work.lines:
            click.echo(f"    {line}    # {why}")


def _plain(outcome: "Outcome[Work]") -> dict[str, Any]:
    work = outcome.result
    told: dict[str, Any] = {
        "host": str(outcome.destination),
        "trouble": outcome.trouble or None,
    }
    if work is not None:
        told |= {
            "hostname": work.look.hostname,
            "changes": [{"command": line, "why": why} for line, why in work.lines],
            "obstacles": list(work.obstacles),
            "remarks": list(work.remarks),
        }
    return told


def _agree(hosts: int, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        fail("nobody is here to be asked: expected --yes, or --dry-run")
    if not click.confirm(f"Make these changes on {_count(hosts, 'host')}?"):
        sys.exit(0)


realserver.add_command(audit_servers)
