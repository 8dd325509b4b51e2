"""The fewest changes that turn one table into another, in a harmless order.

Rule 1: set, never delete and add again; connections of what stays go on.
Rule 2: all that brings servers in comes before all that takes servers out, so that no
        virtual service is left without a server on the way from one to another.
Rule 3: what both tables have alike is not mentioned; whoever wants an entry left alone
        gives it to `desired` as `current` has it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from types import MappingProxyType
from typing import Final, Protocol, TypeAlias

from monlvs.director.canonical import same_entry
from monlvs.director.changes import (
    UNEXPLAINED,
    AddServer,
    AddService,
    Cause,
    Change,
    DeleteServer,
    DeleteService,
    Item,
    SetServer,
    SetService,
    Why,
)
from monlvs.model.lvs import Pool, RealServer, Table, VirtualKey


class Causes(Protocol):
    """Says why an item is to change: a mapping, or what is asked like one."""

    def get(self, item: Item, usual: Cause, /) -> Cause:
        """Return the cause; `usual`, where it is not known."""


Policy: TypeAlias = Callable[[Sequence[Change]], tuple[Change, ...]]
"""Decides which of the planned changes are made."""

_NO_CAUSES: Final[Causes] = MappingProxyType({})


def plan(
    current: Table, desired: Table, causes: Causes = _NO_CAUSES
) -> tuple[Change, ...]:
    """Compute the changes that make `desired` out of `current`, in their order.

    Both tables are canonical. `causes` says why an item is to change, where known.
    """
    bringing: list[Change] = []
    taking: list[Change] = []
    for key, wanted in desired.items():
        found = current.get(key)
        if found is wanted:
            continue
        bringing += _make_service(found, wanted, causes)
        for change in _make_servers(found, wanted, causes):
            (taking if takes_out(change) else bringing).append(change)
    for key in current:
        if key not in desired:
            cause = causes.get((key, None), UNEXPLAINED)
            taking.append(DeleteService(key=key, cause=cause))
    return (*bringing, *taking)


def _make_service(
    found: Pool | None, wanted: Pool, causes: Causes
) -> Iterator[AddService | SetService]:
    service = wanted.service
    if found is not None and found.service == service:
        return
    cause = causes.get((service.key, None), UNEXPLAINED)
    if found is None:
        yield AddService(service=service, cause=cause)
    else:
        yield SetService(service=service, cause=cause)


def _make_servers(
    found: Pool | None, wanted: Pool, causes: Causes
) -> Iterator[AddServer | SetServer | DeleteServer]:
    """Adds, then sets with raised weights first, then deletes."""
    service, key = wanted.service, wanted.service.key
    standing = {} if found is None else found.entries
    sets: list[SetServer] = []
    for server, entry in wanted.entries.items():
        present = standing.get(server)
        if present is entry:
            continue
        if present is None:
            cause = causes.get((key, server), UNEXPLAINED)
            yield AddServer(parent=service, entry=entry, cause=cause)
        elif not same_entry(present, entry):
            cause = causes.get((key, server), UNEXPLAINED)
            sets.append(SetServer(parent=service, entry=entry, cause=cause))
    yield from sorted(sets, key=lambda change: change.entry.weight == 0)
    for server in standing:
        if server not in wanted.entries:
            cause = causes.get((key, server), UNEXPLAINED)
            yield DeleteServer(key=key, server=server, cause=cause)


def takes_out(change: Change) -> bool:
    """Whether new connections may have one server less after `change`."""
    match change:
        case DeleteServer() | DeleteService():
            return True
        case SetServer(entry=entry):
            return entry.weight == 0
        case _:
            return False


def phases(changes: Iterable[Change]) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Divide `changes` into those that bring servers in and those that take them out."""
    bringing: list[Change] = []
    taking: list[Change] = []
    for change in changes:
        (taking if takes_out(change) else bringing).append(change)
    return tuple(bringing), tuple(taking)


def without_replacement(
    taking: Iterable[Change], *, refused: Set[Item], desired: Table
) -> frozenset[Item]:
    """Name what must not go yet: all that should replace it was refused.

    A virtual service that shall have servers and would get none of them keeps the ones
    it has, until the kernel takes the new ones.
    """
    stuck = {key for key, server in refused if server is not None}
    return frozenset(
        change.item
        for change in taking
        if change.item[0] in stuck and _none_left(change.item[0], refused, desired)
    )


def _none_left(key: VirtualKey, refused: Set[Item], desired: Table) -> bool:
    pool = desired.get(key)
    if pool is None:
        return False
    serving = _serving(pool)
    return bool(serving) and all((key, server) in refused for server in serving)


def _serving(pool: Pool) -> frozenset[RealServer]:
    return frozenset(server for server, entry in pool.entries.items() if entry.weight)


def alike(first: Table, second: Table, item: Item) -> bool:
    """Say whether both tables say the same of `item`."""
    key, server = item
    one, two = first.get(key), second.get(key)
    if server is None:
        return (one and one.service) == (two and two.service)
    return (one and one.entries.get(server)) == (two and two.entries.get(server))


def report_only(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Make none of `changes`."""
    del changes
    return ()


def drift_reported_for(keys: Set[VirtualKey]) -> Policy:
    """Make all changes but those that repair drift in the services of `keys`."""

    def policy(changes: Sequence[Change]) -> tuple[Change, ...]:
        if not keys:
            return tuple(changes)
        return tuple(
            change
            for change in changes
            if change.cause.why is not Why.DRIFT or change.item[0] not in keys
        )

    return policy


def others(planned: Sequence[Change], made: Sequence[Change]) -> tuple[Change, ...]:
    """Return those of `planned` that are not among those to be `made`."""
    if len(made) == len(planned):
        return ()
    kept = {change.item for change in made}
    return tuple(change for change in planned if change.item not in kept)
