"""A virtual service whose pool is more than its guards: facts in, entries out.

Rule: what is decided is decided in `core.pool`; here its places become entries.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from monlvs.core import pool as deciding
from monlvs.core.places import (
    NEW,
    Because,
    Decision,
    Facts,
    Place,
    Presence,
    Question,
    State,
)
from monlvs.director.ballot import Ballot, Healths, Vote, vote
from monlvs.director.changes import Cause, Why
from monlvs.director.intents import Intent, Seat
from monlvs.director.ledger import Record
from monlvs.director.stated import entry_as_stated
from monlvs.director.table import ServerKey
from monlvs.model.forced import Forced, Forcings
from monlvs.model.lvs import Counters, Entry, EntrySpec, RealServer, VirtualKey
from monlvs.model.pool import PLAIN, WeightFrom
from monlvs.model.result import Advice
from monlvs.model.status import Health

_NOBODY: Final = Counters()
_HEALTH: Final = {
    Vote.IN: Health.UP,
    Vote.OUT: Health.DOWN,
    Vote.AS_IS: Health.UNKNOWN,
}
_GUARDED: Final = (Because.UP, Because.DOWN, Because.UNKNOWN)
_FORCED: Final = (
    Because.FORCED_UP,
    Because.MAINTENANCE,
    Because.DRAINING,
    Because.DRAINED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What besides health and configuration decides about pools."""

    now: float = 0.0
    """The monotonic clock."""
    counters: Mapping[ServerKey, Counters] = field(
        default_factory=lambda: MappingProxyType({})
    )
    forced: Forcings = field(default_factory=lambda: MappingProxyType({}))
    touched: frozenset[VirtualKey] = frozenset()
    """Virtual services with a server that is forced."""
    advice: Mapping[ServerKey, Advice] = field(
        default_factory=lambda: MappingProxyType({})
    )
    states: Mapping[VirtualKey, State] = field(
        default_factory=lambda: MappingProxyType({})
    )

    def concerns(self, intent: Intent) -> bool:
        """Whether the pool is more than its guards."""
        return (
            intent.policy != PLAIN
            or intent.fallback is not None
            or intent.key in self.touched
            or intent.key in self.states
        )


NOTHING_AROUND: Final = Around()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a decision makes of one virtual service's entries."""

    decision: Decision
    entries: Mapping[RealServer, Entry]
    causes: Mapping[RealServer, Cause]
    known: Mapping[RealServer, Entry]
    """Entries with their whole weights, as they last stood."""
    quiesced: frozenset[RealServer]
    """Who stands with a weight of 0 that is our doing."""


class Pooling:
    """One virtual service under decision."""

    def __init__(
        self,
        intent: Intent,
        record: Record,
        present: Mapping[RealServer, Entry],
        around: Around,
        *,
        persistent: bool,
    ) -> None:
        """`present` is what stands; `record` what is remembered of it."""
        self._intent = intent
        self._record = record
        self._present = present
        self._around = around
        self._persistent = persistent
        self._state = around.states.get(intent.key, NEW)
        self._weighs = deciding.weighs(intent.policy)
        self._ballots: dict[RealServer, Ballot] = {}

    def leaving(self) -> frozenset[RealServer]:
        """Name who is configured no longer and goes with its last connection."""
        intent = self._intent
        if intent.policy.drain is None:
            return frozenset()
        gone = self._record.added & self._present.keys() - intent.seats.keys()
        return gone - ({intent.fallback.server} if intent.fallback else set())

    def decide(self, healths: Healths) -> Outcome:
        """Say which entries are to stand."""
        intent = self._intent
        self._ballots = {s: vote(seat.guards, healths) for s, seat in self._seats()}
        facts = {server: self._facts(server, seat) for server, seat in self._seats()}
        for server in self.leaving():
            facts[server] = replace(self._stands(server), leaves=True)
        fallback = intent.fallback
        asked = Question(
            servers=facts,
            policy=intent.policy,
            on_failure=intent.on_failure,
            fallback=(fallback.server, self._fallback()) if fallback else None,
            persistent=self._persistent,
        )
        decision = deciding.decide(asked, self._state, now=self._around.now)
        entries: dict[RealServer, Entry] = {}
        for server, place in decision.places.items():
            entry = self._entry(server, place)
            if entry is not None:
                entries[server] = entry
        return Outcome(
            decision=decision,
            entries=entries,
            causes={
                server: self._cause(server, place)
                for server, place in decision.places.items()
                if entries.get(server) is not self._present.get(server)
            },
            known=self._known(facts),
            quiesced=self._quiesced(decision, entries),
        )

    def _seats(self) -> list[tuple[RealServer, Seat]]:
        return list(self._intent.seats.items())

    def _facts(self, server: RealServer, seat: Seat) -> Facts:
        forced = self._forced(server)
        found = self._present.get(server)
        return Facts(
            health=_HEALTH[self._ballots[server].vote],
            weight=self._whole(server, seat),
            standing=None if found is None else found.weight,
            connections=self._connections(server),
            act=None if forced is None else forced.act,
            advice=self._advice(server),
        )

    def _advice(self, server: RealServer) -> Advice | None:
        if self._intent.policy.weight_from is not WeightFrom.CHECK:
            return None
        return self._around.advice.get((self._intent.key, server))

    def _connections(self, server: RealServer) -> int:
        counted = self._around.counters.get((self._intent.key, server), _NOBODY)
        return counted.active + counted.inactive + counted.persistent

    def _stands(self, server: RealServer) -> Facts:
        found = self._present.get(server)
        return Facts(
            health=Health.UNKNOWN,
            standing=None if found is None else found.weight,
            connections=self._connections(server),
        )

    def _fallback(self) -> Facts:
        spec = self._intent.fallback
        assert spec is not None
        weight = 1 if spec.weight is None else spec.weight
        return replace(self._stands(spec.server), weight=weight)

    def _whole(self, server: RealServer, seat: Seat) -> int:
        """Return a server's whole weight: as stated, else as it was before it rose."""
        if seat.spec.weight is not None:
            return seat.spec.weight
        found, known = self._present.get(server), self._record.known.get(server)
        multiplied = self._weighs or self._state.scale > 1
        if multiplied and server in self._state.members:
            return 1 if known is None else known.weight
        if known is not None and (found is None or self._is_quiesced(server)):
            return known.weight
        return 1 if found is None else found.weight

    def _is_quiesced(self, server: RealServer) -> bool:
        found = self._present.get(server)
        return server in self._record.quiesced and (not found or found.weight == 0)

    def _entry(self, server: RealServer, place: Place) -> Entry | None:
        found = self._present.get(server)
        if place.presence is Presence.OUT:
            return None
        spec = self._intent.fallback
        if spec is None or spec.server != server:
            seat = self._intent.seats.get(server)
            spec = None if seat is None else seat.spec
        if place.presence is Presence.QUIET:
            if found is None or found.weight == 0:
                return found
            if spec is None:
                return replace(found, weight=0)
            return entry_as_stated(replace(spec, weight=0), found, found)
        if spec is None:
            return found
        memory = self._record.known.get(server, found) if found is None else found
        if found is not None and self._is_quiesced(server):
            memory = self._record.known.get(server, found)
        sets = self._weighs or self._state.scale > 1
        if sets and found is not None and _stands_so(found, spec, place.weight):
            return found
        stated = replace(spec, weight=place.weight) if sets else spec
        return entry_as_stated(stated, found, memory)

    def _known(self, facts: Mapping[RealServer, Facts]) -> dict[RealServer, Entry]:
        known: dict[RealServer, Entry] = {}
        for server in self._intent.seats:
            found, before = self._present.get(server), self._record.known.get(server)
            last = before if found is None or self._is_quiesced(server) else found
            last = found if last is None else last
            if last is not None:
                weight = facts[server].weight
                if last.weight != weight:
                    last = _with_weight(last, weight, before)
                known[server] = last
        return known

    def _quiesced(
        self, decision: Decision, entries: Mapping[RealServer, Entry]
    ) -> frozenset[RealServer]:
        quiet = {
            server
            for server, place in decision.places.items()
            if place.presence is Presence.QUIET and server in entries
        }
        # Until it is seen with its weight again: the kernel may have refused.
        still = {
            server
            for server in self._record.quiesced & entries.keys()
            if (found := self._present.get(server)) and found.weight == 0
        }
        return frozenset((quiet | still) & self._intent.seats.keys())

    def _forced(self, server: RealServer) -> Forced | None:
        forced = self._around.forced
        return forced.get((self._intent.key, server)) if forced else None

    def _cause(self, server: RealServer, place: Place) -> Cause:
        forced = self._forced(server)
        if place.because in _FORCED and forced is not None:
            return Cause(why=Why.OPERATOR, text=told(forced))
        ballot = self._ballots.get(server)
        if place.because in _GUARDED and ballot is not None:
            if ballot.guard is None:
                return Cause(why=Why.CONFIG, text="declared")
            guard, health = ballot.guard, ballot.health
            return Cause(
                why=Why.GUARD, service=guard.service, host=guard.host, health=health
            )
        return Cause(why=Why.POOL, text=place.because.value)


def _stands_so(found: Entry, spec: EntrySpec, weight: int) -> bool:
    """Whether an entry is as stated, with `weight` (a tunnel stated is compared whole)."""
    return (
        found.weight == weight
        and spec.tunnel is None
        and spec.forwarding in (None, found.forwarding)
        and spec.upper in (None, found.upper)
        and spec.lower in (None, found.lower)
    )


def _with_weight(last: Entry, weight: int, before: Entry | None) -> Entry:
    """Return `last` with another weight; `before`, if that is the same."""
    if (
        before is not None
        and before.weight == weight
        and before.forwarding is last.forwarding
        and (before.upper, before.lower) == (last.upper, last.lower)
        and before.tunnel == last.tunnel
    ):
        return before
    return replace(last, weight=weight)


def told(forced: Forced) -> str:
    """Say in a few words what an operator has decided."""
    why = f": {forced.why}" if forced.why else ""
    return f"{forced.act.value} by {forced.who or 'somebody'}{why}"


def worth_keeping(intent: Intent, decision: Decision, *, forced: bool) -> bool:
    """Whether a pool's state says more than that it follows its guards."""
    if intent.policy != PLAIN or intent.fallback is not None or forced:
        return True
    members = decision.state.members.values()
    return any(each.stood is not None or each.drains is not None for each in members)
