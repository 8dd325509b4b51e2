"""The engine's memory as plain values, for the state file.

Rule 1: what is read back is checked; a state that cannot be understood is left out,
never guessed. Rule 2: only wall-clock times are written: CLOCK_MONOTONIC starts again
at a boot, so `load` counts back from `now`.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, TypeVar

from monlvs.core.engine import Engine
from monlvs.core.states import Ack, Disabled, PeriodState, ServiceState, Standing
from monlvs.core.streak import Streak
from monlvs.core.watched import Watched
from monlvs.model.guard import Guard
from monlvs.model.result import Reason
from monlvs.model.status import Health, OpStatus
from monlvs.model.values import Now
from monlvs.model.watch import ServiceKey

Note = TypeVar("Note", Ack, Disabled)

VERSION = 1
Plain = dict[str, Any]


def dump(engine: Engine) -> Plain:
    """Return all that a restart must remember, as JSON-able values."""
    return {
        "version": VERSION,
        "services": [
            {"group": key.group, "service": key.service, **_dump_state(state)}
            for key, state in engine.states.items()
        ],
        "disabled_hosts": {
            host: _dump_note(note) for host, note in engine.disabled_hosts.items()
        },
        "stopped": _dump_note(engine.stopped),
    }


def load(engine: Engine, plain: Plain, *, now: Now) -> tuple[str, ...]:
    """Give `engine` what `dump` returned; return a sentence per part left out."""
    if plain.get("version") != VERSION:
        return (f"saved state has version {plain.get('version')!r}, not {VERSION}",)
    complaints: list[str] = []
    states: dict[ServiceKey, ServiceState] = {}
    for item in plain.get("services", ()):
        try:
            key = ServiceKey(item["group"], item["service"])
            if (watch := engine.watched.get(key)) is not None:
                states[key] = _load_state(item, watch, now)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            complaints.append(f"saved state of a service is unreadable: {error!r}")
    engine.restore(states)
    try:
        for host, note in plain.get("disabled_hosts", {}).items():
            engine.disabled_hosts[host] = _load_note(Disabled, note)
        if plain.get("stopped"):
            engine.stopped = _load_note(Disabled, plain["stopped"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        complaints.append(f"saved operators' acts are unreadable: {error!r}")
    return tuple(complaints)


def identity(guard: Guard) -> str:
    """Name a guard so that a changed weight does not make it another one."""
    server = guard.entry.server if guard.entry else "*"
    return f"{guard.host or '*'} {guard.key} {server} {guard.effect.value}"


def _dump_state(state: ServiceState) -> Plain:
    standing = state.standing
    return {
        "checked": _dump_now(state.checked),
        "succeeded": _dump_now(state.succeeded),
        "opstatus": int(standing.opstatus),
        "last_opstatus": int(standing.last_opstatus),
        "exit": standing.exit,
        "output": standing.output,
        "failure_output": standing.failure_output,
        "failed": list(standing.failed),
        "last_failure": _dump_now(standing.last_failure),
        "group": _dump_streak(standing.group),
        "hosts": {host: _dump_streak(s) for host, s in standing.hosts.items()},
        "periods": {
            label: {
                "last_alert": _dump_now(period.last_alert),
                "sent": period.sent,
                "after_met": period.after_met,
            }
            for label, period in standing.periods.items()
        },
        "guards": {
            identity(guard): health.value for guard, health in standing.guards.items()
        },
        "ack": _dump_note(standing.ack),
        "disabled": _dump_note(standing.disabled),
    }


def _load_state(plain: Plain, watch: Watched, now: Now) -> ServiceState:
    saved = {name: Health(health) for name, health in plain["guards"].items()}
    standing = Standing(
        opstatus=OpStatus(plain["opstatus"]),
        last_opstatus=OpStatus(plain["last_opstatus"]),
        exit=plain["exit"],
        output=str(plain["output"]),
        failure_output=str(plain["failure_output"]),
        failed=tuple(plain["failed"]),
        last_failure=_load_now(plain["last_failure"], now),
        group=_load_streak(plain["group"], now),
        hosts=MappingProxyType(
            {host: _load_streak(s, now) for host, s in plain["hosts"].items()}
        ),
        periods=MappingProxyType(
            {
                label: PeriodState(
                    last_alert=_load_now(period["last_alert"], now),
                    sent=int(period["sent"]),
                    after_met=bool(period["after_met"]),
                )
                for label, period in plain["periods"].items()
            }
        ),
        guards=MappingProxyType(
            {
                guard: saved.get(identity(guard), Health.UNKNOWN)
                for guard in watch.guards
            }
        ),
        ack=_load_optional(Ack, plain["ack"]),
        disabled=_load_optional(Disabled, plain["disabled"]),
    )
    checked = _load_now(plain["checked"], now)
    return ServiceState(standing, checked, _load_now(plain["succeeded"], now))


def _dump_streak(streak: Streak) -> Plain:
    return {
        "health": streak.health.value,
        "successes": streak.successes,
        "failures": streak.failures,
        "since": _dump_now(streak.since),
        "reason": streak.reason.value,
        "detail": streak.detail,
    }


def _load_streak(plain: Plain, now: Now) -> Streak:
    return Streak(
        health=Health(plain["health"]),
        successes=int(plain["successes"]),
        failures=int(plain["failures"]),
        since=_load_now(plain["since"], now),
        reason=Reason(plain["reason"]),
        detail=str(plain["detail"]),
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


def _load_note(kind: Callable[..., Note], plain: Mapping[str, Any]) -> Note:
    until = plain["until"]
    return kind(
        who=str(plain["who"]),
        why=str(plain["why"]),
        at=datetime.fromtimestamp(plain["at"], UTC),
        until=None if until is None else datetime.fromtimestamp(until, UTC),
    )


def _load_optional(
    kind: Callable[..., Note], plain: Mapping[str, Any] | None
) -> Note | None:
    return None if plain is None else _load_note(kind, plain)


def _dump_now(moment: Now | None) -> float | None:
    return None if moment is None else moment.utc.timestamp()


def _load_now(saved: float | None, now: Now) -> Now | None:
    if saved is None:
        return None
    utc = datetime.fromtimestamp(saved, UTC)
    age = max(now.utc - utc, timedelta(0))
    return Now(utc, now.mono - age.total_seconds())
