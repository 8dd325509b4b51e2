"""Commands for a guest's hosts as values: what is asked, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monlvs.lab.kernel import LabError
from monlvs.lab.records import Result

SHOWN_LINES = 20  # of a failed command's output

Argv = str | Sequence[str]


class CommandTimeoutError(LabError):
    """A command was killed at its time limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command on `host` (None: the guest itself, where the bridges are).

    `argv` as one string goes through a shell. `cwd` and `env` are as the guest
    sees them; `env` adds to what every command gets.
    """

    host: str | None
    argv: Argv
    cwd: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)

    def request(self) -> dict[str, Any]:
        """Return what the warden needs to start it."""
        argv = self.argv
        return {
            "host": self.host,
            "argv": ["/bin/sh", "-c", argv] if isinstance(argv, str) else list(argv),
            "cwd": None if self.cwd is None else str(self.cwd),
            "env": dict(self.env),
        }

    def __str__(self) -> str:
        """Return it as an administrator would write it down."""
        text = self.argv if isinstance(self.argv, str) else " ".join(self.argv)
        return f"{self.host or 'the guest'}: {text}"


def result_of(
    command: Command, answer: Mapping[str, Any], *, check: bool = False
) -> Result:
    """Read the warden's answer.

    Raises CommandTimeoutError when the command was killed at its limit, and with
    `check` LabError when it failed; both with what it had written.
    """
    result = Result(
        status=answer["status"],
        stdout=answer["stdout"],
        stderr=answer["stderr"],
        began=answer["began"],
        ended=answer["ended"],
    )
    if answer["timed_out"]:
        took = result.ended - result.began
        raise CommandTimeoutError(
            f"{command}: killed after {took:.1f} s{_wrote(result)}"
        )
    if check and result.status != 0:
        raise LabError(f"{command}: status {result.status}{_wrote(result)}")
    return result


def _wrote(result: Result) -> str:
    text = "\n".join(part for part in (result.stdout, result.stderr) if part).strip()
    if not text:
        return "; it wrote nothing"
    return "; it wrote:\n" + "\n".join(text.splitlines()[-SHOWN_LINES:])
