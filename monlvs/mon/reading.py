"""Reads a mon.cf whole: text to `Stated`, with every problem in it.

Errors are what mon refuses, in its words; warnings are what it passes over in silence.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from monlvs.mon import moncf
from monlvs.mon.cfblocks import (
    Directive,
    PeriodBlock,
    ServiceBlock,
    Tree,
    WatchBlock,
    WordBlock,
)
from monlvs.mon.directives import (
    DirectiveError,
    ProgramError,
    period_head,
    read_alert,
    read_alertafter,
    read_alertevery,
    read_behavior,
    read_monitor,
    read_numalerts,
    read_period,
    read_timeval,
    read_unack_summary,
)
from monlvs.mon.findings import Findings
from monlvs.mon.stated import (
    Stated,
    StatedExpression,
    StatedGroup,
    StatedPeriod,
    StatedService,
    StatedView,
    StatedWatch,
)
from monlvs.mon.variables import read_variables
from monlvs.mon.words import plain_words

_Read = Mapping[str, Any]
_Reader = Callable[[Directive], _Read]
"""Makes of a directive the fields that it states; several for one field add up."""


def read(text: str, *, file: str = "mon.cf") -> Stated:
    """Read the text of a mon.cf; `file` is what problems call it. Never raises."""
    tree = moncf.parse(text, file=file)
    findings = Findings(file)
    for problem in tree.problems:
        findings.add(problem)
    variables = read_variables(tree.assignments, findings)
    groups = _groups(tree, findings)
    views = _views(tree.views, findings)
    watches = tuple(_watch(block, findings) for block in tree.watches)
    return Stated(
        variables=variables,
        groups=groups,
        views=views,
        aliases=tree.aliases,
        watches=watches,
        comments=tree.comments,
        problems=findings.problems(),
    )


def _groups(tree: Tree, findings: Findings) -> tuple[StatedGroup, ...]:
    groups: dict[str, StatedGroup] = {}
    watched = {watch.tag for watch in tree.watches}
    for block in tree.groups:
        if block.tag in groups:
            findings.warning(
                groups[block.tag].line,
                f"hostgroup {block.tag} counts for nothing: line {block.line} defines "
                "it again",
            )
        groups[block.tag] = _group(block)
        if block.tag not in watched:
            findings.warning(
                block.line, f"hostgroup {block.tag} has no watch assigned to it!"
            )
    for watch in tree.watches:
        if watch.tag not in groups:
            findings.warning(
                watch.line,
                f"watch group {watch.tag} defined with no corresponding hostgroup",
            )
            groups[watch.tag] = StatedGroup(
                line=watch.line, name=watch.tag, hosts=(watch.tag,)
            )
    return tuple(groups.values())


def _group(block: WordBlock) -> StatedGroup:
    words = [word for _, word in block.words if word != "*"]
    return StatedGroup(
        line=block.line,
        name=block.tag,
        hosts=tuple(word.removeprefix("*") for word in words),
        disabled=frozenset(word[1:] for word in words if word.startswith("*")),
    )


def _views(blocks: Sequence[WordBlock], findings: Findings) -> tuple[StatedView, ...]:
    views: dict[str, StatedView] = {}
    for block in blocks:
        if not block.words:
            findings.warning(
                block.line, f"view {block.tag} counts for nothing: expected groups"
            )
            continue
        groups = tuple(word for _, word in block.words)
        views[block.tag] = StatedView(line=block.line, name=block.tag, groups=groups)
    return tuple(views.values())


def _watch(block: WatchBlock, findings: Findings) -> StatedWatch:
    services = tuple(_service(service, findings) for service in block.services)
    return StatedWatch(line=block.line, group=block.tag, services=services)


def _service(block: ServiceBlock, findings: Findings) -> StatedService:
    values = _values(block.directives, _SERVICE, findings)
    interval = values.get("interval")
    variables = {setting.name: setting.value for setting in block.variables}
    return StatedService(
        line=block.line,
        name=block.name,
        variables=tuple(variables.items()),
        periods=tuple(_period(p, interval, findings) for p in block.periods),
        **values,
    )


def _period(
    block: PeriodBlock, interval: timedelta | None, findings: Findings
) -> StatedPeriod:
    head = period_head(block.rest)

    def after(directive: Directive) -> _Read:
        return {"alertafter": read_alertafter(directive.rest, interval)}

    spec = Directive(block.line, "period", head.spec)
    readers = _PERIOD | {"alertafter": after}
    values = _values((spec, *block.directives), readers, findings)
    return StatedPeriod(
        line=block.line, label=head.label, spec=head.spec, key=head.key, **values
    )


def _values(
    directives: Iterable[Directive],
    readers: Mapping[str, _Reader],
    findings: Findings,
) -> dict[str, Any]:
    """Read directives; the last one for a field counts, alerts add up."""
    values: dict[str, Any] = {}
    for directive in directives:
        line = directive.line
        try:
            read_values = readers[directive.keyword](directive)
        except ProgramError as error:
            findings.warning(line, f"{directive.keyword} counts for nothing: {error}")
        except DirectiveError as error:
            findings.error(line, str(error))
        else:
            for name, value in read_values.items():
                added = name in _ADDED and name in values
                values[name] = values[name] + value if added else value
    return values


def _timeval(directive: Directive) -> _Read:
    keyword = directive.keyword
    return {keyword: read_timeval(keyword, directive.rest)}


def _program(directive: Directive) -> _Read:
    return {directive.keyword: read_monitor(directive.rest)}


def _monitor(directive: Directive) -> _Read:
    return {"monitor": read_monitor(directive.rest), "monitor_line": directive.line}


def _alert(directive: Directive) -> _Read:
    alert = read_alert(directive.line, directive.rest)
    return {f"{directive.keyword}s": (alert,)}


def _expression(directive: Directive) -> _Read:
    stated = StatedExpression(line=directive.line, text=directive.rest)
    return {directive.keyword: stated if directive.rest else None}


def _exclude_period(directive: Directive) -> _Read:
    period = read_period(directive.rest, keyword="exclude_period")
    # Empty it excludes nothing, although as a period it would be always.
    when = period if directive.rest else None
    return {"exclude_period": when, "exclude_period_text": directive.rest}


_ADDED = frozenset(
    ("alerts", "upalerts", "startupalerts", "ackalerts", "disablealerts")
)

_SERVICE: dict[str, _Reader] = {
    "interval": _timeval,
    "failure_interval": _timeval,
    "randskew": _timeval,
    "traptimeout": _timeval,
    "trapduration": _timeval,
    "dep_memory": _timeval,
    "monitor": _monitor,
    "redistribute": _program,
    "description": lambda directive: {"description": directive.rest},
    "exclude_hosts": lambda directive: {
        "exclude_hosts": frozenset(plain_words(directive.rest))
    },
    "exclude_period": _exclude_period,
    "allow_empty_group": lambda _: {"allow_empty_group": True},
    "depend": _expression,
    "alertdepend": _expression,
    "monitordepend": _expression,
    "hostdepend": _expression,
    "dep_behavior": lambda directive: {"dep_behavior": read_behavior(directive.rest)},
    "unack_summary": lambda directive: {
        "unack_summary": read_unack_summary(directive.rest)
    },
}

_PERIOD: dict[str, _Reader] = {
    "period": lambda directive: {"when": read_period(directive.rest)},
    "alert": _alert,
    "upalert": _alert,
    "startupalert": _alert,
    "ackalert": _alert,
    "disablealert": _alert,
    "alertevery": lambda directive: {"alertevery": read_alertevery(directive.rest)},
    "numalerts": lambda directive: {"numalerts": read_numalerts(directive.rest)},
    "upalertafter": _timeval,
    "no_comp_alerts": lambda _: {"no_comp_alerts": True},
}
