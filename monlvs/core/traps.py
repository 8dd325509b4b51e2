"""Traps: results that other programs tell, and what happens without them (mon(8)).

traptimeout    every such time without a trap is a failure; it begins at the start
trapduration   so long after a failure by a trap the service is well again, silently
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import assert_never

from monlvs.core import service, telling
from monlvs.core.effects import Effect, Reschedule, StatusChanged, Timer, WakeAt
from monlvs.core.events import TrapExpired, TrapOverdue, TrapReceived
from monlvs.core.memory import Memory
from monlvs.core.occasions import Origin
from monlvs.core.parents import circumstances, spared_hosts
from monlvs.core.states import EMPTY, Standing
from monlvs.core.streak import NEW
from monlvs.core.transitions import EXPIRED
from monlvs.model.plugin import AlertKind
from monlvs.model.result import Reason, Result, Verdict
from monlvs.model.values import Now
from monlvs.model.watch import Service, ServiceKey

Effects = tuple[Effect, ...]

_NOTHING = timedelta(0)
OVERDUE = Origin(AlertKind.TRAP_TIMEOUT)


def take(
    memory: Memory, event: TrapReceived | TrapOverdue | TrapExpired, now: Now
) -> Effects:
    """Take in what a trap says, or that none came. A service that is not configured
    any more is dropped."""
    match event:
        case TrapReceived():
            return _receive(memory, event, now)
        case TrapOverdue():
            return _overdue(memory, event, now)
        case TrapExpired():
            return _expire(memory, event, now)
        case _:
            assert_never(event)


def _receive(memory: Memory, trap: TrapReceived, now: Now) -> Effects:
    """Take a trap in as a result; what no service is configured for is dropped."""
    watch = memory.watched.get(trap.service)
    if watch is None:
        return ()
    failed = trap.exit != 0
    result = Result(
        verdict=Verdict.DOWN if failed else Verdict.UP,
        reason=Reason.EXITED if failed else Reason.OK,
        exit=trap.exit,
        output=trap.output,
    )
    effects = _step(
        memory, trap.service, result, Origin(AlertKind.TRAP, trap.intended), now
    )
    lasts = watch.service.trapduration
    return (
        *effects,
        *_wake(watch.service, Timer.TRAP_OVERDUE, watch.service.traptimeout),
        *(
            _wake(watch.service, Timer.TRAP_EXPIRED, lasts if failed else None)
            if lasts is not None
            else ()
        ),
    )


def _overdue(memory: Memory, event: TrapOverdue, now: Now) -> Effects:
    """Take in that no trap came in time; the next wait begins."""
    watch = memory.watched.get(event.service)
    if watch is None or watch.service.traptimeout is None or memory.stopped:
        return ()
    waited = watch.service.traptimeout
    again = _wake(watch.service, Timer.TRAP_OVERDUE, waited)
    if event.service.group in memory.disabled_watches:
        return again
    words = f"trap timeout after {waited.total_seconds():.15g}s at {event.date}"
    result = Result(
        verdict=Verdict.DOWN,
        reason=Reason.TIMED_OUT,
        exit=1,
        output=f"trap timeout\n{words}\n",
    )
    return (*_step(memory, event.service, result, OVERDUE, now), *again)


def _expire(memory: Memory, event: TrapExpired, now: Now) -> Effects:
    """End an outage that a trap told of: no upalert, the latest result stands."""
    watch = memory.watched.get(event.service)
    if watch is None or watch.service.trapduration is None or memory.stopped:
        return ()
    before = memory.standing(event.service)
    if before.opstatus not in EXPIRED or before.last_failure != before.last_trap:
        return ()  # it is well again, or something else than a trap says so
    after = _expired(watch.service, before, now)
    memory.put(event.service, **after)
    changed = StatusChanged(
        service=event.service,
        before=before.opstatus,
        after=EXPIRED[before.opstatus],
        summary="",
    )
    if watch.service.failure_interval is None:
        return (changed,)
    usual = Reschedule(service=event.service, interval=watch.service.interval)
    return changed, usual


def begin(
    memory: Memory,
    now: Now,
    keys: Iterable[ServiceKey] | None = None,
    *,
    heard: timedelta = _NOTHING,
) -> Effects:
    """Start the waits of `keys` (None: of all): at a start, a reload, a reset.

    `heard` is for how long traps could come already.
    """
    effects: list[Effect] = []
    for key in memory.watched if keys is None else keys:
        told = memory.watched[key].service
        if told.traptimeout is not None:
            left = max(told.traptimeout - heard, _NOTHING)
            effects += _wake(told, Timer.TRAP_OVERDUE, left)
        if told.trapduration is not None:
            rest = _left(told.trapduration, memory.standing(key), now)
            effects += _wake(told, Timer.TRAP_EXPIRED, rest)
    return tuple(effects)


def _left(lasts: timedelta, standing: Standing, now: Now) -> timedelta | None:
    told = standing.last_trap
    if told is None or not standing.opstatus.is_failure:
        return None
    passed = timedelta(seconds=now.mono - told.mono)
    return max(lasts - passed, _NOTHING)


def _expired(told: Service, before: Standing, now: Now) -> dict[str, object]:
    periods = {
        period.label: telling.period_recovered(
            period, before.periods.get(period.label, EMPTY)
        )
        for period in told.periods
    }
    hosts = dict.fromkeys(before.hosts, NEW)
    return {
        "opstatus": EXPIRED[before.opstatus],
        "group": NEW,
        "hosts": MappingProxyType(hosts),
        "periods": MappingProxyType(periods),
        "ack": None,
        "recovered": now,
        "settled": None,
    }


def _step(
    memory: Memory, key: ServiceKey, result: Result, origin: Origin, now: Now
) -> Effects:
    # A trap checks no hosts; of those that a failing parent names it says nothing.
    around = replace(circumstances(memory, key, now), spared=spared_hosts(memory, key))
    memory.states[key], effects = service.step(
        memory.watched[key],
        memory.states[key],
        result,
        now=now,
        around=around,
        origin=origin,
    )
    return effects


def _wake(told: Service, timer: Timer, wait: timedelta | None) -> Effects:
    if wait is None and timer is Timer.TRAP_OVERDUE:
        return ()
    seconds = None if wait is None else wait.total_seconds()
    return (WakeAt(service=told.key, timer=timer, seconds=seconds),)
