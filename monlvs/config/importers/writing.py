"""A blueprint to the text of a mon_lvs.toml, in the short form where that can say it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from monlvs import plugins
from monlvs.config.importers import entries
from monlvs.config.importers.blueprint import (
    Blueprint,
    PlannedCheck,
    PlannedServer,
    PlannedVirtual,
    Telling,
    Timing,
    entry_for,
)
from monlvs.config.importers.remarks import Remarks
from monlvs.config.tomltext import key as spelled_key
from monlvs.config.tomltext import spelled
from monlvs.model.lvs import Listener, VirtualKey


def write(blueprint: Blueprint, remarks: Remarks) -> str:
    """Return the text of the file."""
    first = min((each.spot.at for each in blueprint.virtuals), default=0)
    top = remarks.take_spaced(0, first - 1)
    blocks = [top] if top else []
    for planned in blueprint.virtuals:
        checks = short_form(planned)
        above = remarks.take(planned.spot.at)
        if checks is None:
            lines = _long(planned, remarks)
        else:
            lines = _short(planned, checks, remarks)
        blocks.append([*above, *_trimmed(list(lines))])
    if rest := remarks.take_rest():
        blocks.append(rest)
    return "\n".join("\n".join(block) + "\n" for block in blocks)


def _trimmed(lines: list[str]) -> list[str]:
    while lines and not lines[-1]:
        lines.pop()
    return lines


def short_form(planned: PlannedVirtual) -> tuple[PlannedCheck, ...] | None:
    """Return the checks of the short form; None where only the long form can say it.

    The short form has one virtual service, and the same checks for all of its servers.
    """
    key = planned.keys[0]
    if len(planned.keys) > 1 or not isinstance(key, Listener) or not key.port:
        return None
    if any(server.down or server.up for server in planned.servers):
        return None
    told = [_as_told(server, key) for server in planned.servers]
    if not told or not told[0] or any(each != told[0] for each in told):
        return None
    timings = {check.timing for check in told[0]}
    return told[0] if len(timings) == 1 else None


def _as_told(server: PlannedServer, key: VirtualKey) -> tuple[PlannedCheck, ...]:
    """Leave out of a server's checks the port that goes without saying: the entry's."""
    own = entry_for(server.spec, key).server.port
    return tuple(
        replace(check, port=None if check.port == own else check.port)
        for check in server.checks
    )


def _short(
    planned: PlannedVirtual, checks: tuple[PlannedCheck, ...], remarks: Remarks
) -> Iterator[str]:
    key = planned.keys[0]
    assert isinstance(key, Listener)
    specs = [server.spec for server in planned.servers]
    method = entries.usual(specs)
    yield "[[lvs]]"
    yield from _inner_remarks(planned, remarks)
    yield from entries.pairs({"name": planned.name} | entries.vip(key))
    yield f'kind = "{entries.FORWARDING[method]}"'
    yield from _attributes(planned, key, method)
    yield "servers = ["
    for server in planned.servers:
        yield from (f"  {line}" for line in remarks.take(server.spot.at, server.last))
        yield f"  {entries.server(server.spec, key, method)},"
    yield "]"
    words = [_check(check) for check in checks]
    listed = ", ".join(words)
    yield f"check = {listed if len(words) == 1 else f'[{listed}]'}"
    yield from _timing(checks[0].timing)
    yield from entries.pairs({"description": planned.description})
    yield from _telling(planned.telling)


def _long(planned: PlannedVirtual, remarks: Remarks) -> Iterator[str]:
    inner = _inner_remarks(planned, remarks)
    for key in planned.keys:
        yield "[[virtual_service]]"
        yield from inner
        inner = []
        yield from entries.pairs(entries.virtual(key))
        yield from _attributes(planned, key, None)
        yield "servers = ["
        for server in planned.servers:
            yield f"  {entries.server(server.spec, key, None)},"
        yield "]"
        yield ""
    for name, server in zip(group_names(planned), planned.servers, strict=True):
        yield from remarks.take(server.spot.at, server.last)
        if not server.checks:
            continue
        yield f"[{spelled_key('hostgroup', name)}]"
        yield from entries.pairs({"hosts": [str(server.spec.server.address)]})
        for check in server.checks:
            yield ""
            yield from _service(planned, server, name, check)
        yield ""


def _service(
    planned: PlannedVirtual, server: PlannedServer, group: str, check: PlannedCheck
) -> Iterator[str]:
    path = spelled_key("watch", group, "service", check.service)
    yield f"[{path}]"
    yield f"monitor = {_monitor(check, entry_for(server.spec, planned.keys[0]).server.port)}"
    yield from _timing(check.timing)
    yield from entries.pairs({"description": planned.description})
    yield ""
    yield f"[[{path}.period]]"
    telling = planned.telling
    if check.timing.fall > 1:
        yield f"alertafter = {check.timing.fall}"
    yield from _often(telling)
    mail = [] if telling is None else [{"name": "mail", **telling.mail}]
    guards = [entries.guard(server.spec, key) for key in planned.keys]
    yield from _alerts("alert", [*mail, *server.down, *guards])
    yield from _alerts("upalert", [*mail, *server.up, *guards])


def group_names(planned: PlannedVirtual) -> list[str]:
    """Name the host group of each server, as the short form does."""
    seen = Counter(each.spec.server.address for each in planned.servers)
    names = []
    for each in planned.servers:
        server = each.spec.server
        told = f"{planned.name}-{server.address}".replace(":", "-")
        names.append(f"{told}-{server.port}" if seen[server.address] > 1 else told)
    return names


def _alerts(word: str, tables: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield f"{word} = ["
    yield from (f"  {spelled(dict(table))}," for table in tables)
    yield "]"


def _inner_remarks(planned: PlannedVirtual, remarks: Remarks) -> list[str]:
    """Take the comments inside a virtual service that are about no server of it."""
    found: list[str] = []
    at = planned.spot.at + 1
    for server in sorted(planned.servers, key=lambda each: each.spot.at):
        found += remarks.take(at, server.spot.at - 1)
        at = max(at, server.last + 1)
    return found + remarks.take(at, planned.last)


def _attributes(planned: PlannedVirtual, key: VirtualKey, method: Any) -> Iterator[str]:
    yield from entries.pairs(entries.balancing(planned, key, method))


def _timing(timing: Timing) -> Iterator[str]:
    told: dict[str, Any] = {"interval": timing.interval, "timeout": timing.timeout}
    if timing.fall > 1:
        told["fall"] = timing.fall
    told["failure_interval"] = timing.failure_interval
    yield from entries.pairs(told)


def _telling(telling: Telling | None) -> Iterator[str]:
    if telling is None:
        return
    mail = dict(telling.mail)
    to = mail["to"]
    alone = len(mail) == 1
    yield from entries.pairs(
        {"mail": mail if not alone else to[0] if len(to) == 1 else to}
    )
    yield from _often(telling)


def _often(telling: Telling | None) -> Iterator[str]:
    """Tell of an outage once, as both programs do, or as often as is asked for."""
    every = None if telling is None else telling.alertevery
    yield "numalerts = 1" if every is None else f"alertevery = {spelled(every)}"


def _check(check: PlannedCheck) -> str:
    """Spell a check of the short form, whose port is the entry's unless stated."""
    table: dict[str, Any] = {"name": check.monitor}
    if check.service != check.monitor:
        table["service"] = check.service
    if check.port is not None:
        table["port"] = check.port
    table |= check.options
    return spelled(table if len(table) > 1 else check.monitor)


def _monitor(check: PlannedCheck, own: int) -> str:
    """Spell a monitor of the long form, which knows no entry."""
    known = plugins.options(plugins.monitors()[check.monitor])
    table: dict[str, Any] = {"name": check.monitor}
    if any(option.name == "port" for option in known):
        table["port"] = check.port or own
    table |= check.options
    return spelled(table if len(table) > 1 else check.monitor)
