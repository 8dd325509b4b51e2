"""Runs m4 over a mon.cf and tells which line of which file each of its lines is.

GNU m4 says so itself when asked (`-s`): a line `#line 7 "FILE"`, which mon takes for a
comment, comes before one that is not the next. Another m4 does not know the option, and
then lines are told as m4 wrote them.
"""

import re
import subprocess
from dataclasses import dataclass

from monlvs.config.source import UnreadableError
from monlvs.model.values import Place, Problem

_PATIENCE = 60.0
_SYNC = re.compile(r'#line (\d+)(?: "(.*)")?')
_SAID = re.compile(r"[^:]*m4:(?P<file>[^:]+):(?P<line>\d+): *(?P<what>.*)")


@dataclass(frozen=True, slots=True)
class Expanded:
    """What m4 made of a file."""

    text: str
    origins: tuple[tuple[str, int], ...]
    """File and line for each line of the text, synchronisation lines included."""
    problems: tuple[Problem, ...] = ()

    def place(self, line: int) -> Place:
        """Return where a line of the text comes from."""
        if not 1 <= line <= len(self.origins):
            return Place(file=self.origins[-1][0] if self.origins else "m4", line=line)
        file, number = self.origins[line - 1]
        return Place(file=file, line=number)


def plain(text: str, file: str) -> Expanded:
    """Return a text that m4 has nothing to do with."""
    count = text.count("\n") + 1
    return Expanded(text, tuple((file, line) for line in range(1, count + 1)))


def expand(file: str, program: str = "m4") -> Expanded:
    """Return what `program` makes of `file`. Raises UnreadableError where it cannot."""
    try:
        run = subprocess.run(  # noqa: S603  the administrator names it (mon(8), -M); no shell
            [program, "-s", file],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except OSError as error:
        raise UnreadableError(
            f"needs m4, and {program} cannot be run: {error.strerror}"
        ) from None
    except subprocess.TimeoutExpired:
        raise UnreadableError(f"{program} did not end within {_PATIENCE:g} s") from None
    said = run.stderr.decode("utf-8", "backslashreplace").splitlines()
    failed = run.returncode != 0
    problems = tuple(_problem(line, file, failed=failed) for line in said if line)
    if failed and not problems:
        problems = (_problem(f"m4 ended with {run.returncode}", file, failed=True),)
    text = run.stdout.decode("utf-8", "backslashreplace")
    return Expanded(text, _origins(text, file), problems)


def _problem(said: str, file: str, *, failed: bool) -> Problem:
    found = _SAID.fullmatch(said)
    if found is None:
        return Problem(place=Place(file=file), message=said, warning=not failed)
    place = Place(file=found["file"], line=int(found["line"]))
    return Problem(place=place, message=f"m4: {found['what']}", warning=not failed)


def _origins(text: str, file: str) -> tuple[tuple[str, int], ...]:
    origins = []
    following = 1
    for line in text.split("\n"):
        origins.append((file, following))
        sync = _SYNC.fullmatch(line)
        if sync is None:
            following += 1
        else:
            file, following = sync[2] or file, int(sync[1])
    return tuple(origins)
