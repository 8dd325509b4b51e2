"""Places in a file that is read line by line: a path begins with the number of a line."""

from collections.abc import Callable

from monlvs.config.findings import Findings
from monlvs.config.positions import Path, Positions
from monlvs.model.values import Place, Problem


class LineFindings(Findings):
    """The problems of a mon.cf.

    `place` tells where a line of the text comes from, where that is not the file.
    """

    def __init__(self, file: str, place: Callable[[int], Place] | None = None) -> None:
        super().__init__(file, Positions())
        self._origin = place

    def take(self, problem: Problem) -> None:
        """Take over what was found when the lines were read."""
        path: Path = () if problem.place.line is None else (problem.place.line,)
        note = self.warning if problem.warning else self.error
        note(path, problem.message)

    def _place(self, path: Path, *, at_key: bool) -> Place:  # noqa: ARG002  a line has no keys
        line = path[0] if path else None
        if not isinstance(line, int):
            return Place(file=self._file)
        return (
            Place(file=self._file, line=line)
            if self._origin is None
            else self._origin(line)
        )
