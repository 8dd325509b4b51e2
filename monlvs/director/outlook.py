"""How a director sees things, in a form that two of them can compare: pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from monlvs.core.states import ServiceState
from monlvs.model.lvs import Table
from monlvs.model.status import Health
from monlvs.model.watch import ServiceKey

Hosts: TypeAlias = Mapping[str, Mapping[str, str]]
Entries: TypeAlias = Mapping[str, Mapping[str, int]]

_KNOWN: Final = (Health.UP, Health.DOWN)
_WORDS: Final = tuple(health.value for health in _KNOWN)
_LONGEST_NAME: Final = 300
_HEAVIEST: Final = 2**31 - 1


class OutlookError(ValueError):
    """What the other director says is not an outlook; says which part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What one director believes and does."""

    hosts: Hosts = field(default_factory=lambda: MappingProxyType({}))
    """Service → host → `up` or `down`; without those that are not known yet."""
    table: Entries = field(default_factory=lambda: MappingProxyType({}))
    """Virtual service → real server → weight, as the table is to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """Something that the two directors see differently."""

    about: str
    here: str
    there: str

    def told(self, other: str) -> str:
        """Say it, `other` being the other director's name."""
        return f"{self.about}: {self.here} here, {self.there} at {other}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DisagreementsChanged:
    """Record: on what the two directors have disagreed for long has changed."""

    peer: str
    disagreements: tuple[Disagreement, ...]
    """All of them; empty: they agree."""


def outlook(states: Mapping[ServiceKey, ServiceState], desired: Table) -> Outlook:
    """Put together how this director sees things."""
    return Outlook(
        hosts={
            str(key): {
                host: streak.health.value
                for host, streak in state.standing.hosts.items()
                if streak.health in _KNOWN
            }
            for key, state in states.items()
        },
        table={
            str(key): {
                str(server): entry.weight for server, entry in pool.entries.items()
            }
            for key, pool in desired.items()
        },
    )


def to_plain(what: Outlook) -> dict[str, Any]:
    """Return it as JSON-able values."""
    return {"hosts": what.hosts, "table": what.table}


def from_plain(plain: object) -> Outlook:
    """Read what another director says. Raises OutlookError."""
    if not isinstance(plain, dict):
        raise OutlookError("expected an object")
    hosts = dict(_pairs(plain.get("hosts"), "hosts"))
    table = dict(_pairs(plain.get("table"), "table"))
    for known in hosts.values():
        if not all(health in _WORDS for health in known.values()):
            raise OutlookError("hosts: expected up or down")
    for weights in table.values():
        if not all(type(w) is int and 0 <= w <= _HEAVIEST for w in weights.values()):
            raise OutlookError("table: expected weights")
    return Outlook(hosts=hosts, table=table)


def compare(here: Outlook, there: Outlook) -> tuple[Disagreement, ...]:
    """Return where two directors disagree. What one does not know yet is no matter."""
    return (*_of_hosts(here.hosts, there.hosts), *_of_tables(here.table, there.table))


def _of_hosts(here: Hosts, there: Hosts) -> Iterator[Disagreement]:
    for service in _all(here, there):
        ours, theirs = here.get(service), there.get(service)
        if ours is None or theirs is None:
            here_only = theirs is None
            yield _in_one(service, "checked", "not checked", here=here_only)
            continue
        for host, health in ours.items():
            other = theirs.get(host, health)
            if other != health:
                about = f"{service}: host {host}"
                yield Disagreement(about=about, here=health, there=other)


def _of_tables(here: Entries, there: Entries) -> Iterator[Disagreement]:
    for key in _all(here, there):
        if key not in here or key not in there:
            here_only = key in here
            yield _in_one(key, "in the table", "not in the table", here=here_only)
            continue
        ours, theirs = here[key], there[key]
        for server in _all(ours, theirs):
            one, other = _place(ours.get(server)), _place(theirs.get(server))
            if one != other:
                yield Disagreement(about=f"{key} → {server}", here=one, there=other)


def _in_one(about: str, has: str, lacks: str, *, here: bool) -> Disagreement:
    one, other = (has, lacks) if here else (lacks, has)
    return Disagreement(about=about, here=one, there=other)


def _place(weight: int | None) -> str:
    """Say what an entry means for clients: in a slow start weights differ for a while."""
    if weight is None:
        return "out"
    return "in" if weight else "in with weight 0"


def _all(one: Iterable[str], other: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys((*one, *other))


def _pairs(plain: object, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if not isinstance(plain, dict):
        raise OutlookError(f"{name}: expected an object")
    for key, inner in plain.items():
        if not isinstance(inner, dict):
            raise OutlookError(f"{name}: expected an object of objects")
        for word in (key, *inner):
            # It goes to people's terminals.
            if not word.isprintable() or len(word) > _LONGEST_NAME:
                raise OutlookError(f"{name}: {word[:60]!r} is no name")
        yield key, inner
