"""Commands on another machine: all that the rest knows of how one gets there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class SessionError(Exception):
    """A host was not reached, would not have us, or was lost; says what to do."""


class CommandError(Exception):
    """A command has failed on its host; says which, and its words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a command has left; a status of -1: it was ended by a signal."""

    status: int
    stdout: str = ""
    stderr: str = ""


class Session(Protocol):
    """A host that one has logged in to."""

    @property
    def name(self) -> str:
        """The host as it was called."""
        ...

    async def run(
        self, argv: Sequence[str], *, stdin: str = "", as_root: bool = False
    ) -> Output:
        """Run a command to its end, with the system's own PATH and no locale.

        No shell sees a word of it unquoted. `as_root`: who is not root goes through
        sudo. Raises SessionError when the host is lost or the command does not end.
        """
        ...


async def ask(session: Session, argv: Sequence[str], *, stdin: str = "", as_root: bool = False) -> str:  # fmt: skip
    """Run a command; return what it printed. Raises SessionError, and CommandError
    when it fails."""
    output = await session.run(argv, stdin=stdin, as_root=as_root)
    if output.status:
        said = " ".join((output.stderr or output.stdout).split())
        raise CommandError(f"{' '.join(argv)}: {said or f'exit {output.status}'}")
    return output.stdout
