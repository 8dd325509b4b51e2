"""`monlvs role`: keepalived tells what it has made of this director."""

import json
from pathlib import Path
from typing import Any

import click

from monlvs.cli.configuration import fail
from monlvs.cli.console import json_option
from monlvs.cli.directory import directory_option
from monlvs.cli.moments import local

ROLES = ["master", "backup", "fault"]


@click.command(epilog="Example: monlvs role master --by 'keepalived web'")
@click.argument("role", type=click.Choice(ROLES, case_sensitive=False), required=False)
@click.option("--by", default="", help="Who says so, for the journal.")
@directory_option
@json_option
def command(role: str | None, by: str, directory: Path, *, as_json: bool) -> None:
    """Say what this director is now: the master, a backup, or out of order (fault).

    keepalived's notify script calls this at every change; the daemon brings the table to
    its true state at once, switches the sync daemons where they go by role, and leaves
    the alerts to the master. Where no daemon answers it finds a note when it does.
    Without ROLE: print what was said last.

    Exit status: 0 done, 1 the daemon refuses, or does not answer and cannot be left a
    note, 2 a wrong command line.
    """
    question: dict[str, Any] = {"ask": "role"}
    if role is not None:
        from monlvs.runtime import clock

        question |= {"role": role, "by": by, "at": clock.begun()}
    answer = _put(directory, question)
    if as_json:
        click.echo(json.dumps(answer, indent=2))
    elif answer["role"] is None:
        click.echo("nobody has said")
    elif role is None:
        click.echo(
            f"{answer['role']} since {local(answer['since'])}, says {answer['who']}"
        )
    elif not answer.get("answered", True):
        click.echo(f"{answer['role']}: no daemon answers; it finds a note", err=True)


def _put(directory: Path, question: dict[str, Any]) -> dict[str, Any]:
    from monlvs.server.console import QuestionError, ask

    try:
        return ask(directory, question)
    except QuestionError as error:
        fail(str(error))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        if "role" not in question:
            fail(f"no daemon answers in {directory}: {reason} (another --state-dir?)")
    return _leave_note(directory, question, reason)


def _leave_note(directory: Path, question: dict[str, Any], why: str) -> dict[str, Any]:
    from monlvs.model.pair import Role
    from monlvs.runtime import rolenote

    role, who = Role(question["role"]), question["by"] or "monlvs role"
    who = f"{who} (while no daemon answered)"
    telling = rolenote.Telling(role=role, who=who, at=question["at"])
    try:
        rolenote.leave(directory, telling)
    except OSError as error:
        fail(
            f"no daemon answers in {directory}: {why}; and it cannot be left a note: "
            f"{error.strerror}"
        )
    return {"role": role.value, "since": None, "who": who, "answered": False}
