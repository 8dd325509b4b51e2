"""Scripts for the engine: what happens when, and what is expected of it.

A script is a list of rows (seconds since the start, event, expected words); `play` feeds
the events to an engine and compares the words that `brief` makes of its effects.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import Any, TypeAlias

from monlvs.core import timeperiod
from monlvs.core.effects import (
    Abandon,
    Advise,
    AlertDecided,
    AlertNoted,
    CheckUnsure,
    DowntimeEnded,
    Effect,
    FailureNoted,
    GuardMoved,
    HostChanged,
    OperatorActed,
    PeerChanged,
    Postpone,
    Report,
    Reschedule,
    SendAlert,
    StatusChanged,
    WakeAt,
    WasReset,
)
from monlvs.core.engine import Engine
from monlvs.core.events import CheckFinished, Event
from monlvs.model.config import Config
from monlvs.model.guard import Effect as GuardEffect
from monlvs.model.guard import Guard
from monlvs.model.lvs import EntrySpec, Listener, Protocol, RealServer
from monlvs.model.period import ALWAYS
from monlvs.model.plugin import Occasion
from monlvs.model.result import Outcome, Reason, Result, Verdict
from monlvs.model.values import Host, Now
from monlvs.model.watch import (
    AlertLine,
    ExitRange,
    HostGroup,
    Period,
    Service,
    ServiceKey,
    Watch,
)

KEY = ServiceKey("web", "http")
START = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)  # a Monday noon
MINUTE = timedelta(minutes=1)

Row: TypeAlias = tuple[float, Event, list[str]]


@dataclass(frozen=True, kw_only=True)
class ByHand:
    """A monitor whose results a script writes."""


@dataclass(frozen=True, kw_only=True)
class Recorder:
    """An alert that keeps what it is given."""

    name: str
    told: list[Occasion] = field(default_factory=list, compare=False)

    @property
    def destination(self) -> str:
        return self.name

    async def send(self, occasion: Occasion) -> None:
        self.told.append(occasion)

    def preview(self, occasion: Occasion) -> str:
        return f"{self.name}: {occasion.summary}"


def at(seconds: float) -> Now:
    """A moment of the script, on both clocks."""
    return Now(START + timedelta(seconds=seconds), 1000 + seconds)


def line(name: str, exits: tuple[int, int] | None = None) -> AlertLine:
    """An alert line that runs Recorder(name)."""
    chosen = None if exits is None else ExitRange(*exits)
    return AlertLine(alert=Recorder(name=name), exits=chosen)


def period(label: str = "p", when: str = "", **fields: Any) -> Period:
    """A period that alerts `down` and `up` unless told otherwise."""
    told = {"alerts": (line("down"),), "upalerts": (line("up"),)} | fields
    return Period(label=label, when=timeperiod.parse(when) if when else ALWAYS, **told)


def service(*periods: Period, key: ServiceKey = KEY, **fields: Any) -> Service:
    """A service that is checked every ten seconds."""
    told = {"interval": timedelta(seconds=10), "timeout": timedelta(seconds=5)} | fields
    return Service(key=key, monitor=ByHand(), periods=periods, **told)


def config(
    *periods: Period,
    hosts: tuple[Host, ...] = ("a", "b"),
    off: Iterable[Host] = (),
    guards: tuple[Guard, ...] = (),
    **fields: Any,
) -> Config:
    """One group `web` with one service `http`."""
    group = HostGroup(name=KEY.group, hosts=hosts, disabled=frozenset(off))
    watch = Watch(group=group, services=(service(*periods, **fields),))
    return Config(watches=(watch,), guards=guards)


def guard(
    host: Host | None = None,
    *,
    server: str = "192.0.2.1",
    effect: GuardEffect = GuardEffect.TAKES_OUT,
    service: ServiceKey = KEY,
    weight: int | None = None,
    **fields: Any,
) -> Guard:
    """A guard of the service on an entry of 198.51.100.1:80."""
    return Guard(
        service=service,
        host=host,
        key=Listener(Protocol.TCP, IPv4Address("198.51.100.1"), 80),
        entry=EntrySpec(server=RealServer(IPv4Address(server), 80), weight=weight),
        effect=effect,
        **fields,
    )


def result(verdict: Verdict, output: str = "", **fields: Any) -> CheckFinished:
    """Any result of the service."""
    return CheckFinished(KEY, Result(verdict=verdict, output=output, **fields))


def up(output: str = "", **fields: Any) -> CheckFinished:
    """A success of all hosts."""
    return result(Verdict.UP, output, **{"reason": Reason.OK} | fields)


def down(output: str = "a\n", **fields: Any) -> CheckFinished:
    """A failure of all hosts."""
    return result(
        Verdict.DOWN, output, **{"reason": Reason.REFUSED, "exit": 1} | fields
    )


def unsure(output: str = "", **fields: Any) -> CheckFinished:
    """A check that could not be made."""
    return result(Verdict.INCONCLUSIVE, output, **{"reason": Reason.LATE} | fields)


def each(**verdicts: str) -> CheckFinished:
    """A result by hosts: `each(a="up", b="down")`."""
    reasons = {"up": Reason.OK, "down": Reason.REFUSED, "inconclusive": Reason.LATE}
    outcomes = tuple(
        (host, Outcome(verdict=Verdict(verdict), reason=reasons[verdict]))
        for host, verdict in verdicts.items()
    )
    failed = [host for host, verdict in verdicts.items() if verdict == "down"]
    whole = down if failed else up
    return whole("".join(f"{host}\n" for host in failed), outcomes=outcomes)


def brief(effect: Effect) -> str:  # noqa: C901  one case per kind of effect
    """One effect in a few words."""
    match effect:
        case SendAlert(alert=alert):
            return alert.destination
        case AlertDecided(period=label, kind=kind, suppressed=why):
            return f"{label} {kind}: {why or 'told'}"
        case StatusChanged(before=before, after=after):
            return f"{before.name} → {after.name}"
        case HostChanged(host=host, after=health):
            return f"{host} {health}"
        case GuardMoved(host=host, after=health):
            return f"guard {host or '*'} {health}"
        case Report(health=health, host_reason=why):
            return f"report {health}: {why}"
        case Advise(guard=guarded, advice=advice):
            return f"advice {guarded.host or '*'} {advice}"
        case Reschedule(interval=interval):
            return f"every {interval.total_seconds():.0f} s" if interval else "never"
        case CheckUnsure(in_a_row=count):
            return f"unsure {count}"
        case OperatorActed(act=act):
            return type(act).__name__
        case WakeAt(timer=timer, seconds=wait):
            return f"{timer}: {'off' if wait is None else f'{wait:.0f} s'}"
        case FailureNoted(summary=summary):
            return f"failure: {summary}"
        case AlertNoted(kind=kind, summary=summary):
            return f"{kind} noted: {summary}"
        case DowntimeEnded(downtime=downtime, summary=summary):
            return f"down {downtime.total_seconds():.0f} s: {summary}"
        case PeerChanged(heard=heard, role=role):
            return f"peer {role or 'without role'}" if heard else "peer lost"
        case Abandon() | WasReset() | Postpone():
            return type(effect).__name__


def play(
    what: Config | Engine,
    script: Sequence[Row],
    *,
    show: type[Any] | tuple[type[Any], ...] = SendAlert,
) -> Engine:
    """Feed the script in; fail at the first row whose effects are not as expected."""
    engine = Engine(what, zone=UTC) if isinstance(what, Config) else what
    for number, (seconds, event, expected) in enumerate(script):
        effects = engine.handle(event, now=at(seconds))
        words = [brief(effect) for effect in effects if isinstance(effect, show)]
        assert words == expected, f"row {number}: {event}"
    return engine


def occasion(what: Config | Engine, *events: Event, step: float = 10) -> Occasion:
    """Feed the events in, one every `step` seconds; return the last one's occasion."""
    engine = Engine(what, zone=UTC) if isinstance(what, Config) else what
    told: list[Occasion] = []
    for number, event in enumerate(events):
        effects = engine.handle(event, now=at(number * step))
        told = [e.occasion for e in effects if isinstance(e, SendAlert)]
    (one,) = told
    return one
