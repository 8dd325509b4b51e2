"""One virtual service under decision."""

from collections.abc import Mapping, Set
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from monlvs.core.places import Decision
from monlvs.core.slowstart import UNSCALABLE
from monlvs.director.abandoning import NO_LONGER
from monlvs.director.ballot import Ballot, Healths, Vote, vote
from monlvs.director.changes import Cause, Item, Why
from monlvs.director.intents import Intent, Seat
from monlvs.director.ledger import Record, altering
from monlvs.director.notes import Note, NoteKind, of_pool
from monlvs.director.pooling import Around, Pooling
from monlvs.director.stated import entry_as_stated, service_as_stated
from monlvs.model.lvs import (
    Entry,
    OnFailure,
    Pool,
    RealServer,
    ServiceSpec,
    Undeclared,
    VirtualService,
)

_NO_ENTRIES: Final[Mapping[RealServer, Entry]] = MappingProxyType({})
_UNDECLARED: Final = Cause(why=Why.CONFIG, text="declared nowhere")
_DECLARED: Final = Cause(why=Why.CONFIG, text="declared")
_BUILT: Final = Cause(why=Why.CONFIG, text="the alert builds it (-B)")
_REMEMBERED: Final = Cause(why=Why.CONFIG, text="created by monlvs before")


class Case:
    """One virtual service under decision."""

    def __init__(
        self,
        intent: Intent,
        pool: Pool | None,
        record: Record,
        causes: dict[Item, Cause],
        notes: list[Note],
    ) -> None:
        self.intent = intent
        self.key = intent.key
        self.pool = pool
        self.record = record
        self.causes = causes
        self.notes = notes
        self.decision: Decision | None = None
        self.wanted: Pool | None = None

    def decide(self, healths: Healths, around: Around) -> None:
        """Find what is `wanted`, and the `record` that is to be remembered then."""
        ballot = Ballot(Vote.IN)
        if self.intent.withheld_by:
            ballot = vote(self.intent.withheld_by, healths)
        absent = self.pool is None
        if ballot.vote is Vote.OUT or (
            ballot.vote is Vote.AS_IS and absent and self.record.withheld is not None
        ):
            self._withhold(ballot)
            return
        # A service that comes back comes back as it was, others' servers included.
        standing = self.pool or self.record.withheld
        if around.concerns(self.intent):
            entries = self._pooled(standing, healths, around)
        else:
            entries = self._entries(standing, healths)
        service = self._service(standing, entries, ballot)
        if self.pool is None and standing is not None:
            cause = _guarded(ballot)
            for server in entries:
                self.causes.setdefault((self.key, server), cause)
        if self.pool is not None and self.record.withheld is not None:
            self.record = replace(self.record, withheld=None)
        if service is not None:
            self.wanted = self._pool(service, entries)

    def _pool(
        self, service: VirtualService, entries: Mapping[RealServer, Entry]
    ) -> Pool:
        pool = self.pool
        if pool is not None and pool.service == service and pool.entries == entries:
            return pool
        return Pool(service=service, entries=MappingProxyType(entries))

    def _withhold(self, ballot: Ballot) -> None:
        self.notes.append(Note(kind=NoteKind.WITHHELD, key=self.key, text=_who(ballot)))
        pool = self.pool
        if pool is None:
            return
        self.causes[self.key, None] = _guarded(ballot)
        others = pool.entries.keys() - self.intent.seats.keys()
        if others:
            names = ", ".join(sorted(map(str, others)))
            self.notes.append(
                Note(kind=NoteKind.WITHHELD_OTHERS, key=self.key, text=names)
            )
        if self.record.withheld is None:
            self.record = replace(self.record, withheld=pool)

    def _service(
        self,
        standing: Pool | None,
        entries: Mapping[RealServer, Entry],
        ballot: Ballot,
    ) -> VirtualService | None:
        service, cause = self._whose(standing, needed=bool(entries))
        if self.pool is None or service != self.pool.service:
            self.causes[self.key, None] = _guarded(ballot) if ballot.guard else cause
        if service is None and entries:
            self.notes.append(Note(kind=NoteKind.MISSING_SERVICE, key=self.key))
        return service

    def _whose(
        self, standing: Pool | None, *, needed: bool
    ) -> tuple[VirtualService | None, Cause]:
        if self.intent.service is not None:
            return self._declared(self.intent.service, standing), _DECLARED
        if standing is not None:
            return standing.service, _REMEMBERED
        if self.record.service is not None:
            return self.record.service, _REMEMBERED
        if needed:
            return self.intent.builds, _BUILT
        return None, _DECLARED

    def _declared(self, spec: ServiceSpec, standing: Pool | None) -> VirtualService:
        """Complete what is declared, and remember what that leaves to others."""
        last = self.record.stood or self.record.service
        wanted = service_as_stated(spec, standing.service if standing else last)
        unstated = wanted != service_as_stated(spec, None)
        stood = wanted if unstated else None
        if stood != self.record.stood:
            self.record = replace(self.record, stood=stood)
        if self.pool is not None:
            self.record = altering(self.record, self.pool.service, wanted)
        return wanted

    def _entries(
        self, standing: Pool | None, healths: Healths
    ) -> dict[RealServer, Entry]:
        present = _NO_ENTRIES if standing is None else standing.entries
        wanted: dict[RealServer, Entry] = {}
        self._keep_undeclared(present, wanted)
        known: dict[RealServer, Entry] = {}
        quiesced: set[RealServer] = set()
        for server, seat in self.intent.seats.items():
            found = present.get(server)
            ballot = vote(seat.guards, healths)
            entry, ours = self._entry(seat, found, ballot)
            if entry is not None:
                wanted[server] = entry
            if entry is not found:
                why = _guarded(ballot) if ballot.guard else _DECLARED
                self.causes[self.key, server] = why
            if ours:
                quiesced.add(server)
            last = self._last_seen(server, found)
            if last is not None:
                known[server] = last
        self._remember(known, frozenset(quiesced), present)
        return wanted

    def _pooled(
        self, standing: Pool | None, healths: Healths, around: Around
    ) -> dict[RealServer, Entry]:
        """Decide on a pool that is more than its guards."""
        present = _NO_ENTRIES if standing is None else standing.entries
        stated = self.intent.service
        intent = self._that_can_rise(standing)
        held = standing.service.persistence if standing else None
        persistent = (
            held if stated is None or stated.persistence is None else stated.persistence
        )
        pooling = Pooling(
            intent, self.record, present, around, persistent=bool(persistent)
        )
        wanted: dict[RealServer, Entry] = {}
        fallback = {self.intent.fallback.server} if self.intent.fallback else set()
        self._keep_undeclared(present, wanted, pooling.leaving() | fallback)
        found = pooling.decide(healths)
        self.decision = found.decision
        wanted.update(found.entries)
        for server, cause in found.causes.items():
            self.causes[self.key, server] = cause
        self.notes.extend(of_pool(self.key, found.decision))
        self._remember(found.known, found.quiesced, present)
        return wanted

    def _that_can_rise(self, standing: Pool | None) -> Intent:
        """Leave slow_start out where an adopted scheduler makes no sense of it."""
        stated = self.intent.service
        scheduler = None if stated is None else stated.scheduler
        if scheduler is None and standing is not None:
            scheduler = standing.service.scheduler
        policy = self.intent.policy
        if policy.slow_start is None or scheduler not in UNSCALABLE:
            return self.intent
        note = Note(kind=NoteKind.NO_RISE, key=self.key, text=f"scheduler {scheduler}")
        self.notes.append(note)
        return replace(self.intent, policy=replace(policy, slow_start=None))

    def _keep_undeclared(
        self,
        present: Mapping[RealServer, Entry],
        wanted: dict[RealServer, Entry],
        decided: Set[RealServer] = frozenset(),
    ) -> None:
        """Keep what nobody states; on `decided` something else decides."""
        seats, added = self.intent.seats, self.record.added
        removes = self.intent.undeclared is Undeclared.REMOVE
        for server, entry in present.items():
            if server in seats or server in decided:
                continue
            if server in added:
                self.causes[self.key, server] = NO_LONGER
            elif removes:
                self.causes[self.key, server] = _UNDECLARED
            else:
                wanted[server] = entry
                note = Note(kind=NoteKind.UNDECLARED, key=self.key, server=server)
                self.notes.append(note)

    def _entry(
        self, seat: Seat, found: Entry | None, ballot: Ballot
    ) -> tuple[Entry | None, bool]:
        """Say what should stand, and whether its weight 0 is our doing."""
        spec = seat.spec
        was_ours = spec.server in self.record.quiesced
        quiesces = self.intent.on_failure is OnFailure.QUIESCE
        match ballot.vote:
            case Vote.IN:
                memory = self._last_seen(spec.server, found)
                # Until it is seen with its weight again: the kernel may have refused.
                still = was_ours and found is not None and found.weight == 0
                return entry_as_stated(spec, found, memory), still
            case Vote.OUT:
                if found is None or not quiesces:
                    return None, False
                return entry_as_stated(replace(spec, weight=0), found, found), True
            case Vote.AS_IS:
                if found is None:
                    return None, False
                # A weight 0 found at a start may be a failure seen before it.
                if found.weight == 0 and (was_ours or quiesces):
                    return entry_as_stated(replace(spec, weight=0), found, found), True
                return entry_as_stated(spec, found, found), False

    def _last_seen(self, server: RealServer, found: Entry | None) -> Entry | None:
        """Say how the entry stands, or last stood before it was taken out."""
        if found is None or (server in self.record.quiesced and found.weight == 0):
            return self.record.known.get(server, found)
        return found

    def _remember(
        self,
        known: Mapping[RealServer, Entry],
        quiesced: frozenset[RealServer],
        present: Mapping[RealServer, Entry],
    ) -> None:
        record = self.record
        seats = self.intent.seats
        added = frozenset(s for s in record.added if s in seats or s in present)
        if (known, quiesced, added) != (record.known, record.quiesced, record.added):
            self.record = replace(
                record,
                known=MappingProxyType(known),
                quiesced=quiesced,
                added=added,
            )


def _guarded(ballot: Ballot) -> Cause:
    guard = ballot.guard
    if guard is None:
        return Cause(why=Why.GUARD)
    return Cause(
        why=Why.GUARD, service=guard.service, host=guard.host, health=ballot.health
    )


def _who(ballot: Ballot) -> str:
    return "" if ballot.guard is None else str(_guarded(ballot))
