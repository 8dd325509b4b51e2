"""A mon.cf to the model: paths, programs, defaults and expressions are resolved here."""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any

from monlvs.alerts.virtualserver import Virtualserver
from monlvs.config.draft import Draft, StatedGuard, StatedService
from monlvs.config.guards import Line, compile_guards
from monlvs.config.lines import LineFindings
from monlvs.config.m4 import Expanded, expand, plain
from monlvs.config.mondefaults import settings_of, time_limit
from monlvs.config.programs import Programs
from monlvs.config.rules import check_mon
from monlvs.core import depend
from monlvs.model.config import Config, Settings
from monlvs.model.depend import Depend, DependBehavior, Dependencies
from monlvs.model.mon import Alias, MonSettings, View
from monlvs.model.plugin import Alert
from monlvs.model.values import Problem
from monlvs.model.watch import (
    AlertLine,
    ExitRange,
    HostGroup,
    Period,
    Service,
    ServiceKey,
)
from monlvs.mon import reading
from monlvs.mon.directives import AlertProgram, Program
from monlvs.mon.stated import (
    Stated,
    StatedExpression,
    StatedPeriod,
)
from monlvs.mon.stated import StatedService as MonService
from monlvs.mon.variables import Variables

log = logging.getLogger("monlvs.config")

LAST_EXIT = 255
MANY = 10_000
"""Programs at once where maxprocs sets no limit, as mon has none."""


def load_mon(
    file: FilePath, data: bytes, overrides: Mapping[str, Any]
) -> tuple[Config | None, tuple[Problem, ...]]:
    """Read a mon.cf whose content is `data`; see `reading.load`.

    Raises UnreadableError where m4 is needed and cannot be run.
    """
    source = text_of(file, data, overrides)
    if any(not problem.warning for problem in source.problems):
        return None, source.problems
    findings = LineFindings(os.fspath(file), source.place)
    stated = reading.read(source.text, file=os.fspath(file))
    for problem in stated.problems:
        findings.take(problem)
    draft = resolve(stated, overrides, findings).draft
    config = None if findings.failed else draft.config()
    return config, source.problems + findings.problems()


def text_of(file: FilePath, data: bytes, overrides: Mapping[str, Any]) -> Expanded:
    """Return the text of a mon.cf, after m4 has gone over it where that is wanted.

    Raises UnreadableError where m4 cannot be run.
    """
    name = os.fspath(file)
    preprocessor = overrides.get("m4") or ("m4" if name.endswith(".m4") else None)
    return (
        plain(decoded(data), name)
        if preprocessor is None
        else expand(name, preprocessor)
    )


def decoded(data: bytes) -> str:
    """Return the text of a mon.cf; what is no UTF-8 is taken for ISO 8859-1."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("iso-8859-1")


@dataclass(frozen=True, slots=True)
class Resolved:
    """A mon.cf as a draft, and what became of its alert lines."""

    draft: Draft
    alerts: Mapping[int, Alert | Virtualserver]
    """By line; those that count for nothing are not here."""


def resolve(
    stated: Stated, overrides: Mapping[str, Any], findings: LineFindings
) -> Resolved:
    """Build the model from what a mon.cf states; what is odd is added to `findings`."""
    named = {name: value for name, value in overrides.items() if name != "m4"}
    settings = settings_of(stated.variables, named)
    draft = Draft(
        mon=settings,
        views=tuple(View(name=view.name, groups=view.groups) for view in stated.views),
        aliases=_aliases(stated),
    )
    for group in stated.groups:
        made = HostGroup(name=group.name, hosts=group.hosts, disabled=group.disabled)
        draft.add_group(made, (group.line,))
    programs = Programs(settings, findings)
    alerts: dict[int, Alert | Virtualserver] = {}
    site = _Site(stated.variables, draft, programs, findings, alerts)
    for watch in stated.watches:
        for service in watch.services:
            draft.services.append(site.service(watch.group, service))
    draft.settings = _settings(settings, guards=bool(draft.guards))
    check_mon(draft, findings)
    for words, count in programs.choices.items():
        log.info("%s (%s)", words, "1 line" if count == 1 else f"{count} lines")
    return Resolved(draft, alerts)


def _aliases(stated: Stated) -> tuple[Alias, ...]:
    lines = {
        each.name: tuple(line.text for line in each.lines) for each in stated.aliases
    }
    return tuple(Alias(name=name, lines=found) for name, found in lines.items())


def _settings(mon: MonSettings, *, guards: bool) -> Settings:
    return Settings(
        state_dir=mon.statedir,
        max_programs=mon.maxprocs or MANY,
        pid_file=mon.pidfile,
        # Nothing but guards touches the table: a mon without any needs no director.
        table="auto" if guards else "memory",
    )


@dataclass(frozen=True, slots=True)
class _Site:
    """What the services of one file share."""

    variables: Variables
    draft: Draft
    programs: Programs
    findings: LineFindings
    made: dict[int, Alert | Virtualserver]

    def service(self, group: str, stated: MonService) -> StatedService:
        """Make a service, with the lines that it and its periods stand in."""
        chosen = None
        if stated.monitor is not None:
            line = stated.monitor_line or stated.line
            chosen = self.programs.monitor(stated.monitor, line)
        lines: list[Line] = []
        service = Service(
            key=ServiceKey(group, stated.name),
            monitor=None if chosen is None else chosen.monitor,
            monitor_text=stated.monitor.text if stated.monitor is not None else "",
            interval=stated.interval,
            timeout=(chosen and chosen.timeout) or time_limit(stated.interval),
            periods=tuple(self._period(period, lines) for period in stated.periods),
            description=stated.description,
            failure_interval=stated.failure_interval,
            randskew=stated.randskew,
            exclude_hosts=stated.exclude_hosts,
            exclude_period=stated.exclude_period,
            exclude_text=stated.exclude_period_text,
            variables=stated.variables,
            allow_empty_group=stated.allow_empty_group,
            unack_summary=stated.unack_summary,
            traptimeout=stated.traptimeout,
            trapduration=stated.trapduration,
            dependencies=self._dependencies(group, stated),
            redistribute=self._redistribute(stated),
        )
        self._add_guards(service, lines)
        return StatedService(
            service=service,
            path=(stated.line,),
            table=(stated.line,),
            periods=tuple((period.line,) for period in stated.periods),
        )

    def _period(self, stated: StatedPeriod, guards: list[Line]) -> Period:
        """Make a period; lines that declare an entry of the table go to `guards`."""

        def lines(kind: str) -> tuple[AlertLine, ...]:
            programs: tuple[AlertProgram, ...] = getattr(stated, f"{kind}s")
            made = (self._alert(each, kind, stated.key, guards) for each in programs)
            return tuple(line for line in made if line is not None)

        return Period(
            label=stated.key,
            when=stated.when,
            alerts=lines("alert"),
            upalerts=lines("upalert"),
            startupalerts=lines("startupalert"),
            ackalerts=lines("ackalert"),
            disablealerts=lines("disablealert"),
            alertevery=stated.alertevery,
            alertafter=stated.alertafter,
            numalerts=stated.numalerts,
            upalertafter=stated.upalertafter,
            no_comp_alerts=stated.no_comp_alerts,
        )

    def _alert(
        self, stated: AlertProgram, kind: str, period: str, guards: list[Line]
    ) -> AlertLine | None:
        recovers = kind == "upalert"
        program = stated.program
        exits = self._exits(stated)
        if exits is not None and exits.first > exits.last:
            return None
        chosen = self.programs.alert(program, stated.line, recovers=recovers)
        if chosen is None:
            return None
        alert, path = chosen
        self.made[stated.line] = alert
        if not isinstance(alert, Virtualserver):
            return AlertLine(
                alert=alert,
                exits=exits,
                program=path,
                arguments=program.arguments_text,
            )
        if kind not in ("alert", "upalert"):
            self.findings.warning(
                (stated.line,), f"{program.name} changes nothing as {kind}"
            )
            return None
        guards.append(
            Line(
                declares=alert,
                period=period,
                path=(stated.line,),
                exits=exits,
                recovers=recovers,
            )
        )
        return None

    def _exits(self, stated: AlertProgram) -> ExitRange | None:
        """Return the exit codes of a line, as far as a program can have them."""
        if stated.exits is None:
            return None
        first, last = stated.exits.first, min(stated.exits.last, LAST_EXIT)
        if first > last:
            self.findings.warning(
                (stated.line,),
                f"this counts for nothing: no exit code is from {stated.exits.first} to "
                f"{stated.exits.last}",
            )
        return ExitRange(first, last)

    def _add_guards(self, service: Service, lines: list[Line]) -> None:
        """Compile a service's guards; what cannot be one is warned about."""
        members = self.draft.members(service.key.group) or ()
        hosts = [host for host in members if host not in service.exclude_hosts]
        if len(hosts) > 1:
            lines = [
                replace(line, declares=replace(line.declares, whole_group=True))
                for line in lines
            ]
            self.made.update({int(line.path[0]): line.declares for line in lines})
        guards, notices = compile_guards(service.key, hosts, lines)
        for notice in notices:
            told = "" if notice.warning else "this line counts for nothing: "
            self.findings.warning(notice.path, told + notice.message)
        self.draft.guards += [
            StatedGuard(guard=guard, path=path) for guard, path in guards.items()
        ]

    def _redistribute(self, stated: MonService) -> Alert | None:
        program: Program | None = stated.redistribute
        if program is None:
            return None
        chosen = self.programs.alert(program, stated.line)
        if chosen is None:
            return None
        if isinstance(chosen[0], Virtualserver):
            self.findings.warning(
                (stated.line,), f"{program.name} changes nothing as redistribute"
            )
            return None
        return chosen[0]

    def _dependencies(self, group: str, stated: MonService) -> Dependencies:
        variables = self.variables
        return Dependencies(
            depend=self._depend(stated.depend, group),
            behavior=stated.dep_behavior
            or variables.dep_behavior
            or DependBehavior.ALERT,
            alertdepend=self._depend(stated.alertdepend, group),
            monitordepend=self._depend(stated.monitordepend, group),
            hostdepend=self._depend(stated.hostdepend, group),
            memory=stated.dep_memory or variables.dep_memory,
        )

    def _depend(self, stated: StatedExpression | None, group: str) -> Depend | None:
        if stated is None:
            return None
        try:
            return depend.read(stated.text, group)
        except depend.DependSyntaxError as error:
            self.findings.warning((stated.line,), f"this counts as failing: {error}")
            return depend.unreadable(stated.text, group)
