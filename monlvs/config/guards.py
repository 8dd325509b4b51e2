"""`virtualserver` lines of a service to guards: what its health means for the table.

    the entry is named on   guard
    alert and upalert       TAKES_OUT, with the upalert's attributes where both state one
    alert only              LATCHES_OUT, warned about
    upalert only            ONLY_ADDS, warned about
    alert, -D               WITHHOLDS the virtual service
    alert, -B ADDRESS       one more guard: that server STANDS_IN

Rule 1: lines pair by the entry that they name, whichever period they stand in.
Rule 2: nothing here knows a file; where a line stands comes in and goes out again.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import NamedTuple

from monlvs.alerts.virtualserver import Virtualserver
from monlvs.config.positions import Path
from monlvs.model.guard import Effect, Guard
from monlvs.model.lvs import EntrySpec, RealServer, VirtualKey, VirtualService
from monlvs.model.values import Host
from monlvs.model.watch import ExitRange, ServiceKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One `virtualserver` line of a period."""

    declares: Virtualserver
    period: str
    path: Path
    """Where it stands."""
    exits: ExitRange | None = None
    recovers: bool = False
    """Whether it is an upalert line."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What is to be said about a line."""

    path: Path
    message: str
    warning: bool = True


class Subject(NamedTuple):
    """What lines are about: whose health counts, and for which entry."""

    host: Host | None
    key: VirtualKey
    server: RealServer | None
    """None: the whole virtual service (-D)."""


@dataclass(slots=True)
class _Named:
    """The lines that name one entry, each with the attributes that it states."""

    alerts: list[tuple[Line, EntrySpec | None]] = field(default_factory=list)
    upalerts: list[tuple[Line, EntrySpec | None]] = field(default_factory=list)


def compile_guards(
    service: ServiceKey, hosts: Sequence[Host], lines: Iterable[Line]
) -> tuple[dict[Guard, Path], tuple[Notice, ...]]:
    """Return the guards that the lines of a service on `hosts` declare, with their places.

    A line that names no real server guards each host's own entry. With `whole_group` the
    group's state counts, not the host's.
    """
    subjects: dict[Subject, _Named] = {}
    notices: list[Notice] = []
    for line in lines:
        try:
            bound = list(_bound(line.declares, hosts))
        except ValueError as error:
            notices.append(Notice(line.path, str(error), warning=False))
            continue
        notices += _about_host(line, bound, hosts)
        for subject, spec in bound:
            named = subjects.setdefault(subject, _Named())
            (named.upalerts if line.recovers else named.alerts).append((line, spec))
    guards: dict[Guard, Path] = {}
    for subject, named in subjects.items():
        notices += _about_pair(subject, named, subjects)
        for guard, path in _guards(service, subject, named):
            guards.setdefault(guard, path)
    return guards, tuple(dict.fromkeys(notices))


def _bound(
    declares: Virtualserver, hosts: Sequence[Host]
) -> Iterator[tuple[Subject, EntrySpec | None]]:
    one = len(hosts) == 1 or not declares.whole_group
    if declares.delete_service:
        host = hosts[0] if len(hosts) == 1 else None
        known = host if host is not None and declares.virtual is None else None
        yield Subject(host, declares.key(known), None), None
    elif declares.real is not None:
        spec = declares.entry()
        assert spec is not None
        watched = next((h for h in hosts if _is(h, spec.server)), None)
        yield Subject(watched if one else None, declares.key(), spec.server), spec
    else:
        for host in hosts:
            spec = declares.entry(host)
            assert spec is not None
            subject = host if one else None
            yield Subject(subject, declares.key(host), spec.server), spec


def _is(host: Host, server: RealServer) -> bool:
    try:
        return ip_address(host) == server.address
    except ValueError:
        return False


def _guards(
    service: ServiceKey, subject: Subject, named: _Named
) -> Iterator[tuple[Guard, Path]]:
    lines = named.alerts or named.upalerts
    if subject.server is None:
        if not named.alerts:
            return
        effect = Effect.WITHHOLDS
    elif named.alerts and named.upalerts:
        effect = Effect.TAKES_OUT
    else:
        effect = Effect.LATCHES_OUT if named.alerts else Effect.ONLY_ADDS
    builds = next(
        (
            b
            for line, _ in (*named.upalerts, *named.alerts)
            if (b := _builds(line, subject))
        ),
        None,
    )
    for line, spec in lines:
        guard = Guard(
            service=service,
            host=subject.host,
            key=subject.key,
            entry=_merged(named.upalerts[0][1] if named.upalerts else None, spec),
            effect=effect,
            period=line.period,
            exits=line.exits,
            builds=builds,
        )
        yield guard, line.path
        stand_in = line.declares.stand_in()
        if stand_in is not None and named.alerts:
            yield replace(guard, entry=stand_in, effect=Effect.STANDS_IN), line.path


def _builds(line: Line, subject: Subject) -> VirtualService | None:
    return line.declares.builds(subject.host)


def _merged(first: EntrySpec | None, second: EntrySpec | None) -> EntrySpec | None:
    """Take from `second` what `first` leaves open."""
    if first is None or second is None:
        return first or second
    weight, method = first.weight, first.forwarding
    return replace(
        first,
        weight=second.weight if weight is None else weight,
        forwarding=second.forwarding if method is None else method,
    )


def _about_host(
    line: Line, bound: list[tuple[Subject, EntrySpec | None]], hosts: Sequence[Host]
) -> Iterator[Notice]:
    for subject, _ in bound:
        server = subject.server
        if server is None or subject.host is not None:
            continue
        if not any(_is(host, server) for host in hosts):
            yield Notice(
                line.path,
                f"the real server {server.address} is not a host of the group: "
                "its entry follows the state of the whole group",
            )


def _about_pair(
    subject: Subject, named: _Named, subjects: dict[Subject, _Named]
) -> Iterator[Notice]:
    if subject.server is None:
        if not named.alerts:
            for line, _ in named.upalerts:
                yield Notice(
                    line.path, "delete_service does nothing on an upalert alone"
                )
        return
    others = [
        lines
        for other, lines in subjects.items()
        if other != subject and (other.host, other.key) == (subject.host, subject.key)
    ]
    if not named.upalerts:
        aside = " (the upalert is about another entry)" if _any_up(others) else ""
        for line, _ in named.alerts:
            yield Notice(
                line.path,
                f"no upalert puts {subject.server} in again{aside}: once out, it stays "
                "out until an operator enables it",
            )
    elif not named.alerts and not any(
        other.server is None and other.key == subject.key and lines.alerts
        for other, lines in subjects.items()
    ):
        aside = " (the alert is about another entry)" if _any_down(others) else ""
        for line, _ in named.upalerts:
            yield Notice(
                line.path,
                f"no alert takes {subject.server} out{aside}: it is only ever put in",
            )
    yield from _about_attributes(named)


def _any_up(others: Iterable[_Named]) -> bool:
    return any(named.upalerts for named in others)


def _any_down(others: Iterable[_Named]) -> bool:
    return any(named.alerts for named in others)


def _about_attributes(named: _Named) -> Iterator[Notice]:
    wins = named.upalerts[0][1] if named.upalerts else None
    for line, spec in named.alerts if wins is not None else ():
        assert spec is not None
        for word in ("weight", "forwarding"):
            one, other = getattr(spec, word), getattr(wins, word)
            if one is not None and other is not None and one != other:
                yield Notice(
                    line.path, f"the upalert states another {word}, and it counts"
                )
