"""Collects what is wrong with one of mon's files, each finding with its line."""

from monlvs.model.values import Place, Problem


class Findings:
    """The problems of one file, placed by line."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._found: dict[tuple[int, str], Problem] = {}

    def error(self, line: int, message: str) -> None:
        """Note what makes the file unusable."""
        self._add(line, message, warning=False)

    def warning(self, line: int, message: str) -> None:
        """Note what is odd, and works, or is passed over by mon without a word."""
        self._add(line, message, warning=True)

    def add(self, problem: Problem) -> None:
        """Take over a problem that was found elsewhere in the file."""
        self._found.setdefault((problem.place.line or 0, problem.message), problem)

    def problems(self) -> tuple[Problem, ...]:
        """Return all of them in the order of the file."""
        return tuple(self._found[key] for key in sorted(self._found))

    def _add(self, line: int, message: str, *, warning: bool) -> None:
        place = Place(file=self._file, line=line)
        self.add(Problem(place=place, message=message, warning=warning))


def cf_error(problem: Problem) -> str:
    """Return the line in which mon tells a problem of its configuration file, at its
    start and as the answer to `test config`."""
    where = f", line {problem.place.line}" if problem.place.line is not None else ""
    return f"cf error: {problem.message}{where}"
