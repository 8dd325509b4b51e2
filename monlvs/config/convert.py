"""A mon.cf to a mon_lvs.toml that gives an equal model, comments carried over."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monlvs.config import tomltext
from monlvs.config.comments import Comments
from monlvs.config.lines import LineFindings
from monlvs.config.moncf import Resolved, resolve, text_of
from monlvs.config.mondefaults import time_limit
from monlvs.config.reading import parse
from monlvs.config.services import label_of
from monlvs.config.tomltext import key, plugin, spelled
from monlvs.model.config import Config
from monlvs.model.depend import DependBehavior
from monlvs.model.values import Problem
from monlvs.model.watch import (
    AfterCount,
    AfterCountWithin,
    AfterDuration,
    AlertAfter,
    AlertEvery,
    AlertEveryMode,
    ExitRange,
    Service,
)
from monlvs.mon import moncf as lexer
from monlvs.mon import reading
from monlvs.mon.directives import AlertProgram
from monlvs.mon.stated import Stated, StatedPeriod, StatedService

_KINDS = ("alert", "upalert", "startupalert", "ackalert", "disablealert")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What became of a mon.cf."""

    text: str | None
    """The TOML file; None where the mon.cf has errors."""
    report: tuple[str, ...] = ()
    """What was done, in sentences."""
    problems: tuple[Problem, ...] = ()
    equal: bool = False
    """Whether the text gives the same model; it always should."""


def convert(
    file: Path, data: bytes, overrides: Mapping[str, Any] | None = None
) -> Conversion:
    """Convert a mon.cf whose content is `data`; `overrides` are as for `load`.

    Raises UnreadableError where m4 is needed and cannot be run.
    """
    overrides = overrides or {}
    source = text_of(file, data, overrides)
    findings = LineFindings(str(file), source.place)
    for problem in source.problems:
        findings.take(problem)
    stated = reading.read(source.text, file=str(file))
    for problem in stated.problems:
        findings.take(problem)
    resolved = resolve(stated, overrides, findings)
    if findings.failed:
        return Conversion(text=None, problems=findings.problems())
    config = resolved.draft.config()
    comments = Comments(lexer.parse(source.text, file=str(file)))
    text = "\n".join(_Writer(stated, resolved, config, comments).lines()) + "\n"
    again, _ = parse(text, f"{file}.toml")
    return Conversion(
        text=text,
        report=tuple(_report(config, comments)),
        problems=findings.problems(),
        equal=again == config,
    )


def _report(config: Config, comments: Comments) -> Iterator[str]:
    services = config.services()
    alerts = sum(
        len(getattr(period, f"{kind}s"))
        for _, service in services.values()
        for period in service.periods
        for kind in _KINDS
    )
    counts = {
        "host groups": len(config.watches),
        "services": len(services),
        "alert lines": alerts,
        "guards of table entries": len(config.guards),
        "comments": comments.count,
    }
    yield ", ".join(f"{number} {what}" for what, number in counts.items() if number)


@dataclass(slots=True)
class _Writer:
    """Writes the file table by table."""

    stated: Stated
    resolved: Resolved
    config: Config
    comments: Comments
    _out: list[str] = field(default_factory=list)
    _above: list[str] = field(default_factory=list)
    """Comments that stand over the next table."""

    def lines(self) -> list[str]:
        """Return the lines of the file."""
        self._variables()
        self._groups()
        self._views()
        self._aliases()
        services = self.config.services()
        models = {str(key): service for key, (_, service) in services.items()}
        for watch in self.stated.watches:
            self._above = self.comments.take(watch.line)
            for service in watch.services:
                self._service(
                    watch.group, service, models[f"{watch.group}/{service.name}"]
                )
        rest = self.comments.take_rest()
        self._out += ["", *rest] if rest else []
        return self._out

    def _comments(self, line: int) -> None:
        self._out += self.comments.take(line)

    def _header(self, text: str, line: int | None = None) -> None:
        if self._out:
            self._out.append("")
        self._out += self._above
        self._above = []
        if line is not None:
            self._comments(line)
        self._out.append(text)

    def _pairs(self, values: Mapping[str, Any]) -> None:
        self._out += [
            f"{key(name)} = {spelled(value)}" for name, value in values.items()
        ]

    def _variables(self) -> None:
        lines = [group.line for group in self.stated.groups]
        first = min([*lines, *(watch.line for watch in self.stated.watches)], default=1)
        self._out += self.comments.take_between(0, first - 1)
        settings = tomltext.stated(self.config.settings)
        if settings:
            self._header("[settings]")
            self._pairs(settings)
        assert self.config.mon is not None
        self._header("[mon]")
        self._pairs(tomltext.stated(self.config.mon))

    def _groups(self) -> None:
        groups = [watch.group for watch in self.config.watches]
        lines = {group.name: group.line for group in self.stated.groups}
        if not any(group.disabled for group in groups):
            if groups:
                self._header("[hostgroups]")
            for group in groups:
                self._comments(lines[group.name])
                self._pairs({group.name: group.hosts})
            return
        for group in groups:
            self._header(f"[hostgroup.{key(group.name)}]", lines[group.name])
            self._pairs({"hosts": group.hosts})
            if group.disabled:
                self._pairs({"disabled": sorted(group.disabled)})

    def _views(self) -> None:
        if self.stated.views:
            self._header("[views]")
        for view in self.stated.views:
            self._comments(view.line)
            self._pairs({view.name: view.groups})

    def _aliases(self) -> None:
        lines = {alias.name: alias.line for alias in self.stated.aliases}
        if lines:
            self._header("[aliases]")
        for alias in self.config.aliases:
            self._comments(lines[alias.name])
            self._pairs({alias.name: alias.lines})

    def _service(self, group: str, stated: StatedService, service: Service) -> None:
        path = ("watch", group, "service", stated.name)
        self._header(f"[{key(*path)}]", stated.line)
        first = min((period.line for period in stated.periods), default=None)
        end = self._end(stated)
        inner = self.comments.take_between(stated.line, (first or end) - 1)
        self._out += inner
        if service.monitor is not None:
            self._out.append(f"monitor = {plugin(service.monitor)}")
        self._pairs(_attributes(service))
        if service.redistribute is not None:
            self._out.append(f"redistribute = {plugin(service.redistribute)}")
        for period in stated.periods:
            self._header(f"[[{key(*path, 'period')}]]", period.line)
            self._period(period)
        self._out += self.comments.take_between(stated.line, end - 1)

    def _end(self, stated: StatedService) -> int:
        """Return the line where the next service or watch begins."""
        starts = [
            line
            for watch in self.stated.watches
            for line in (watch.line, *(service.line for service in watch.services))
            if line > stated.line
        ]
        return min(starts, default=stated.line + 1_000_000)

    def _period(self, stated: StatedPeriod) -> None:
        values: dict[str, Any] = {}
        if stated.key != label_of(stated.spec):
            values["label"] = stated.key
        if stated.spec:
            values["when"] = stated.spec
        if stated.alertevery is not None:
            values["alertevery"] = _every(stated.alertevery)
        if stated.alertafter is not None:
            values["alertafter"] = _after(stated.alertafter)
        for word in ("numalerts", "upalertafter"):
            if getattr(stated, word) is not None:
                values[word] = getattr(stated, word)
        if stated.no_comp_alerts:
            values["no_comp_alerts"] = True
        self._pairs(values)
        for kind in _KINDS:
            self._alerts(kind, getattr(stated, f"{kind}s"))

    def _alerts(self, kind: str, programs: tuple[AlertProgram, ...]) -> None:
        entries = [
            (each.line, text) for each in programs if (text := self._alert(each))
        ]
        comments = [self.comments.take(line) for line, _ in entries]
        if len(entries) == 1 and not comments[0]:
            self._out.append(f"{kind} = [{entries[0][1]}]")
        elif entries:
            self._out.append(f"{kind} = [")
            for told, (_, text) in zip(comments, entries, strict=True):
                self._out += [f"  {line}" for line in (*told, f"{text},")]
            self._out.append("]")

    def _alert(self, stated: AlertProgram) -> str | None:
        alert = self.resolved.alerts.get(stated.line)
        if alert is None:
            return None
        exits = stated.exits
        return plugin(alert, **({} if exits is None else {"exits": _exits(exits)}))


def _attributes(service: Service) -> dict[str, Any]:
    """Return what `[watch.GROUP.service.NAME]` says besides plugins."""
    depends = service.dependencies
    words = {
        word: None if found is None else found.text
        for word in ("depend", "alertdepend", "monitordepend", "hostdepend")
        for found in [getattr(depends, word)]
    }
    usual = time_limit(service.interval)
    behavior = depends.behavior
    values = {
        "monitor_text": service.monitor_text or None,
        "description": service.description,
        "interval": service.interval,
        "timeout": None if service.timeout == usual else service.timeout,
        "failure_interval": service.failure_interval,
        "randskew": service.randskew,
        "unack_summary": service.unack_summary or None,
        "exclude_hosts": sorted(service.exclude_hosts) or None,
        "exclude_period": service.exclude_text or None,
        "allow_empty_group": service.allow_empty_group or None,
        "traptimeout": service.traptimeout,
        "trapduration": service.trapduration,
        **words,
        "dep_behavior": None if behavior is DependBehavior.ALERT else behavior,
        "dep_memory": depends.memory,
        "variables": dict(service.variables) or None,
    }
    return {name: value for name, value in values.items() if value is not None}


def _every(every: AlertEvery) -> str:
    usual = every.mode is AlertEveryMode.SUMMARY
    told = tomltext.duration(every.interval)
    return told if usual else f"{told} {every.mode.value}"


def _after(after: AlertAfter) -> int | str:
    match after:
        case AfterCount(count=count):
            return count
        case AfterCountWithin(count=count, window=window):
            return f"{count} {tomltext.duration(window)}"
        case AfterDuration(duration=duration):
            return tomltext.duration(duration)


def _exits(exits: ExitRange) -> int | str:
    last = min(exits.last, 255)
    return exits.first if exits.first == last else f"{exits.first}-{last}"
