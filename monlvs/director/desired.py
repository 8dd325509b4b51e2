"""The table as it should be: from configuration, health, what stands, what is known.

Rule 1: what is not ours is in `desired` exactly as in `current`, so no plan touches it.
Rule 2: what is not stated is as it stands, else as it last stood, else the default.
Rule 3: what is not known (Health.UNKNOWN) is as it is: present stays, absent stays out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from monlvs.core.places import Decision, State
from monlvs.director.abandoning import abandon, what_is_left
from monlvs.director.ballot import Healths
from monlvs.director.case import Case
from monlvs.director.changes import Cause, Item
from monlvs.director.intents import Intent, Intents
from monlvs.director.ledger import NOTHING, Ledger, Record
from monlvs.director.notes import Note
from monlvs.director.pooling import NOTHING_AROUND, Around, worth_keeping
from monlvs.director.standing import Standing
from monlvs.model.lvs import Pool, Table, VirtualKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """The outcome: a whole table, why it differs from the current, what to remember."""

    table: Table
    causes: Mapping[Item, Cause] = field(default_factory=lambda: MappingProxyType({}))
    notes: tuple[Note, ...] = ()
    ledger: Ledger = field(default_factory=lambda: MappingProxyType({}))
    decisions: Mapping[VirtualKey, Decision] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """On pools that are more than their guards."""
    states: Mapping[VirtualKey, State] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """What to remember of pools."""


def desire(
    intents: Intents,
    healths: Healths,
    *,
    current: Table,
    ledger: Ledger,
    around: Around = NOTHING_AROUND,
    standing: Standing | None = None,
) -> Desired:
    """Compute the desired table; `around` is what decides about pools besides health.

    `current` is canonical, as the tables of this package are read. The ledger that
    comes out holds what was seen and decided; what is then really made is added to it
    by `ledger.after`. `standing` spares what it knows to be as it should be, and takes
    what is found to be so; the outcome is the same.
    """
    draft = _Draft(healths, around, standing or Standing())
    for key, pool in current.items():
        if key not in intents:
            draft.leave(pool, ledger.get(key, NOTHING))
    for key, intent in intents.items():
        draft.settle(intent, current.get(key), ledger.get(key, NOTHING))
    return draft.whole()


class _Draft:
    """A desired table in the making."""

    def __init__(self, healths: Healths, around: Around, standing: Standing) -> None:
        self._healths = healths
        self._around = around
        self._standing = standing
        self._table: dict[VirtualKey, Pool] = {}
        self._causes: dict[Item, Cause] = {}
        self._notes: list[Note] = []
        self._records: dict[VirtualKey, Record] = {}
        self._decisions: dict[VirtualKey, Decision] = {}
        self._states: dict[VirtualKey, State] = {}

    def leave(self, pool: Pool, record: Record) -> None:
        """Say what becomes of a service that nobody configures."""
        kept = abandon(pool, record, self._causes, self._notes)
        self._put(pool.service.key, kept, what_is_left(record, pool))

    def settle(self, intent: Intent, pool: Pool | None, record: Record) -> None:
        """Decide on a service, unless what was decided still stands."""
        if self._around.concerns(intent):
            self._decide(intent, pool, record)
            return
        notes = self._standing.notes(intent, pool, record)
        if notes is not None:
            self._notes += notes
            self._put(intent.key, pool, record)
            return
        causes, noted = len(self._causes), len(self._notes)
        case = self._decide(intent, pool, record)
        as_it_should_be = case.wanted is pool and case.record is record
        if as_it_should_be and len(self._causes) == causes:
            self._standing.keep(intent, pool, record, tuple(self._notes[noted:]))

    def whole(self) -> Desired:
        """Return it; nothing is added any more."""
        return Desired(
            table=MappingProxyType(self._table),
            causes=MappingProxyType(self._causes),
            notes=tuple(self._notes),
            ledger=MappingProxyType(self._records),
            decisions=MappingProxyType(self._decisions),
            states=MappingProxyType(self._states),
        )

    def _decide(self, intent: Intent, pool: Pool | None, record: Record) -> Case:
        key, around = intent.key, self._around
        case = Case(intent, pool, record, self._causes, self._notes)
        case.decide(self._healths, around)
        self._put(key, case.wanted, case.record)
        if case.decision is not None:
            self._decisions[key] = case.decision
            if worth_keeping(intent, case.decision, forced=key in around.touched):
                self._states[key] = case.decision.state
        return case

    def _put(self, key: VirtualKey, pool: Pool | None, record: Record) -> None:
        if pool is not None:
            self._table[key] = pool
        if record is not NOTHING and record != NOTHING:
            self._records[key] = record
