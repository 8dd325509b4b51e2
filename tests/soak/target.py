"""What a fuzzer needs to know of something that reads what others wrote."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from monlvs.model.values import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A reader, what it is fed at first, and what has to hold for every input."""

    examine: Callable[[bytes], None]
    """Raises for an input that is read wrongly, AssertionError mostly."""
    seeds: tuple[bytes, ...]
    """Inputs to begin with; together they reach most of what is read."""
    words: tuple[bytes, ...] = ()
    """What inputs are put together from."""
    files: tuple[str, ...]
    """What it is read with: sources whose lines the inputs should reach."""
    longest: int = 4096
    """Bytes of the longest input."""
    ground: float = 0.25
    """Seconds of processor time that any input may take."""
    slope: float = 200e-6
    """Seconds more for each of its bytes."""

    def allowance(self, data: bytes) -> float:
        """Return the seconds that an input may take, instrumented as it is."""
        return self.ground + self.slope * len(data)


def assert_placed(problems: Iterable[Problem], lines: int) -> None:
    """Every problem says something, and where in a file of so many lines."""
    for problem in problems:
        assert problem.message.strip(), problem
        assert problem.place.line is not None or _is_of_the_whole(problem), problem
        assert 1 <= (problem.place.line or 1) <= lines, problem
        assert "\n" not in str(problem), problem


def _is_of_the_whole(problem: Problem) -> bool:
    """Whether it is about what a file does not have, and so has no place in it."""
    return not problem.place.key and problem.message.startswith("the file says nothing")
