"""The engine's memory as plain values, for the state file.

Rule 1: what is read back is checked; a state that cannot be understood is left out,
never guessed. Rule 2: only wall-clock times are written: CLOCK_MONOTONIC starts again
at a boot, so `load` counts back from `now`.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from monlvs.core.blindness import Blindness
from monlvs.core.effects import Suppression
from monlvs.core.engine import Engine
from monlvs.core.guarding import identity
from monlvs.core.states import Ack, Disabled, PeriodState, ServiceState, Standing
from monlvs.core.streak import Streak
from monlvs.core.watched import Watched
from monlvs.model.pair import Role, RoleTaken
from monlvs.model.result import Reason
from monlvs.model.status import Health, OpStatus
from monlvs.model.values import Now
from monlvs.model.watch import ServiceKey

VERSION = 1
Plain = dict[str, Any]

Value = TypeVar("Value")
Word = TypeVar("Word", bound=StrEnum)
Note = TypeVar("Note", Ack, Disabled)


class _UnreadableError(Exception):
    """A saved value is not what `dump` writes; says which and what was expected."""


def dump(engine: Engine) -> Plain:
    """Return all that a restart must remember, as JSON-able values."""
    return {**dump_around(engine), "services": [*dump_services(engine.states)]}


def dump_services(states: Mapping[ServiceKey, ServiceState]) -> Iterator[Plain]:
    """Yield what `dump` returns of each service."""
    for key, state in states.items():
        yield {"group": key.group, "service": key.service, **_dump_state(state)}


def dump_around(engine: Engine) -> Plain:
    """Return what `dump` does, without the services."""
    return {
        "version": VERSION,
        "disabled_hosts": {
            host: _dump_note(note) for host, note in engine.disabled_hosts.items()
        },
        "disabled_watches": {
            name: _dump_note(note) for name, note in engine.disabled_watches.items()
        },
        "stopped": _dump_note(engine.stopped),
        "blind": _dump_blindness(engine.blindness),
        "role": _dump_role(engine.role),
    }


def load(engine: Engine, plain: object, *, now: Now) -> tuple[str, ...]:
    """Give `engine` what `dump` returned; return a sentence per part left out.

    What is no longer configured is forgotten without a word. Never raises.
    """
    complaints: list[str] = []
    states: dict[ServiceKey, ServiceState] = {}
    stopped: Disabled | None = None
    try:
        _check_version(plain)
        services = _field(plain, "services", list)
        notes = _field(plain, "disabled_hosts", dict)
        closed = _optional(plain, "disabled_watches", dict) or {}
        stopped = _load_note(Disabled, plain, "stopped")
    except _UnreadableError as error:
        return (f"saved state is left out: {error}",)
    for index, item in enumerate(services):
        try:
            key = ServiceKey(_field(item, "group", str), _field(item, "service", str))
            if (watch := engine.watched.get(key)) is not None:
                states[key] = _load_state(item, watch, now)
        except _UnreadableError as error:
            complaints.append(
                f"saved state of service {index + 1} is left out: {error}"
            )
    try:
        _load_blindness(engine, _optional(plain, "blind", dict) or {}, now)
    except _UnreadableError as error:
        complaints.append(f"saved trouble of the checker is left out: {error}")
    try:
        role = _load_role(_optional(plain, "role", dict))
    except _UnreadableError as error:
        complaints.append(f"saved role of this director is left out: {error}")
        role = None
    hosts = _load_notes(notes, "host", complaints)
    watches = _load_notes(closed, "watch", complaints)
    engine.restore(
        states,
        disabled_hosts=hosts,
        disabled_watches=watches,
        stopped=stopped,
        role=role,
    )
    return tuple(complaints)


def _load_notes(notes: Plain, what: str, complaints: list[str]) -> dict[str, Disabled]:
    loaded: dict[str, Disabled] = {}
    for name in notes:
        try:
            if (note := _load_note(Disabled, notes, name)) is not None:
                loaded[name] = note
        except _UnreadableError as error:
            complaints.append(f"saved disabling of {what} {name} is left out: {error}")
    return loaded


def _dump_role(taken: RoleTaken | None) -> Plain | None:
    if taken is None:
        return None
    return {"role": taken.role.value, "at": taken.at.timestamp(), "who": taken.who}


def _load_role(plain: Plain | None) -> RoleTaken | None:
    if plain is None:
        return None
    return RoleTaken(
        role=_word(plain, "role", Role),
        at=_utc(plain.get("at")),
        who=_field(plain, "who", str),
    )


def _dump_blindness(blind: Blindness) -> Plain:
    return {
        "services": [[*key, why.value] for key, why in blind.services.items()],
        "since": _dump_now(blind.since),
        "told": [[*key, label] for key, label in blind.told],
    }


def _load_blindness(engine: Engine, plain: Plain, now: Now) -> None:
    if not plain:
        return
    services, told = _triples(plain, "services"), _triples(plain, "told")
    reasons = {
        (g, s): _word({"reason": why}, "reason", Reason) for g, s, why in services
    }
    engine.blindness.services = {ServiceKey(*k): why for k, why in reasons.items()}
    engine.blindness.told = [(ServiceKey(g, s), label) for g, s, label in told]
    engine.blindness.since = _moment(plain, "since", now)


def _triples(plain: Plain, name: str) -> list[tuple[str, str, str]]:
    found = _field(plain, name, list)
    for each in found:
        if not isinstance(each, list) or len(each) != 3:
            raise _UnreadableError(f"{name}: expected three words, found {each!r:.60}")
    return [(str(one), str(two), str(three)) for one, two, three in found]


def _check_version(plain: object) -> None:
    version = _field(plain, "version", int)
    if version != VERSION:
        raise _UnreadableError(f"version: expected {VERSION}, found {version}")


def _dump_state(state: ServiceState) -> Plain:
    standing = state.standing
    return {
        "checked": _dump_now(state.checked),
        "succeeded": _dump_now(state.succeeded),
        "duration": state.duration.total_seconds(),
        "unsure": state.unsure,
        "unsure_reason": state.unsure_reason.value,
        "opstatus": int(standing.opstatus),
        "last_opstatus": int(standing.last_opstatus),
        "exit": standing.exit,
        "output": standing.output,
        "recalled": standing.recalled,
        "failure_output": standing.failure_output,
        "failed": list(standing.failed),
        "last_failure": _dump_now(standing.last_failure),
        "recovered": _dump_now(standing.recovered),
        "last_trap": _dump_now(standing.last_trap),
        "depends": standing.depends,
        "group_streak": _dump_streak(standing.group),
        "hosts": {host: _dump_streak(s) for host, s in standing.hosts.items()},
        "periods": {
            label: _dump_period(period) for label, period in standing.periods.items()
        },
        "guards": {
            identity(guard): health.value for guard, health in standing.guards.items()
        },
        "ack": _dump_note(standing.ack),
        "disabled": _dump_note(standing.disabled),
    }


def _load_state(plain: Plain, watch: Watched, now: Now) -> ServiceState:
    hosts = _field(plain, "hosts", dict)
    periods = _field(plain, "periods", dict)
    guards = _field(plain, "guards", dict)
    healths = {name: _word(guards, name, Health) for name in guards}
    named = {guard: healths.get(identity(guard)) for guard in watch.guards}
    standing = Standing(
        opstatus=_status(plain, "opstatus"),
        last_opstatus=_status(plain, "last_opstatus"),
        exit=_optional(plain, "exit", int),
        output=_field(plain, "output", str),
        recalled=_optional(plain, "recalled", bool) or False,
        failure_output=_field(plain, "failure_output", str),
        failed=tuple(map(str, _field(plain, "failed", list))),
        last_failure=_moment(plain, "last_failure", now),
        recovered=_moment(plain, "recovered", now),
        last_trap=_moment(plain, "last_trap", now),
        depends=_optional(plain, "depends", bool),
        group=_load_streak(plain, "group_streak", now),
        hosts=MappingProxyType({h: _load_streak(hosts, h, now) for h in hosts}),
        periods=MappingProxyType(
            {label: _load_period(periods, label, now) for label in periods}
        ),
        guards=MappingProxyType({g: h for g, h in named.items() if h is not None}),
        ack=_load_note(Ack, plain, "ack"),
        disabled=_load_note(Disabled, plain, "disabled"),
    )
    return ServiceState(
        standing,
        checked=_moment(plain, "checked", now),
        succeeded=_moment(plain, "succeeded", now),
        duration=_seconds(plain, "duration"),
        unsure=_count(plain, "unsure"),
        unsure_reason=_word(plain, "unsure_reason", Reason),
    )


def _dump_streak(streak: Streak) -> Plain:
    return {
        "health": streak.health.value,
        "successes": streak.successes,
        "failures": streak.failures,
        "since": _dump_now(streak.since),
        "recent": [_dump_now(moment) for moment in streak.recent],
        "reason": streak.reason.value,
        "detail": streak.detail,
    }


def _load_streak(outer: Plain, name: str, now: Now) -> Streak:
    plain = _field(outer, name, dict)
    recent = (_when(moment, now) for moment in _field(plain, "recent", list))
    return Streak(
        health=_word(plain, "health", Health),
        successes=_count(plain, "successes"),
        failures=_count(plain, "failures"),
        since=_moment(plain, "since", now),
        recent=tuple(recent),
        reason=_word(plain, "reason", Reason),
        detail=_field(plain, "detail", str),
    )


def _dump_period(period: PeriodState) -> Plain:
    return {
        "last_alert": _dump_now(period.last_alert),
        "sent": period.sent,
        "after_met": period.after_met,
        "quiet": None if period.quiet is None else period.quiet.value,
    }


def _load_period(outer: Plain, name: str, now: Now) -> PeriodState:
    plain = _field(outer, name, dict)
    quiet = plain.get("quiet")
    return PeriodState(
        last_alert=_moment(plain, "last_alert", now),
        sent=_count(plain, "sent"),
        after_met=_field(plain, "after_met", bool),
        quiet=None if quiet is None else _word(plain, "quiet", Suppression),
    )


def _dump_note(note: Ack | Disabled | None) -> Plain | None:
    if note is None:
        return None
    return {
        "who": note.who,
        "why": note.why,
        "at": note.at.timestamp(),
        "until": note.until.timestamp() if note.until else None,
    }


def _load_note(kind: Callable[..., Note], outer: object, name: str) -> Note | None:
    if isinstance(outer, dict) and outer.get(name) is None:
        return None
    plain = _field(outer, name, dict)
    until = plain.get("until")
    return kind(
        who=_field(plain, "who", str),
        why=_field(plain, "why", str),
        at=_utc(plain.get("at")),
        until=None if until is None else _utc(until),
    )


def _dump_now(moment: Now | None) -> float | None:
    return None if moment is None else moment.utc.timestamp()


def _moment(plain: Plain, name: str, now: Now) -> Now | None:
    saved = plain.get(name)
    return None if saved is None else _when(saved, now)


def _when(saved: object, now: Now) -> Now:
    utc = _utc(saved)
    age = max(now.utc - utc, timedelta(0))
    return Now(utc, now.mono - age.total_seconds())


def _utc(saved: object) -> datetime:
    if isinstance(saved, int | float) and not isinstance(saved, bool):
        try:
            return datetime.fromtimestamp(saved, UTC)
        except (ValueError, OverflowError, OSError):
            pass  # no year of ours: told below
    raise _UnreadableError(
        f"expected a time in seconds since 1970, found {saved!r:.60}"
    )


def _field(plain: object, name: str, kind: type[Value]) -> Value:
    value = plain.get(name) if isinstance(plain, Mapping) else None
    # bool is an int to Python, not to us
    if not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool):
        raise _UnreadableError(f"{name}: expected {kind.__name__}, found {value!r:.60}")
    return value


def _optional(plain: object, name: str, kind: type[Value]) -> Value | None:
    if isinstance(plain, Mapping) and plain.get(name) is None:
        return None
    return _field(plain, name, kind)


def _count(plain: Plain, name: str) -> int:
    value = _field(plain, name, int)
    if value < 0:
        raise _UnreadableError(f"{name}: expected no negative number, found {value}")
    return value


def _seconds(plain: Plain, name: str) -> timedelta:
    try:
        return timedelta(seconds=_field(plain, name, float))
    except (ValueError, OverflowError):
        raise _UnreadableError(f"{name}: expected a duration in seconds") from None


def _word(plain: Plain, name: str, kind: type[Word]) -> Word:
    value = _field(plain, name, str)
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(kind)
        raise _UnreadableError(
            f"{name}: expected one of {known}, found {value!r:.60}"
        ) from None


def _status(plain: Plain, name: str) -> OpStatus:
    try:
        return OpStatus(_field(plain, name, int))
    except ValueError:
        raise _UnreadableError(f"{name}: expected an operational status") from None
