"""A mon.cf to the model: paths, programs, defaults and expressions are resolved here."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from monlvs.config.draft import Draft, StatedService
from monlvs.config.lines import LineFindings
from monlvs.config.m4 import Expanded, expand
from monlvs.config.mondefaults import settings_of, time_limit
from monlvs.config.programs import Programs
from monlvs.core import depend
from monlvs.model.config import Config, Settings
from monlvs.model.depend import Depend, DependBehavior, Dependencies
from monlvs.model.mon import Alias, MonSettings, View
from monlvs.model.plugin import Alert
from monlvs.model.values import Problem
from monlvs.model.watch import AlertLine, HostGroup, Period, Service, ServiceKey
from monlvs.mon import reading
from monlvs.mon.directives import AlertProgram, Program
from monlvs.mon.stated import (
    Stated,
    StatedExpression,
    StatedPeriod,
)
from monlvs.mon.stated import StatedService as MonService
from monlvs.mon.variables import Variables

MANY = 10_000
"""Programs at once where maxprocs sets no limit, as mon has none."""


def load_mon(
    file: FilePath, data: bytes, overrides: Mapping[str, Any]
) -> tuple[Config | None, tuple[Problem, ...]]:
    """Read a mon.cf whose content is `data`; see `reading.load`.

    Raises UnreadableError where m4 is needed and cannot be run.
    """
    name = os.fspath(file)
    preprocessor = overrides.get("m4") or ("m4" if name.endswith(".m4") else None)
    if preprocessor is None:
        return parse_mon(decoded(data), name, overrides)
    expanded = expand(name, preprocessor)
    if any(not problem.warning for problem in expanded.problems):
        return None, expanded.problems
    config, problems = parse_mon(expanded.text, name, overrides, expanded=expanded)
    return config, expanded.problems + problems


def decoded(data: bytes) -> str:
    """Return the text of a mon.cf; what is no UTF-8 is taken for ISO 8859-1."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("iso-8859-1")


def parse_mon(
    text: str,
    file: str,
    overrides: Mapping[str, Any],
    *,
    expanded: Expanded | None = None,
) -> tuple[Config | None, tuple[Problem, ...]]:
    """Read a configuration from the text of a mon.cf."""
    findings = LineFindings(file, None if expanded is None else expanded.place)
    stated = reading.read(text, file=file)
    for problem in stated.problems:
        findings.take(problem)
    draft = resolve(stated, overrides, findings)
    config = None if findings.failed else draft.config()
    return config, findings.problems()


def resolve(
    stated: Stated, overrides: Mapping[str, Any], findings: LineFindings
) -> Draft:
    """Build the model from what a mon.cf states; what is odd is added to `findings`."""
    named = {name: value for name, value in overrides.items() if name != "m4"}
    settings = settings_of(stated.variables, named)
    draft = Draft(
        mon=settings,
        views=tuple(View(name=view.name, groups=view.groups) for view in stated.views),
        aliases=tuple(
            Alias(name=alias.name, lines=tuple(line.text for line in alias.lines))
            for alias in stated.aliases
        ),
    )
    for group in stated.groups:
        made = HostGroup(name=group.name, hosts=group.hosts, disabled=group.disabled)
        draft.add_group(made, (group.line,))
    site = _Site(stated.variables, Programs(settings, findings), findings)
    for watch in stated.watches:
        for service in watch.services:
            draft.services.append(site.service(watch.group, service))
    draft.settings = _settings(settings)
    return draft


def _settings(mon: MonSettings) -> Settings:
    return Settings(
        state_dir=mon.statedir, max_programs=mon.maxprocs or MANY, pid_file=mon.pidfile
    )


@dataclass(frozen=True, slots=True)
class _Site:
    """What the services of one file share."""

    variables: Variables
    programs: Programs
    findings: LineFindings

    def service(self, group: str, stated: MonService) -> StatedService:
        """Make a service, with the lines that it and its periods stand in."""
        monitor = None
        if stated.monitor is not None:
            monitor = self.programs.monitor(
                stated.monitor, stated.monitor_line or stated.line
            )
        service = Service(
            key=ServiceKey(group, stated.name),
            monitor=monitor,
            monitor_text=stated.monitor.text if stated.monitor is not None else "",
            interval=stated.interval,
            timeout=time_limit(stated.interval),
            periods=tuple(self._period(period) for period in stated.periods),
            description=stated.description,
            failure_interval=stated.failure_interval,
            randskew=stated.randskew,
            exclude_hosts=stated.exclude_hosts,
            exclude_period=stated.exclude_period,
            variables=stated.variables,
            allow_empty_group=stated.allow_empty_group,
            unack_summary=stated.unack_summary,
            traptimeout=stated.traptimeout,
            trapduration=stated.trapduration,
            dependencies=self._dependencies(group, stated),
            redistribute=self._redistribute(stated),
        )
        return StatedService(
            service=service,
            path=(stated.line,),
            table=(stated.line,),
            periods=tuple((period.line,) for period in stated.periods),
        )

    def _period(self, stated: StatedPeriod) -> Period:
        return Period(
            label=stated.key,
            when=stated.when,
            alerts=self._alerts(stated.alerts),
            upalerts=self._alerts(stated.upalerts),
            startupalerts=self._alerts(stated.startupalerts),
            ackalerts=self._alerts(stated.ackalerts),
            disablealerts=self._alerts(stated.disablealerts),
            alertevery=stated.alertevery,
            alertafter=stated.alertafter,
            numalerts=stated.numalerts,
            upalertafter=stated.upalertafter,
            no_comp_alerts=stated.no_comp_alerts,
        )

    def _alerts(self, stated: tuple[AlertProgram, ...]) -> tuple[AlertLine, ...]:
        found = (
            (each, self.programs.alert(each.program, each.line)) for each in stated
        )
        return tuple(
            AlertLine(
                alert=chosen[0],
                exits=each.exits,
                program=chosen[1],
                arguments=each.program.arguments_text,
            )
            for each, chosen in found
            if chosen is not None
        )

    def _redistribute(self, stated: MonService) -> Alert | None:
        program: Program | None = stated.redistribute
        if program is None:
            return None
        chosen = self.programs.alert(program, stated.line)
        return None if chosen is None else chosen[0]

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
