"""`monlvs director audit`: what would black-hole traffic, why, and what mends it."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monlvs.cli.configuration import TROUBLE, config_option, fail, load_or_exit
from monlvs.cli.groups import Verdict
from monlvs.cli.hosts import destinations, host_options, login_options, ssh_options
from monlvs.cli.streams import say

if TYPE_CHECKING:
    from monlvs.director.audit.holding import Server
    from monlvs.director.audit.looking import Looked
    from monlvs.director.audit.lvs import Lvs
    from monlvs.director.machine.findings import Finding
    from monlvs.model.config import Config
    from monlvs.model.values import Address

DIRECTOR = "director"
FINDINGS = 2
"""Exit status when something was found."""
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _read_clients(
    ctx: click.Context, param: click.Parameter, words: Sequence[str]
) -> "tuple[Address, ...]":
    try:
        return tuple(ip_address(word) for word in words)
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param) from None


client_option = click.option(
    "--client",
    "clients",
    multiple=True,
    callback=_read_clients,
    metavar="ADDRESS",
    help="An address that clients have, to think of ways back; may be given again. "
    "Without: those that have connections now, and wherever the director has routes to.",
)


@click.command(
    cls=Verdict,
    epilog="Example: monlvs director audit -c etc/mon_lvs.toml --servers -l root",
)
@config_option
@client_option
@click.option(
    "--servers", is_flag=True, help="Look at the real servers, too, over SSH."
)
@login_options
@json_option
def audit(*, config: Path, servers: bool, as_json: bool, **options: Any) -> None:
    """Say what on this director would lose clients' traffic, why, and what mends it.

    It looks at addresses, routes, variables and rules, at the table and its connections,
    and asks the wire who else answers for the VIPs: as root. Nothing is changed.
    docs/audit.md lists everything that can be found.

    Exit status: 0 nothing found, 2 something found, 1 trouble: a wrong command line or
    configuration, or nothing found where not everything could be looked at.
    """
    from monlvs.director.audit.server import audit_whole

    loaded = load_or_exit(config, status=TROUBLE)
    looked = look(loaded, options.pop("clients"))
    seen = Seen()
    if servers:
        seen = visit(looked.lvs, hosts=(), everyone=True, **options)
    report(
        audit_whole(looked.lvs, seen.servers),
        [DIRECTOR, *seen.machines],
        [*looked.troubles, *seen.troubles],
        as_json=as_json,
    )


@click.command(
    "audit",
    cls=Verdict,
    epilog="Example: monlvs director realserver audit root@192.168.1.2 -c FILE",
)
@host_options
@config_option
@client_option
@json_option
def audit_servers(*, config: Path, as_json: bool, **options: Any) -> None:
    """Say what on real servers would lose clients' traffic, why, and what mends it.

    Run on the director, which is looked at, too: what a real server needs depends on it.
    One logs in by SSH; as root, or with sudo, more is seen. Nothing is changed.
    docs/audit.md lists everything that can be found.

    Exit status: 0 nothing found, 2 something found, 1 trouble: a wrong command line or
    configuration, or nothing found where not everything could be looked at.
    """
    from monlvs.director.audit.server import audit_server

    loaded = load_or_exit(config, status=TROUBLE)
    looked = look(loaded, options.pop("clients"))
    seen = visit(looked.lvs, **options)
    findings = [f for server in seen.servers for f in audit_server(looked.lvs, server)]
    report(
        tuple(dict.fromkeys(findings)),
        seen.machines,
        [*looked.troubles, *seen.troubles],
        as_json=as_json,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Real servers that were looked at, and why others were not."""

    servers: "tuple[Server, ...]" = ()
    troubles: tuple[str, ...] = ()

    @property
    def machines(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(dict.fromkeys(server.name for server in self.servers))


def visit(
    lvs: "Lvs",
    *,
    hosts: Sequence[str],
    everyone: bool,
    login: str | None,
    port: int | None,
    **how: Any,
) -> Seen:
    """Look at real servers over SSH; `how` is what `ssh_options` takes."""
    from monlvs.director.audit.looking import look_at_host
    from monlvs.director.remote.several import at_each

    meant = destinations(
        lvs.config,
        lvs.director.around,
        hosts,
        everyone=everyone,
        login=login,
        port=port,
        status=TROUBLE,
    )
    outcomes = asyncio.run(
        at_each(meant, ssh_options(**how), lambda session: look_at_host(session, lvs))
    )
    # One machine may have been called by its addresses of both families.
    once = {
        each.result.addresses: each.result for each in outcomes[::-1] if each.result
    }
    return Seen(
        servers=tuple(once.values())[::-1],
        troubles=tuple(
            f"{each.destination}: {each.trouble}" for each in outcomes if each.trouble
        ),
    )


def look(config: "Config", clients: "Sequence[Address]") -> "Looked":
    """Look at this machine as the director; exit with 1 where that cannot be done."""
    from monlvs.director.audit.looking import LookError, look_at_director

    try:
        return look_at_director(config, clients)
    except LookError as error:
        fail(str(error))


def report(
    findings: "Sequence[Finding]",
    machines: Sequence[str],
    troubles: Sequence[str],
    *,
    as_json: bool,
) -> None:
    """Print what was found on `machines`, and exit."""
    for trouble in troubles:
        say(f"monlvs: warning: {trouble}")
    if as_json:
        told = {
            "findings": [asdict(finding) for finding in findings],
            "looked_at": list(machines),
            "not_looked_at": list(troubles),
        }
        click.echo(json.dumps(told, indent=2))
    else:
        for finding in findings:
            click.echo(f"{finding}\n")
        many = f"{len(findings)} found" if findings else "nothing found"
        click.echo(f"{many}; looked at: {', '.join(machines) or 'nobody'}")
    if findings:
        sys.exit(FINDINGS)
    sys.exit(TROUBLE if troubles else 0)
