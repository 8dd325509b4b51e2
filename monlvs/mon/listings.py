"""mon's answers to `list …`: values to replies, in the order in which they come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monlvs.core.depend import NO_DEPENDENCY, services
from monlvs.model.values import Host
from monlvs.mon.escape import escape
from monlvs.mon.history import AlertEntry, FailureEntry, alert_word, failure_word
from monlvs.mon.opstatus import OpStatusLine, opstatus_line
from monlvs.mon.replies import Reply, done, failed

UNKNOWN_LIST = failed("unknown list command")
NO_SUCH_GROUP = failed("list group error, undefined group")
NO_DTLOG = failed("list dtlog error, dtlogging is not turned on")


@dataclass(frozen=True, slots=True, kw_only=True)
class DisabledThings:
    """What operators and the configuration have disabled."""

    hosts: tuple[tuple[str, tuple[Host, ...]], ...] = ()
    """Groups with those of their members that are disabled, if any are."""
    services: tuple[tuple[str, str], ...] = ()
    """Group and service."""
    watches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """What `list opstatus` asks for."""

    group: str
    service: str | None
    """None: all services of the group."""


def requested(words: Iterable[str]) -> tuple[Request, ...]:
    """Read the words after `list opstatus`: `group,service` or a group."""
    parts = (word.partition(",") for word in words if word.strip(","))
    return tuple(
        Request(group, service if comma else None) for group, comma, service in parts
    )


def state(stopped_since: int | None) -> Reply:
    """Answer `list state`: None where the scheduler runs, else since which epoch not."""
    stopped = f"scheduler stopped since {stopped_since}"
    line = "scheduler running" if stopped_since is None else stopped
    return done("list state completed", line)


def pids(server: int, monitors: Iterable[tuple[str, str, int]]) -> Reply:
    """Answer `list pids`: the daemon's, and group, service and pid of what runs."""
    lines = (f"{group} {service} {pid}" for group, service, pid in monitors)
    return done("list pids completed", f"server {server}", *lines)


def watch(known: Iterable[tuple[str, str]]) -> Reply:
    """Answer `list watch`: groups and services."""
    lines = (f"{group} {service}" for group, service in known)
    return done("list watch completed", *lines)


def descriptions(known: Iterable[tuple[str, str, str | None]]) -> Reply:
    """Answer `list descriptions`: group, service and description, if it has one."""
    lines = (
        f"{group} {service} {escape(description or '')}"
        for group, service, description in known
    )
    return done("list descriptions completed", *lines)


def group(name: str, hosts: Iterable[tuple[Host, bool]]) -> Reply:
    """Answer `list group NAME`: hosts, each with whether it is disabled."""
    words = (f"*{host}" if disabled else host for host, disabled in hosts)
    return done("list group completed", " ".join(("hostgroup", name, *words)))


def opstatus(statuses: Iterable[OpStatusLine]) -> Reply:
    """Answer `list opstatus`."""
    return done("list opstatus completed", *map(opstatus_line, statuses))


def failures(statuses: Iterable[OpStatusLine]) -> Reply:
    """Answer `list failures`; the statuses are those of failing services."""
    return done("list failures completed", *map(opstatus_line, statuses))


def successes(statuses: Iterable[OpStatusLine]) -> Reply:
    """Answer `list successes`; the statuses are all others, untested ones included."""
    return done("list successes completed", *map(opstatus_line, statuses))


WARNINGS = successes(())
"""To `list warnings`: mon has none, and calls them successes."""


def no_such_service(group: str, service: str) -> Reply:
    """Answer `list opstatus GROUP,SERVICE` where there is no such service."""
    return failed(f"{group},{service} does not exist")


def disabled(things: DisabledThings) -> Reply:
    """Answer `list disabled`."""
    lines = [f"group {name}: {' '.join(hosts)}" for name, hosts in things.hosts]
    lines += [f"watch {name} service {service}" for name, service in things.services]
    lines += [f"watch {name}" for name in things.watches]
    return done("list disabled completed", *lines)


def alerthist(entries: Iterable[AlertEntry]) -> Reply:
    """Answer `list alerthist`: entries, the oldest first."""
    return done("list alerthist completed", *map(alert_word, entries))


def failurehist(entries: Iterable[FailureEntry]) -> Reply:
    """Answer `list failurehist`: entries, the oldest first."""
    return done("list failurehist completed", *map(failure_word, entries))


def dtlog(lines: Iterable[str]) -> Reply:
    """Answer `list dtlog` with the log's lines (`dtlog.dtlog_lines`)."""
    return done("list dtlog completed", *lines)


def deps(known: Iterable[tuple[str, str, str]]) -> Reply:
    """Answer `list deps`: group, service and the text of its `depend`, or nothing."""
    lines = []
    for name, service, text in known:
        words = " ".join(f"{g}:{s}" for g, s in services(text))
        lines.append(f"exp {name} {service} '{escape(text) or NO_DEPENDENCY}'")
        lines.append(f"cmp {name} {service} {words or NO_DEPENDENCY}")
    return done("list deps completed", *lines)


def views(names: Iterable[str]) -> Reply:
    """Answer `list views`; mon ends it as if it were groups."""
    return done("list group completed", f"views {' '.join(names)}")


def aliases(known: Iterable[tuple[str, Sequence[str]]]) -> Reply:
    """Answer `list aliases`: names with their lines; a blank line follows each."""
    lines: list[str] = []
    for name, text in known:
        lines += [f"alias {name}", *text, ""]
    return done("list aliases completed", *lines)


def aliasgroups(names: Sequence[str]) -> Reply:
    """Answer `list aliasgroups`: all names in one line, if there are any."""
    lines = (" ".join(names),) if names else ()
    return done("list aliasgroups completed", *lines)
