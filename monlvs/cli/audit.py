"""`monlvs director audit`: what would black-hole traffic, why, and what mends it."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monlvs.cli.configuration import TROUBLE, config_option, fail, load_or_exit
from monlvs.cli.groups import Verdict
from monlvs.cli.streams import say

if TYPE_CHECKING:
    from monlvs.director.audit.looking import Looked
    from monlvs.director.machine.findings import Finding
    from monlvs.model.config import Config
    from monlvs.model.values import Address

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


@click.command(cls=Verdict, epilog="Example: monlvs director audit -c etc/mon_lvs.toml")
@config_option
@client_option
@json_option
def audit(config: Path, clients: "tuple[Address, ...]", *, as_json: bool) -> None:
    """Say what on this director would lose clients' traffic, why, and what mends it.

    It looks at addresses, routes, variables and rules, at the table and its connections,
    and asks the wire who else answers for the VIPs: as root. Nothing is changed.
    docs/audit.md lists everything that can be found.

    Exit status: 0 nothing found, 2 something found, 1 trouble: a wrong command line or
    configuration, or nothing found where not everything could be looked at.
    """
    from monlvs.director.audit.director import audit_director

    looked = look(load_or_exit(config, status=TROUBLE), clients)
    findings = audit_director(looked.lvs)
    report(findings, ["director"], looked.troubles, as_json=as_json)


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
        click.echo(f"{many}; looked at: {', '.join(machines)}")
    if findings:
        sys.exit(FINDINGS)
    sys.exit(TROUBLE if troubles else 0)
