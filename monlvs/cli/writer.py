"""Who writes the table: the daemon that runs by a configuration, or else the command."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monlvs.cli.configuration import fail, fail_usage

if TYPE_CHECKING:
    from monlvs.model.config import Config

Plain = dict[str, Any]

PATIENCE = 120.0
"""Seconds that the daemon has: it may have to read and make a large table."""
_REMARK = "    # "


def ask_daemon(config: "Config", question: Plain) -> Plain | None:
    """Ask the daemon of the configuration's state directory; None when none runs.

    Exits with 1 when it cannot or will not answer.
    """
    from monlvs.runtime.lock import holder
    from monlvs.server.console import QuestionError, ask

    directory = Path(config.settings.state_dir)
    pid = holder(directory)
    if pid is None:
        return None
    try:
        return ask(directory, question, limit=PATIENCE)
    except QuestionError as error:
        fail(str(error))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        fail(f"a daemon (pid {pid or 'unknown'}) keeps this table, and does not answer "
             f"in {directory}: {reason}")  # fmt: skip


def print_changes(changes: Iterable[Plain], *, as_json: bool) -> None:
    """Print changes with their causes."""
    if as_json:
        click.echo(json.dumps(list(changes), indent=2))
        return
    for change in changes:
        click.echo(f"ipvsadm {change['ipvsadm']}{_REMARK}{change['cause']}")


def agreed_rules(file: Path) -> list[str]:
    """Read what `print_changes` has printed; exit with 2 where it is something else."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        fail_usage(f"{file}: {reason}")
    try:
        return [each["ipvsadm"] for each in json.loads(text)]
    except (ValueError, KeyError, TypeError):
        pass
    rules = []
    for number, line in enumerate(text.splitlines(), 1):
        command, _, rule = line.partition(_REMARK)[0].partition(" ")
        if command != "ipvsadm" or not rule:
            fail_usage(f"{file}:{number}: expected a line that `plan` has printed")
        rules.append(rule)
    return rules
