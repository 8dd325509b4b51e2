"""The short form, `[[lvs]]`, to the model: what the HOWTO's mon_lvs.cf says at length.

Each real server is a host group of its own, each check a service on it; its alerts are
mailed and logged, and while any check of it fails its entry is out of the table.
"""

from collections import Counter
from dataclasses import replace
from typing import Any

from monlvs import plugins
from monlvs.alerts.virtualserver import Virtualserver
from monlvs.config.draft import Draft, StatedGuard, StatedService
from monlvs.config.findings import Findings
from monlvs.config.notation import PluginSpec
from monlvs.config.options import build, make
from monlvs.config.positions import Path
from monlvs.config.services import alert_line, label_of, when
from monlvs.config.spelling import LvsTable
from monlvs.config.timing import Defaults
from monlvs.config.virtuals import FORWARDING, declared, entry
from monlvs.model.guard import Guard
from monlvs.model.lvs import EntrySpec, Listener, Protocol
from monlvs.model.watch import (
    AfterCount,
    AlertLine,
    HostGroup,
    Period,
    Service,
    ServiceKey,
)


def add_lvs(
    draft: Draft, table: LvsTable, path: Path, defaults: Defaults, findings: Findings
) -> None:
    """Add the groups, services, guards and the virtual service of one block."""
    timing = defaults.timing(table, path, findings)
    period = _period(table, path, findings, (timing or {}).get("fall", 1))
    address, port = table.vip
    if port is None:
        findings.error((*path, "vip"), f"expected ADDRESS:PORT, not {address} alone")
        return
    key = Listener(Protocol[table.protocol.upper()], address, port)
    usual = FORWARDING[table.kind]
    servers = [
        (entry(server, port, usual, where, findings), where)
        for at, server in enumerate(table.servers)
        if server is not None
        for where in [(*path, "servers", at)]
    ]
    whole = all(server is not None for server in table.servers)
    draft.virtuals.append(
        declared(
            table,
            key,
            path,
            servers,
            findings,
            whole=whole,
            name=table.name,
            usual=usual,
        )
    )
    names = _group_names(table.name, [spec for spec, _ in servers])
    for name, (spec, where) in zip(names, servers, strict=True):
        host = str(spec.server.address)
        group = HostGroup(name=name, hosts=(host,))
        draft.add_group(group, where)
        for at, check in enumerate(table.check):
            stated = findings.stated((*path, "check", at), (*path, "check"))
            service = _service(ServiceKey(name, ""), check, spec, stated, findings)
            if service is None or timing is None:
                draft.broken_watches.add(name)
                continue
            made = Service(
                **service, **timing, periods=(period,), description=table.description
            )
            draft.services.append(
                StatedService(service=made, path=stated, table=path, periods=(path,))
            )
            guard = Guard(service=made.key, host=host, key=key, entry=spec)
            draft.guards.append(StatedGuard(guard=guard, path=where))


def _group_names(name: str, specs: list[EntrySpec]) -> list[str]:
    """Name each server's group by its address, and by its port where that is not enough."""
    seen = Counter(spec.server.address for spec in specs)
    names = []
    for spec in specs:
        # mon's names have no colons.
        told = f"{name}-{spec.server.address}".replace(":", "-")
        several = seen[spec.server.address] > 1
        names.append(f"{told}-{spec.server.port}" if several else told)
    return names


def _service(
    group: ServiceKey,
    check: PluginSpec,
    spec: EntrySpec,
    path: Path,
    findings: Findings,
) -> dict[str, Any] | None:
    given = dict(check.options)
    name = given.pop("service", check.name)
    if not isinstance(name, str):
        findings.error((*path, "service"), "expected a name in quotes")
        return None
    monitor = build(
        plugins.monitors(),
        PluginSpec(name=check.name, options=given, bare=check.bare),
        path,
        findings,
        preset={"port": spec.server.port},
    )
    if monitor is None:
        return None
    return {"key": group._replace(service=name), "monitor": monitor}


def _period(table: LvsTable, path: Path, findings: Findings, fall: int) -> Period:
    lines = _lines(table, path, findings)
    after = table.alertafter
    if after is None and fall > 1:
        after = AfterCount(fall)
    return Period(
        label=label_of(table.when),
        when=when(table.when, (*path, "when"), findings),
        alerts=tuple(lines),
        # Exit codes tell failures apart; a recovery has none.
        upalerts=tuple(replace(line, exits=None) for line in lines),
        alertevery=table.alertevery,
        alertafter=after,
        numalerts=table.numalerts,
        upalertafter=table.upalertafter,
    )


def _lines(table: LvsTable, path: Path, findings: Findings) -> list[AlertLine]:
    told = []
    for word, name in (("mail", "mail"), ("log", "log")):
        given = getattr(table, word)
        if given is not None:
            made = make(plugins.alerts()[name], given, (*path, word), findings)
            told += [] if made is None else [AlertLine(alert=made)]
    for at, spec in enumerate(table.alert):
        where = (*path, "alert", at)
        line = alert_line(spec, where, findings)
        if line is None:
            continue
        if isinstance(line.alert, Virtualserver):
            findings.error(
                where,
                "virtualserver has no place in the short form, which guards its own "
                "servers: expected it in a period of [watch.GROUP.service.NAME]",
            )
        else:
            told.append(line)
    return told
