"""The long form's watches to the model: services, periods, alert lines, guards."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from monlvs import plugins
from monlvs.alerts.external import External
from monlvs.alerts.virtualserver import Virtualserver
from monlvs.config import scalars
from monlvs.config.depending import dependencies
from monlvs.config.draft import Draft, StatedGuard, StatedService
from monlvs.config.findings import Findings
from monlvs.config.guards import Line, compile_guards
from monlvs.config.notation import PluginSpec
from monlvs.config.options import build
from monlvs.config.positions import Path
from monlvs.config.spelling import PeriodTable, ServiceTable, WatchTable
from monlvs.config.timing import Defaults
from monlvs.core import timeperiod
from monlvs.model.period import ALWAYS, TimePeriod
from monlvs.model.plugin import Alert, Monitor
from monlvs.model.watch import AlertLine, ExitRange, Period, Service, ServiceKey

_KINDS = ("alert", "upalert", "startupalert", "ackalert", "disablealert")


@dataclass(slots=True)
class _Period:
    """A period as it is put together; its guards' lines are kept apart."""

    label: str
    lines: dict[str, list[AlertLine]] = field(
        default_factory=lambda: {kind: [] for kind in _KINDS}
    )
    guards: list[Line] = field(default_factory=list)


def add_watch(
    draft: Draft,
    group: str,
    table: WatchTable,
    defaults: Defaults,
    findings: Findings,
) -> None:
    """Add the services that `[watch.GROUP]` states, and their guards, to the draft."""
    path: Path = ("watch", group)
    if not table.service:
        findings.error(path, "nothing is watched: expected a service", at_key=True)
        draft.broken_watches.add(group)
    for name, service in table.service.items():
        if service is None:
            draft.broken_watches.add(group)
            continue
        key = ServiceKey(group, name)
        _add_service(draft, key, service, defaults, findings)


def when(text: str, path: Path, findings: Findings) -> TimePeriod:
    """Read a period, or note what is wrong with it."""
    try:
        return timeperiod.parse(text)
    except timeperiod.PeriodSyntaxError as error:
        findings.error(path, f"malformed period: {error}")
        return ALWAYS


def label_of(text: str) -> str:
    """Name a period that has no label by its time, as mon does."""
    return " ".join(text.split()) or "always"


def alert_line(spec: PluginSpec, path: Path, findings: Findings) -> AlertLine | None:
    """Read an alert with the exit codes that it is for, or note what is wrong."""
    given = dict(spec.options)
    exits: ExitRange | None = None
    if "exits" in given:
        try:
            exits = scalars.exits(given.pop("exits"))
        except ValueError as error:
            findings.error((*path, "exits"), str(error))
    bare = PluginSpec(name=spec.name, options=given, bare=spec.bare)
    alert = build(plugins.alerts(), bare, path, findings)
    if alert is None:
        return None
    program, words = spec.name, ""
    if isinstance(alert, External):
        program, words = alert.command, shlex.join(alert.args)
    return AlertLine(alert=alert, exits=exits, program=program, arguments=words)


def _add_service(
    draft: Draft,
    key: ServiceKey,
    table: ServiceTable,
    defaults: Defaults,
    findings: Findings,
) -> None:
    path: Path = ("watch", key.group, "service", key.service)
    timing = defaults.timing(table, path, findings)
    monitor = _monitor(table, path, draft, findings)
    depends = dependencies(table, key.group, path, draft, findings)
    redistribute: Alert | None = None
    if table.redistribute is not None:
        line = alert_line(table.redistribute, (*path, "redistribute"), findings)
        redistribute = None if line is None else line.alert
    excluded = None
    if table.exclude_period is not None:
        excluded = when(table.exclude_period, (*path, "exclude_period"), findings)
    periods, paths, lines = [], [], []
    for at, period in enumerate(table.period):
        if period is None:
            continue
        where = (*path, "period", at)
        read, guards = _period(period, where, draft, findings)
        periods.append(read)
        paths.append(where)
        lines += guards
    if timing is None or (monitor is None and table.monitor is not None):
        draft.broken_watches.add(key.group)
        return
    service = Service(
        key=key,
        monitor=monitor,
        periods=tuple(periods),
        dependencies=depends,
        redistribute=redistribute,
        **timing,
        **_rest(table, excluded),
    )
    draft.services.append(
        StatedService(service=service, path=path, table=path, periods=tuple(paths))
    )
    _add_guards(draft, service, lines, findings)


def _monitor(
    table: ServiceTable, path: Path, draft: Draft, findings: Findings
) -> Monitor | None:
    if table.monitor is None:
        if table.traptimeout is None and draft.mon is None:
            findings.error(
                path,
                'the key "monitor" is missing, and no traptimeout says that traps are '
                "waited for",
                at_key=True,
            )
        return None
    made: Monitor | None
    made = build(plugins.monitors(), table.monitor, (*path, "monitor"), findings)
    return made


def _rest(table: ServiceTable, excluded: TimePeriod | None) -> dict[str, Any]:
    return {
        "description": table.description,
        "exclude_hosts": frozenset(table.exclude_hosts),
        "exclude_period": excluded,
        "variables": tuple(table.variables.items()),
        "allow_empty_group": table.allow_empty_group,
        "exclude_text": table.exclude_period or "",
        "traptimeout": table.traptimeout,
        "trapduration": table.trapduration,
        "monitor_text": table.monitor_text
        or (table.monitor.name if table.monitor is not None else ""),
    }


def _add_guards(
    draft: Draft, service: Service, lines: list[Line], findings: Findings
) -> None:
    members = draft.members(service.key.group) or ()
    hosts = [host for host in members if host not in service.exclude_hosts]
    if not lines:
        return
    guards, notices = compile_guards(service.key, hosts, lines)
    for notice in notices:
        note = findings.warning if notice.warning else draft.refusal(findings)
        note(notice.path, notice.message)
    draft.guards += [
        StatedGuard(guard=guard, path=path) for guard, path in guards.items()
    ]


def _period(
    table: PeriodTable, path: Path, draft: Draft, findings: Findings
) -> tuple[Period, list[Line]]:
    label = label_of(table.when) if table.label is None else table.label
    # mon calls a period without label and time by nothing.
    if not label.isprintable() or not (label.strip() or draft.mon is not None):
        findings.error((*path, "label"), f"expected a name, not {label!r}")
    building = _Period(label=label)
    for kind, spec, where in _specs(table, path):
        line = alert_line(spec, where, findings)
        if line is not None:
            _sort_in(building, kind, line, where, findings)
    period = Period(
        label=label,
        when=when(table.when, (*path, "when"), findings),
        alerts=tuple(building.lines["alert"]),
        upalerts=tuple(building.lines["upalert"]),
        startupalerts=tuple(building.lines["startupalert"]),
        ackalerts=tuple(building.lines["ackalert"]),
        disablealerts=tuple(building.lines["disablealert"]),
        alertevery=table.alertevery,
        alertafter=table.alertafter,
        numalerts=table.numalerts,
        upalertafter=table.upalertafter,
        no_comp_alerts=table.no_comp_alerts,
    )
    return period, building.guards


def _specs(table: PeriodTable, path: Path) -> Iterator[tuple[str, PluginSpec, Path]]:
    for kind in _KINDS:
        for at, spec in enumerate(getattr(table, kind)):
            yield kind, spec, (*path, kind, at)


def _sort_in(
    building: _Period, kind: str, line: AlertLine, path: Path, findings: Findings
) -> None:
    if not isinstance(line.alert, Virtualserver):
        building.lines[kind].append(line)
    elif kind in ("alert", "upalert"):
        building.guards.append(
            Line(
                declares=line.alert,
                period=building.label,
                path=path,
                exits=line.exits,
                recovers=kind == "upalert",
            )
        )
    else:
        findings.warning(
            path, f"virtualserver does nothing as {kind}: expected alert or upalert"
        )
