"""What monlvs must remember of the table, across restarts.

The kernel cannot say who made an entry, what an entry that is out looked like, or why a
weight is 0. A ledger says it, by virtual service.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeAlias

from monlvs.director import plain
from monlvs.director.changes import AddServer, AddService, Change, Why
from monlvs.model.lvs import Entry, Pool, RealServer, VirtualKey, VirtualService


@dataclass(frozen=True, slots=True, kw_only=True)
class Alteration:
    """A virtual service of somebody else's that was made as declared."""

    before: VirtualService
    after: VirtualService


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is remembered of one virtual service."""

    service: VirtualService | None = None
    """As monlvs created it; None: somebody else did."""
    stood: VirtualService | None = None
    """A declared one as it last stood, where the configuration left that to others."""
    altered: Alteration | None = None
    """What monlvs has changed of one that somebody else created, for a clear."""
    added: frozenset[RealServer] = frozenset()
    """Real servers that monlvs put there first."""
    known: Mapping[RealServer, Entry] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """Watched entries as they last stood, for when they come back."""
    quiesced: frozenset[RealServer] = frozenset()
    """Real servers whose weight 0 is monlvs's doing."""
    withheld: Pool | None = None
    """The virtual service as it was when it was withheld."""


NOTHING = Record()

Ledger: TypeAlias = Mapping[VirtualKey, Record]


def after(ledger: Ledger, made: Iterable[Change]) -> Ledger:
    """Add to `ledger` what the changes `made` put into the table for the first time.

    What is put back after drift, or after a failure, stays whose it was.
    """
    records = dict(ledger)
    added: dict[VirtualKey, set[RealServer]] = {}
    for change in made:
        match change:
            case AddService(service=service, cause=cause):
                record = records.get(service.key, NOTHING)
                if cause.why is not Why.DRIFT and record.withheld is None:
                    records[service.key] = replace(record, service=service)
            case AddServer(parent=parent, entry=entry):
                record = records.get(parent.key, NOTHING)
                if not _seen_before(record, entry.server):
                    added.setdefault(parent.key, set()).add(entry.server)
            case _:
                pass
    for key, servers in added.items():
        record = records.get(key, NOTHING)
        records[key] = replace(record, added=record.added | servers)
    return MappingProxyType(records)


def altering(record: Record, found: VirtualService, wanted: VirtualService) -> Record:
    """Remember how a service is `found` that is `wanted` otherwise from now on.

    What monlvs created it may leave as it likes; of another's the first look counts.
    """
    before = found if record.altered is None else record.altered.before
    if record.service is not None or wanted == before:
        altered = None
    else:
        altered = Alteration(before=before, after=wanted)
    return record if altered == record.altered else replace(record, altered=altered)


def restored(record: Record, found: VirtualService) -> VirtualService:
    """Return what a service was before it was altered; `found` if it is not as monlvs
    has left it, or was never altered."""
    altered = record.altered
    return found if altered is None or found != altered.after else altered.before


def _seen_before(record: Record, server: RealServer) -> bool:
    withheld = record.withheld
    return server in record.known or (
        withheld is not None and server in withheld.entries
    )


def to_plain(ledger: Ledger) -> list[dict[str, Any]]:
    """Turn `ledger` into lists, dicts and scalars, for a state file."""
    return [_to_plain(key, record) for key, record in ledger.items()]


class Speller:
    """Spells a ledger for a state file, again and again.

    Most records are the same objects from one save to the next: those are not spelled
    anew. A ledger of ten thousand real servers would hold up a storm for longer than
    all else that the storm takes.
    """

    def __init__(self) -> None:
        self._known: dict[VirtualKey, tuple[Record, str]] = {}

    def spell(self, ledger: Ledger) -> Iterator[str]:
        """Yield each item of what `to_plain` returns as JSON."""
        known: dict[VirtualKey, tuple[Record, str]] = {}
        for key, record in ledger.items():
            spelled = self._known.get(key)
            if spelled is None or spelled[0] is not record:
                spelled = record, json.dumps(_to_plain(key, record))
            known[key] = spelled
            yield spelled[1]
        self._known = known


def _to_plain(key: VirtualKey, record: Record) -> dict[str, Any]:
    return {
        "key": plain.key_to_plain(key),
        "service": record.service and plain.service_to_plain(record.service),
        "stood": record.stood and plain.service_to_plain(record.stood),
        "altered": record.altered and _alteration_to_plain(record.altered),
        "added": [plain.server_to_plain(server) for server in in_order(record.added)],
        "known": [plain.entry_to_plain(entry) for entry in record.known.values()],
        "quiesced": [
            plain.server_to_plain(server) for server in in_order(record.quiesced)
        ],
        "withheld": record.withheld and plain.pool_to_plain(record.withheld),
    }


def _alteration_to_plain(altered: Alteration) -> dict[str, Any]:
    return {
        "before": plain.service_to_plain(altered.before),
        "after": plain.service_to_plain(altered.after),
    }


def _alteration(data: dict[str, Any]) -> Alteration:
    return Alteration(
        before=plain.service_from_plain(data["before"]),
        after=plain.service_from_plain(data["after"]),
    )


def from_plain(data: list[dict[str, Any]]) -> Ledger:
    """Undo `to_plain`. Raises ValueError for anything else."""
    try:
        return MappingProxyType(
            {plain.key_from_plain(each["key"]): _record(each) for each in data}
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"not a ledger: {error!r}") from error


def _record(data: dict[str, Any]) -> Record:
    known = [plain.entry_from_plain(each) for each in data["known"]]
    service, withheld = data["service"], data["withheld"]
    # Both are unknown to the ledgers of 0.1.0.
    stood, altered = data.get("stood"), data.get("altered")
    return Record(
        service=None if service is None else plain.service_from_plain(service),
        stood=None if stood is None else plain.service_from_plain(stood),
        altered=None if altered is None else _alteration(altered),
        added=frozenset(map(plain.server_from_plain, data["added"])),
        known=MappingProxyType({entry.server: entry for entry in known}),
        quiesced=frozenset(map(plain.server_from_plain, data["quiesced"])),
        withheld=None if withheld is None else plain.pool_from_plain(withheld),
    )


def in_order(servers: frozenset[RealServer]) -> list[RealServer]:
    """Sort for a file that differs only where the ledger does."""
    return sorted(servers, key=lambda server: (str(server.address), server.port))
