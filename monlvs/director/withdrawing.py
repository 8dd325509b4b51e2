"""What of a table is monlvs's when it is told to clear it, and what stays: pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from monlvs.director import spelling
from monlvs.director.intents import Intent, Intents
from monlvs.director.ledger import NOTHING, Ledger, Record, in_order
from monlvs.model.lvs import (
    Entry,
    Pool,
    RealServer,
    Table,
    VirtualKey,
    VirtualService,
)


def owning(ledger: Ledger, intents: Intents) -> Ledger:
    """Count as added by monlvs what is declared, whoever put it there.

    For a ledger that was lost, and for a table that monlvs was to take over.
    """
    records = dict(ledger)
    for key, intent in intents.items():
        record = records.get(key, NOTHING)
        service = record.service
        if service is None and intent.service is not None:
            service = VirtualService(key=key)
        added = record.added | _declared(intent)
        records[key] = replace(record, service=service, added=added)
    return MappingProxyType(records)


def staying(table: Table, ledger: Ledger, intents: Intents) -> tuple[str, ...]:
    """Tell what an operator might expect of a clear by `ledger` and does not get.

    What is declared stays where somebody else had put it before monlvs came. What of
    that monlvs has taken out, or given weight 0, stays so: its checks failed.
    """
    return tuple(
        words
        for key, intent in intents.items()
        for words in _staying(table.get(key), ledger.get(key, NOTHING), intent)
    )


def _staying(pool: Pool | None, record: Record, intent: Intent) -> Iterator[str]:
    key = intent.key
    present: Mapping[RealServer, Entry] = {} if pool is None else pool.entries
    others = (present.keys() & _declared(intent)) - record.added
    for server in in_order(frozenset(others)):
        weight = ", with weight 0: its checks failed"
        more = weight if server in record.quiesced else ""
        yield f"{_rule(key, server)} stays, since monlvs did not add it{more}"
    if pool is not None and record.service is None and not others and intent.service:
        yield f"{spelling.key_option(key)} stays, since monlvs did not create it"
    if record.service is not None and not others and present.keys() - record.added:
        yield f"{spelling.key_option(key)} stays, since others have real servers in it"
    for server, entry in record.known.items():
        if server not in present and server not in record.added:
            rule = spelling.entry_rule("-a", key, entry)
            yield (
                f"{_rule(key, server)} stays out, since its checks failed; it was "
                f"`ipvsadm {rule}`"
            )


def _declared(intent: Intent) -> frozenset[RealServer]:
    fallback = intent.fallback
    return frozenset(intent.seats) | ({fallback.server} if fallback else set())


def _rule(key: VirtualKey, server: RealServer) -> str:
    return f"{spelling.key_option(key)} -r {server}"
