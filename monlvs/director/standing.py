"""Decisions that stand, for nothing that they were made of has changed since.

A pass decides on each virtual service, and finds nearly always that it is as it should
be. What it has found so is not gone through again while the very same objects are in
play: what is wanted, what stands, what is remembered. Whoever changes the health of a
guard says so (`forget`); what time or operators may change is not kept at all.
"""

from dataclasses import dataclass

from monlvs.director.intents import Intent
from monlvs.director.ledger import Record
from monlvs.director.notes import Note
from monlvs.model.lvs import Pool, VirtualKey


@dataclass(frozen=True, slots=True)
class _Found:
    intent: Intent
    pool: Pool | None
    record: Record
    notes: tuple[Note, ...]


class Standing:
    """Which virtual services are as they should be, and what is to be noted of them."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[VirtualKey, _Found] = {}

    def notes(
        self, intent: Intent, pool: Pool | None, record: Record
    ) -> tuple[Note, ...] | None:
        """Return the notes of a service that is still as it should be; None: decide."""
        found = self._found.get(intent.key)
        if (
            found is None
            or found.intent is not intent
            or found.pool is not pool
            or found.record is not record
        ):
            return None
        return found.notes

    def keep(
        self,
        intent: Intent,
        pool: Pool | None,
        record: Record,
        notes: tuple[Note, ...],
    ) -> None:
        """Remember that `pool` is as it should be."""
        self._found[intent.key] = _Found(intent, pool, record, notes)

    def forget(self, key: VirtualKey) -> None:
        """Decide on a service anew: the health of one of its guards has changed."""
        self._found.pop(key, None)
