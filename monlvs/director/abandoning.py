"""What becomes of a virtual service that nobody configures any more: pure."""

from types import MappingProxyType
from typing import Final

from monlvs.director.changes import Cause, Item, Why
from monlvs.director.ledger import Record, restored
from monlvs.director.notes import Note, NoteKind
from monlvs.model.lvs import Pool

NO_LONGER: Final = Cause(why=Why.CONFIG, text="no longer configured")


def abandon(
    pool: Pool, record: Record, causes: dict[Item, Cause], notes: list[Note]
) -> Pool | None:
    """Keep of a service that nobody configures what monlvs did not put there.

    One that others created becomes again what it was before it was altered.
    """
    key = pool.service.key
    ours = record.added & pool.entries.keys()
    for server in ours:
        causes[key, server] = NO_LONGER
    others = {s: entry for s, entry in pool.entries.items() if s not in ours}
    if record.service is not None:
        if not others:
            causes[key, None] = NO_LONGER
            return None
        notes.append(Note(kind=NoteKind.LEFTOVER, key=key))
    service = restored(record, pool.service)
    if service != pool.service:
        causes[key, None] = NO_LONGER
    elif not ours:
        return pool
    return Pool(service=service, entries=MappingProxyType(others))


def what_is_left(record: Record, pool: Pool) -> Record:
    """Return what is still to be remembered of it."""
    found = pool.service
    return Record(
        service=record.service,
        altered=record.altered if restored(record, found) != found else None,
        added=record.added & pool.entries.keys(),
    )
