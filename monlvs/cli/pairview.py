"""Both directors, as `monlvs status` prints them."""

from typing import Any

import click

from monlvs.cli.moments import lasted, local

Plain = dict[str, Any]

LINES = 20
"""Disagreements that are printed; --json has more."""


def print_pair(answer: Plain) -> None:
    """Print this director's role and, where there is another one, how they stand."""
    role, pair = answer.get("role"), answer.get("pair")
    if pair is None:
        if role is not None:
            click.echo(f"this director is {_role(role)}")
        return
    standby = ", leaves the alerts to the master" if pair["standby"] else ""
    click.echo(f"this director, {pair['name']}: {_role(role)}{standby}")
    _print_peer(pair["peer"])
    for words in _odd(role, pair["peer"]):
        click.echo(f"ATTENTION  {words}")
    if (sync := pair["sync"]) is not None:
        _print_sync(sync)
    for words in pair["troubles"]:
        click.echo(f"TROUBLE  {words}")
    _print_disagreements(pair)


def is_bad(answer: Plain) -> bool:
    """Whether something is wrong between the directors."""
    pair = answer.get("pair")
    if pair is None:
        return False
    sync = pair["sync"] or {"troubles": ()}
    wrong = pair["troubles"] or sync["troubles"] or _odd(answer["role"], pair["peer"])
    return bool(wrong) or not pair["agree"]


def _role(role: Plain | None) -> str:
    if role is None or role["role"] is None:
        return "nobody has told its role (monlvs role)"
    since = role.get("at") or role.get("since")
    return f"{role['role']}" + (f" since {local(since)}" if since else "")


def _print_peer(peer: Plain) -> None:
    name = (
        peer["address"]
        if peer["name"] is None
        else f"{peer['name']} ({peer['address']})"
    )
    if peer["heard"]:
        role = peer["role"] or "of no known role"
        click.echo(f"the other, {name}: {role}, heard {peer['heard_ago']:.1f} s ago")
        return
    ago = peer["heard_ago"]
    last = "never heard" if ago is None else f"last heard {lasted(ago)} ago"
    click.echo(f"UNREACHABLE  the other, {name}: {last}: {peer['silence']}")


def _odd(role: Plain | None, peer: Plain) -> list[str]:
    """Say what two roles should not be at the same time."""
    if not peer["heard"] or role is None or peer["role"] is None:
        return []
    here, there = role["role"], peer["role"]
    if here == there == "master":
        return [
            "both directors are master: the VRRP packets of one do not reach the other"
        ]
    if "master" not in (here, there):
        return ["neither director is the master: nobody has the VIPs"]
    return []


def _print_sync(sync: Plain) -> None:
    if sync["running"]:
        told = ", ".join(
            f"{each['role']} on {each['interface']} (id {each['sync_id']})"
            for each in sync["running"]
        )
        click.echo(f"sync daemons: {told}")
    for words in sync["troubles"]:
        click.echo(f"TROUBLE  sync daemon: {words}")


def _print_disagreements(pair: Plain) -> None:
    other = pair["peer"]["name"] or "the other"
    shown = pair["disagreements"][:LINES]
    for each in shown:
        click.echo(
            f"DISAGREE {each['about']}: {each['here']} here, {each['there']} at {other}, "
            f"for {lasted(each['for'])}"
        )
    if (more := pair["disagreement_count"] - len(shown)) > 0:
        click.echo(f"DISAGREE … and on {more} more")
