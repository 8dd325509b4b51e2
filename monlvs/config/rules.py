"""What must hold between services, periods and groups, whichever format spelled them.

Rule: every rule reads a draft and adds to the findings; none depends on another.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from monlvs.config.draft import Draft, StatedService
from monlvs.config.findings import Findings, choices
from monlvs.config.kindrules import KIND_RULES
from monlvs.config.positions import Path
from monlvs.config.scalars import NAME
from monlvs.config.tablerules import TABLE_RULES
from monlvs.model.period import TimePeriod
from monlvs.model.values import Host
from monlvs.model.watch import AfterCountWithin, ServiceKey


def check(draft: Draft, findings: Findings) -> None:
    """Apply every rule to the draft."""
    for rule in (*RULES, *TABLE_RULES, *KIND_RULES):
        rule(draft, findings)


def check_mon(draft: Draft, findings: Findings) -> None:
    """Apply the rules that the reader of a mon.cf has not applied itself."""
    for rule in (*MON_RULES, *TABLE_RULES, *KIND_RULES):
        rule(draft, findings)


def names_are_words(draft: Draft, findings: Findings) -> None:
    """Group and service names go through mon's protocol as words."""
    stated = [(each.group.name, each.path) for each in draft.groups]
    stated += [(each.service.key.service, each.path) for each in draft.services]
    for name, path in stated:
        if not NAME.fullmatch(name):
            findings.error(
                path,
                f"{name!r} is no name: expected letters, digits, dots, dashes and "
                "underscores",
                at_key=True,
            )


def groups_are_stated_once(draft: Draft, findings: Findings) -> None:
    """A second group of one name would hide the first."""
    seen: dict[str, Path] = {}
    for each in draft.groups:
        first = seen.setdefault(each.group.name, each.path)
        if first is not each.path and (first[0], first[:2]) != ("lvs", each.path[:2]):
            findings.error(
                each.path,
                f"there is a host group {each.group.name} already: expected another "
                "name",
                at_key=True,
            )


def services_are_stated_once(draft: Draft, findings: Findings) -> None:
    """A service is known by its group and name everywhere."""
    seen: set[ServiceKey] = set()
    groups = Counter(each.group.name for each in draft.groups)
    for each in draft.services:
        key = each.service.key
        if key in seen and groups[key.group] == 1:
            findings.error(
                each.path,
                f"there is a service {key} already: expected another name (`service` "
                "of a check)",
            )
        seen.add(key)


def watched_groups_exist(draft: Draft, findings: Findings) -> None:
    """`watch` names a host group."""
    known = dict.fromkeys(each.group.name for each in draft.groups)
    for group in dict.fromkeys(each.service.key.group for each in draft.services):
        if group not in known and group not in draft.broken_groups:
            listed = choices(group, [*known]) if known else "there is none"
            findings.error(
                ("watch", group), f"unknown host group {group}: {listed}", at_key=True
            )


def groups_are_watched(draft: Draft, findings: Findings) -> None:
    """A group without a watch is probably a slip (mon warns of it, too)."""
    watched = {each.service.key.group for each in draft.services}
    watched |= draft.broken_watches
    for each in draft.groups:
        if each.group.name not in watched:
            findings.warning(
                each.path,
                f"host group {each.group.name} is not watched",
                at_key=True,
            )


def services_have_hosts(draft: Draft, findings: Findings) -> None:
    """Without a host there is nothing to check, unless that is said to be meant."""
    for each in draft.services:
        members = draft.members(each.service.key.group)
        if members is None or each.service.allow_empty_group:
            continue
        if not members:
            _no_hosts(each, "the group has no hosts", draft, findings)
        elif not set(members) - each.service.exclude_hosts:
            _no_hosts(each, "every host of the group is excluded", draft, findings)
        for host in sorted(each.service.exclude_hosts - set(members)):
            findings.warning(
                (*each.path, "exclude_hosts"),
                f"{host} is not a host of the group: {_listed(members)}",
            )


def intervals_leave_time(draft: Draft, findings: Findings) -> None:
    """A check that is still running when the next is due is not started twice."""
    for each in draft.services:
        service, interval = each.service, each.service.interval
        if interval is None:
            continue
        if service.timeout > interval and draft.mon is None:
            findings.warning(
                _where(each, "timeout", findings),
                f"timeout ({_told(service.timeout)}) is longer than interval "
                f"({_told(interval)}): a check is left out while one still runs",
            )
        if service.randskew is not None and service.randskew >= interval:
            draft.refusal(findings)(
                _where(each, "randskew", findings),
                f"expected less than interval ({_told(interval)}), not "
                f"{_told(service.randskew)}",
            )


def periods_have_labels_of_their_own(draft: Draft, findings: Findings) -> None:
    """Operators and state files name a period by its label."""
    for each in draft.services:
        seen: set[str] = set()
        for period, path in zip(each.service.periods, each.periods, strict=True):
            if period.label in seen:
                findings.error(
                    path,
                    f"there is a period {period.label!r} already: expected a label of "
                    "its own",
                    at_key=True,
                )
            seen.add(period.label)


def periods_can_come(draft: Draft, findings: Findings) -> None:
    """`wd {}` is well-formed, and never."""
    for each in draft.services:
        for period, path in zip(each.service.periods, each.periods, strict=True):
            _check_period(period.when, (*path, "when"), findings)
        if each.service.exclude_period is not None:
            where = (*each.path, "exclude_period")
            _check_period(each.service.exclude_period, where, findings)


def windows_can_be_met(draft: Draft, findings: Findings) -> None:
    """`alertafter = "N TIME"` needs time for N failures (mon(8))."""
    for each in draft.services:
        # The sooner checks of a failing service are what the window sees.
        service = each.service
        interval = service.failure_interval or service.interval
        for period, path in zip(service.periods, each.periods, strict=True):
            after = period.alertafter
            if interval is None or not isinstance(after, AfterCountWithin):
                continue
            least = (after.count - 1) * interval
            if least >= after.window:
                draft.refusal(findings)(
                    (*path, "alertafter"),
                    f"{after.count} failures {_told(interval)} apart take {_told(least)}"
                    f": expected a longer time than {_told(after.window)}, or nobody is "
                    "ever told",
                )


RULES: tuple[Callable[[Draft, Findings], None], ...] = (
    names_are_words,
    groups_are_stated_once,
    services_are_stated_once,
    watched_groups_exist,
    groups_are_watched,
    services_have_hosts,
    intervals_leave_time,
    periods_have_labels_of_their_own,
    periods_can_come,
    windows_can_be_met,
)


MON_RULES: tuple[Callable[[Draft, Findings], None], ...] = (
    services_have_hosts,
    intervals_leave_time,
    periods_can_come,
)


def _where(each: StatedService, word: str, findings: Findings) -> Path:
    own = (*each.table, word)
    return findings.stated(own, ("defaults", word), own)


def _no_hosts(each: StatedService, why: str, draft: Draft, findings: Findings) -> None:
    draft.refusal(findings)(
        each.path,
        f"{why}: expected a host, or allow_empty_group = true",
        at_key=True,
    )


def _check_period(when: TimePeriod, path: Path, findings: Findings) -> None:
    for sub in when.alternatives:
        for scale, spans in sub.scales:
            if not spans:
                findings.warning(path, f"{scale} {{}} is never: expected a range in it")


def _listed(hosts: tuple[Host, ...]) -> str:
    return f"expected one of {', '.join(hosts)}" if hosts else "it has none"


def _told(time: timedelta) -> str:
    return f"{time.total_seconds():g}s"
