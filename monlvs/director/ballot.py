"""What the guards of one entry, or of one virtual service, make of their health.

guards of an entry                                        the entry is
none (declared, unwatched)                                in
any that takes or latches out is DOWN                     out
else: any that takes out, latches out or adds is UP       in
else: any that it stands in for is DOWN                   in
else: all that it stands in for are UP                    out
else                                                      as it is

guards that withhold a virtual service                    the service is
any DOWN                                                  withheld
else: any UP                                              there
else                                                      as it is
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from monlvs.model.guard import Effect, Guard
from monlvs.model.status import Health


class Vote(Enum):
    """What is to be done with what is guarded."""

    IN = "in"
    OUT = "out"
    AS_IS = "as it is"


@dataclass(frozen=True, slots=True)
class Ballot:
    """A vote, with the guard whose health decided it."""

    vote: Vote
    guard: Guard | None = None
    health: Health | None = None


_UNWATCHED: Final = Ballot(Vote.IN)
_UNDECIDED: Final = Ballot(Vote.AS_IS)
_REMOVING: Final = frozenset((Effect.TAKES_OUT, Effect.LATCHES_OUT, Effect.WITHHOLDS))


class Healths:
    """The health of guards, found by the guard itself before its value.

    A guard is a deep value: to hash it costs more than all the rest of a decision, and
    the one asked about is nearly always the very object that was reported.
    """

    __slots__ = ("_by_identity", "_by_value")

    def __init__(self, healths: Mapping[Guard, Health]) -> None:
        """Take what is believed of each guard; the others are UNKNOWN."""
        self._by_value = healths
        self._by_identity = {id(guard): health for guard, health in healths.items()}

    def of(self, guard: Guard) -> Health:
        """Say what is believed of `guard`."""
        found = self._by_identity.get(id(guard))
        return self._by_value.get(guard, Health.UNKNOWN) if found is None else found


def vote(guards: Sequence[Guard], healths: Healths) -> Ballot:
    """Decide about an entry; the table at the head of this file."""
    if not guards:
        return _UNWATCHED
    decision = _UNDECIDED
    stand_ins: list[Guard] = []
    for guard in guards:
        if guard.effect is Effect.STANDS_IN:
            stand_ins.append(guard)
            continue
        health = healths.of(guard)
        if health is Health.DOWN and guard.effect in _REMOVING:
            return Ballot(Vote.OUT, guard, health)
        if health is Health.UP and decision is _UNDECIDED:
            decision = Ballot(Vote.IN, guard, health)
    if decision is _UNDECIDED and stand_ins:
        return _vote_on_stand_in(stand_ins, healths)
    return decision


def _vote_on_stand_in(guards: Sequence[Guard], healths: Healths) -> Ballot:
    known = [(guard, healths.of(guard)) for guard in guards]
    for guard, health in known:
        if health is Health.DOWN:
            return Ballot(Vote.IN, guard, health)
    if all(health is Health.UP for _, health in known):
        return Ballot(Vote.OUT, *known[0])
    return _UNDECIDED
