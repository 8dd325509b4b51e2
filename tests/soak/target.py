"""What a fuzzer needs to know of something that reads what others wrote."""

import time
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
    reached: int = 60
    """Per cent of these lines that the inputs reach at least."""
    longest: int = 4096
    """Bytes of the longest input."""
    ground: float = 0.25
    """Seconds of processor time that any input may take."""
    slope: float = 200e-6
    """Seconds more for each of its bytes."""

    def allowance(self, data: bytes) -> float:
        """Return the seconds that an input may take, instrumented as it is."""
        return self.ground + self.slope * len(data)

    def examine_in_time(self, data: bytes) -> None:
        """Examine an input; AssertionError where it takes too long each of three times.

        Once proves nothing: a collection of garbage, or a machine that a neighbour holds,
        is charged to whoever runs.
        """
        allowed, took = self.allowance(data), self._seconds(data)
        for _ in range(2):
            if took > allowed:
                took = min(took, self._seconds(data))
        assert took <= allowed, f"{took:.2f} s for {len(data)} bytes"

    def _seconds(self, data: bytes) -> float:
        """Return the processor time that an input takes."""
        begun = time.thread_time()
        self.examine(data)
        return time.thread_time() - begun


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
