"""`list`, and the views that narrow it (moncmd(1))."""

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator

from monlvs.model.mon import Alias
from monlvs.model.values import Host
from monlvs.model.watch import ServiceKey
from monlvs.mon import listings, replies
from monlvs.mon.listings import DisabledThings
from monlvs.mon.opstatus import opstatus_line
from monlvs.mon.replies import Reply
from monlvs.runtime.noted import alert_entry, epoch, failure_entry
from monlvs.server.facts import standing_of
from monlvs.server.reply import Awaited, Stream
from monlvs.server.request import Request

Listing = Callable[[Request], Awaited]


def answer(request: Request) -> Awaited:
    """`list WHAT …`."""
    listing = _LISTINGS.get(request.command.word(0))
    return listings.UNKNOWN_LIST if listing is None else listing(request)


def set_view(request: Request) -> Reply:
    """`setview [NAME]`: what this client sees from now on."""
    name = request.command.word(0)
    if len(request.command.words) > 1:
        return Reply(500, "Unknown setview command")
    if name and all(v.name != name for v in request.control.engine.config.views):
        return replies.unknown_view(name)
    request.session.view = name
    return replies.view_set(name)


def get_view(request: Request) -> Reply:
    """`getview`."""
    return replies.view_got(request.session.view)


def keys_in_view(request: Request) -> list[ServiceKey]:
    """Return the services that the client wants to see, in configured order."""
    groups = _groups_in_view(request)
    watched = request.control.engine.watched
    return [key for key in watched if groups is None or key.group in groups]


def _groups_in_view(request: Request) -> frozenset[str] | None:
    """Return the groups of the client's view, or None where it sees all.

    A view that a reset took away hides nothing.
    """
    for view in request.control.engine.config.views:
        if view.name == request.session.view:
            return frozenset(view.groups)
    return None


def _state(request: Request) -> Reply:
    stopped = request.control.engine.stopped
    return listings.state(None if stopped is None else epoch(stopped.at))


def _pids(request: Request) -> Reply:
    running = request.control.pids().items()
    return listings.pids(
        os.getpid(),
        ((key.group, key.service, pid) for key, pids in running for pid in pids),
    )


def _watch(request: Request) -> Reply:
    return listings.watch(keys_in_view(request))


def _descriptions(request: Request) -> Reply:
    watched = request.control.engine.watched
    told = ((key, watched[key].service.description) for key in keys_in_view(request))
    return listings.descriptions((*key, text) for key, text in told if text is not None)


def _group(request: Request) -> Reply:
    name = request.command.after(1)
    for watch in request.control.engine.config.watches:
        if watch.group.name == name:
            off = _disabled_hosts(request, watch.group.disabled)
            hosts = watch.group.hosts
            return listings.group(name, ((host, host in off) for host in hosts))
    return listings.NO_SUCH_GROUP


def _disabled_hosts(request: Request, configured: frozenset[Host]) -> frozenset[Host]:
    return configured.union(request.control.engine.disabled_hosts)


def _opstatus(request: Request) -> Reply | Stream:
    """All services, or those of `G,S` and `G` after it."""
    words = request.command.after(1).split()
    if not words:
        return _stream(request, keys_in_view(request), listings.opstatus(()))
    watched, wanted = request.control.engine.watched, list[ServiceKey]()
    for asked in listings.requested(words):
        if asked.service is None:
            wanted += (key for key in watched if key.group == asked.group)
            continue
        key = ServiceKey(asked.group, asked.service)
        if key not in watched:
            return listings.no_such_service(*key)
        wanted.append(key)
    return _stream(request, wanted, listings.opstatus(()))


def _failures(request: Request) -> Stream:
    keys = _by_failure(request, failing=True)
    return _stream(request, keys, listings.failures(()))


def _successes(request: Request) -> Stream:
    keys = _by_failure(request, failing=False)
    return _stream(request, keys, listings.successes(()))


def _warnings(_request: Request) -> Reply:
    return listings.WARNINGS


def _by_failure(request: Request, *, failing: bool) -> list[ServiceKey]:
    states = request.control.engine.states
    return [
        key
        for key in keys_in_view(request)
        if states[key].standing.opstatus.is_failure is failing
    ]


def _stream(request: Request, keys: Iterable[ServiceKey], end: Reply) -> Stream:
    return Stream(_lines(request, keys), end)


def _lines(request: Request, keys: Iterable[ServiceKey]) -> Iterator[str]:
    for key in keys:
        # A reset may take a service away while the list is being written.
        if key in request.control.engine.watched:
            yield opstatus_line(standing_of(request.control, key))


def _disabled(request: Request) -> Reply:
    engine, groups = request.control.engine, _groups_in_view(request)
    hosts = list[tuple[str, tuple[Host, ...]]]()
    for watch in engine.config.watches:
        off = _disabled_hosts(request, watch.group.disabled)
        named = tuple(host for host in watch.group.hosts if host in off)
        if named and (groups is None or watch.group.name in groups):
            hosts.append((watch.group.name, named))
    watches = (
        group for group in engine.disabled_watches if groups is None or group in groups
    )
    services = (
        key for key in keys_in_view(request) if engine.states[key].standing.disabled
    )
    things = DisabledThings(
        hosts=tuple(hosts), services=tuple(services), watches=tuple(watches)
    )
    return listings.disabled(things)


def _alerthist(request: Request) -> Reply:
    groups = _groups_in_view(request)
    noted = request.control.histories.alerts
    return listings.alerthist(
        alert_entry(entry)
        for entry in noted
        if groups is None or entry.service.group in groups
    )


def _failurehist(request: Request) -> Reply:
    groups = _groups_in_view(request)
    noted = request.control.histories.failures
    return listings.failurehist(
        failure_entry(entry)
        for entry in noted
        if groups is None or entry.service.group in groups
    )


async def _dtlog(request: Request) -> Reply:
    try:
        lines = await asyncio.to_thread(request.control.downtimes)
    except OSError as error:
        return replies.failed(f"list dtlog error, {error.strerror}")
    return listings.NO_DTLOG if lines is None else listings.dtlog(lines)


def _deps(request: Request) -> Reply:
    watched = request.control.engine.watched
    asked = (
        (key, watched[key].service.dependencies.depend) for key in keys_in_view(request)
    )
    return listings.deps((*key, depend.text if depend else "") for key, depend in asked)


def _views(request: Request) -> Reply:
    views = request.control.engine.config.views
    return listings.views(sorted(view.name for view in views))


def _aliases(request: Request) -> Reply:
    return listings.aliases((alias.name, alias.lines) for alias in _told(request))


def _aliasgroups(request: Request) -> Reply:
    return listings.aliasgroups([alias.name for alias in _told(request)])


def _told(request: Request) -> list[Alias]:
    """Return the aliases that stand for something; mon knows of no others."""
    return [alias for alias in request.control.engine.config.aliases if alias.lines]


_LISTINGS: dict[str, Listing] = {
    "state": _state,
    "pids": _pids,
    "watch": _watch,
    "descriptions": _descriptions,
    "group": _group,
    "opstatus": _opstatus,
    "failures": _failures,
    "successes": _successes,
    "warnings": _warnings,
    "disabled": _disabled,
    "alerthist": _alerthist,
    "failurehist": _failurehist,
    "dtlog": _dtlog,
    "deps": _deps,
    "views": _views,
    "aliases": _aliases,
    "aliasgroups": _aliasgroups,
}
