"""A service's variables by the names that mon gives them (moncmd(1), "get", "set").

Rule: every name may be set, as in mon; those that mean nothing here are remembered and
told again. Durations are seconds, times seconds since 1970.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from monlvs.core.effects import Effect, Reschedule
from monlvs.core.events import SetVariable
from monlvs.core.memory import Memory, RefusedError
from monlvs.core.states import ServiceState
from monlvs.core.watched import Watched
from monlvs.model.values import Now
from monlvs.model.watch import ServiceKey

_DURATIONS = ("interval", "failure_interval", "randskew", "traptimeout", "trapduration")
"""Variables that an operator may give another value, until the next reset."""


def current(memory: Memory, key: ServiceKey, name: str) -> str:
    """Return a variable's value; empty when there is none of this name.

    Raises UnknownTargetError.
    """
    memory.standing(key)
    told = memory.extra.get(key, {}).get(name)
    if told is not None:
        return told
    reading = _READINGS.get(name)
    if reading is None:
        return ""
    return reading(memory.watched[key], memory.states[key])


def assign(memory: Memory, what: SetVariable) -> tuple[Effect, ...]:
    """Set a variable. Raises UnknownTargetError; RefusedError for a bad value."""
    key = what.service
    memory.standing(key)
    if what.name not in _DURATIONS:
        memory.extra.setdefault(key, {})[what.name] = what.value
        return ()
    service = memory.watched[key].service
    fields: dict[str, Any] = {what.name: _duration(what)}
    memory.prepare(key, replace(service, **fields))
    return (Reschedule(service=key, interval=interval(memory, key)),)


def interval(memory: Memory, key: ServiceKey) -> timedelta | None:
    """Return the time between checks of `key` now, failing or not."""
    service = memory.watched[key].service
    failing = memory.states[key].standing.opstatus.is_failure
    return (failing and service.failure_interval) or service.interval


def _duration(what: SetVariable) -> timedelta:
    try:
        duration = timedelta(seconds=float(what.value))
    except (ValueError, OverflowError):
        duration = timedelta(0)
    if duration <= timedelta(0):
        raise RefusedError(
            f"{what.name}: expected a number of seconds above 0, not {what.value!r:.60}"
        )
    return duration


def _seconds(duration: timedelta | None) -> str:
    return "" if duration is None else f"{duration.total_seconds():.15g}"


def _epoch(moment: Now | datetime | None) -> str:
    when = moment.utc if isinstance(moment, Now) else moment
    return "0" if when is None else str(int(when.timestamp()))


def _interval(watch: Watched, state: ServiceState) -> str:
    failing = state.standing.opstatus.is_failure
    service = watch.service
    return _seconds((failing and service.failure_interval) or service.interval)


_Reading = Callable[[Watched, ServiceState], str]

_READINGS: Mapping[str, _Reading] = {
    "interval": _interval,
    "failure_interval": lambda w, _: _seconds(w.service.failure_interval),
    "randskew": lambda w, _: _seconds(w.service.randskew),
    "traptimeout": lambda w, _: _seconds(w.service.traptimeout),
    "trapduration": lambda w, _: _seconds(w.service.trapduration),
    "description": lambda w, _: w.service.description or "",
    "monitor": lambda w, _: w.service.monitor_text,
    "exclude_hosts": lambda w, _: " ".join(sorted(w.service.exclude_hosts)),
    "dep_behavior": lambda w, _: w.service.dependencies.behavior.value,
    "_op_status": lambda _, s: str(int(s.standing.opstatus)),
    "_last_op_status": lambda _, s: str(int(s.standing.last_opstatus)),
    "_exitval": lambda _, s: "" if s.standing.exit is None else str(s.standing.exit),
    "_consec_failures": lambda _, s: str(s.standing.group.failures),
    "_last_summary": lambda _, s: s.standing.output.partition("\n")[0],
    "_last_detail": lambda _, s: s.standing.output.partition("\n")[2],
    "_first_failure": lambda _, s: _epoch(s.standing.first_failure),
    "_last_failure": lambda _, s: _epoch(s.standing.last_failure),
    "_last_success": lambda _, s: _epoch(s.succeeded),
    "_last_check": lambda _, s: _epoch(s.checked),
    "_last_trap": lambda _, s: _epoch(s.standing.last_trap),
    "_ack": lambda _, s: _epoch(s.standing.ack.at if s.standing.ack else None),
    "_ack_comment": lambda _, s: s.standing.ack.why if s.standing.ack else "",
}
