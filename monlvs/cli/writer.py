"""Who writes: the daemon that runs by a configuration, or else the command."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monlvs.cli.configuration import fail, fail_usage
from monlvs.cli.streams import say

if TYPE_CHECKING:
    from monlvs.director.table import LiveTable
    from monlvs.model.config import Config
    from monlvs.runtime.alone import Alone

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


def alone(config: "Config", live: "LiveTable") -> "Alone":
    """Do without a daemon; tells what of what was saved is not understood."""
    from monlvs.runtime.alone import Alone

    found = Alone(config, live)
    for words in found.troubles:
        say(f"monlvs: warning: {words}")
    return found


@contextmanager
def table(kind: str) -> Iterator["LiveTable"]:
    """Open a table for a block; what is wrong with it ends the command with 1."""
    from monlvs.director.choice import open_table
    from monlvs.director.table import TableError

    try:
        yield open_table(kind).table
    except TableError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename or 'table'}: {error.strerror}")


@contextmanager
def one_writer(config: "Config") -> Iterator[None]:
    """Hold the state directory for a block; exits where somebody else begins to."""
    from monlvs.runtime.lock import LockedError, hold

    directory = Path(config.settings.state_dir)
    directory.mkdir(parents=True, exist_ok=True)
    try:
        with hold(directory):
            yield
    except LockedError as error:
        fail(f"somebody else ({error}) has begun to keep this table: try again")


def print_answer(answer: Plain, *, as_json: bool) -> None:
    """Print changes with their causes; as JSON all that the answer says."""
    if as_json:
        click.echo(json.dumps(answer, indent=2))
        return
    for change in answer["changes"]:
        click.echo(f"{_line(change)}{_REMARK}{change['cause']}")


def print_outcome(answer: Plain, *, as_json: bool) -> None:
    """Print what was made, say what was refused, and exit with 0, or 1 for trouble."""
    print_answer(answer, as_json=as_json)
    for refusal in answer["refusals"]:
        say(f"refused: {refusal}")
    unsaved = answer.get("unsaved")
    if unsaved:
        say(f"monlvs: what was changed is not remembered as monlvs's own: {unsaved}")
    sys.exit(1 if answer["refusals"] or unsaved else 0)


def agreed_lines(file: Path) -> list[str]:
    """Read what `print_answer` has printed; exit with 2 where it is something else."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        fail_usage(f"{file}: {reason}")
    try:
        return [_line(each) for each in json.loads(text)["changes"]]
    except (ValueError, KeyError, TypeError):
        pass
    lines = []
    for number, line in enumerate(text.splitlines(), 1):
        command, remark, _ = line.partition(_REMARK)
        if not remark:
            fail_usage(f"{file}:{number}: expected a line that `plan` has printed")
        lines.append(command)
    return lines


def _line(change: Plain) -> str:
    """Return the command that a change stands for."""
    return f"ipvsadm {change['ipvsadm']}" if "ipvsadm" in change else change["machine"]
