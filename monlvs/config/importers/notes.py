"""What an importer has to say: errors, and what became of that which has no counterpart."""

from dataclasses import dataclass, field
from enum import StrEnum

from monlvs.model.values import Place, Problem


class Fate(StrEnum):
    """What became of a statement that is not simply carried over."""

    LOST = "not carried"
    """Something that was checked, done or told is so no more."""
    CHANGED = "carried otherwise"
    """It is done in another way, or goes without saying."""
    LEFT = "left where it is"
    """It is no business of monlvs's, and goes on beside it."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something is stated."""

    place: Place
    at: int
    """Number of the line among all that were read, files that are included among them."""


@dataclass(slots=True)
class Notes:
    """Collects them in the order of the text."""

    _found: dict[Problem, tuple[int, Fate | None]] = field(default_factory=dict)

    def error(self, spot: Spot, message: str) -> None:
        """Note what makes the text unusable: what is wrong and what was expected."""
        self._add(spot, None, message)

    def lost(self, spot: Spot, what: str) -> None:
        """Note what is not carried, and what to do instead."""
        self._add(spot, Fate.LOST, what)

    def changed(self, spot: Spot, what: str) -> None:
        """Note what is done in another way."""
        self._add(spot, Fate.CHANGED, what)

    def left(self, spot: Spot, what: str) -> None:
        """Note what goes on to be the other program's."""
        self._add(spot, Fate.LEFT, what)

    @property
    def failed(self) -> bool:
        """Whether any error was noted."""
        return any(fate is None for _, fate in self._found.values())

    def count(self, fate: Fate) -> int:
        """Return how many notes say so."""
        return sum(known is fate for _, known in self._found.values())

    def problems(self) -> tuple[Problem, ...]:
        """Return all of them in the order of the text."""
        return tuple(sorted(self._found, key=lambda problem: self._found[problem][0]))

    def _add(self, spot: Spot, fate: Fate | None, message: str) -> None:
        told = message if fate is None else f"{fate.value}: {message}"
        problem = Problem(place=spot.place, message=told, warning=fate is not None)
        self._found.setdefault(problem, (spot.at, fate))
