"""From a change of state to the alerts it is worth.

Which failure or recovery is told is decided by `alerting`; here the words of the
occasion are put together and the periods' counters move on.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from monlvs.core.alerting import (
    Failure,
    Recovery,
    in_force,
    lines_for,
    suppression,
    upalert_suppression,
)
from monlvs.core.effects import AlertDecided, Effect, SendAlert, Suppression
from monlvs.core.states import Ack, PeriodState, ServiceState, Standing
from monlvs.core.transitions import Move
from monlvs.core.watched import Watched
from monlvs.model.plugin import AlertKind, Occasion
from monlvs.model.result import Result
from monlvs.model.status import OpStatus
from monlvs.model.values import Now
from monlvs.model.watch import AlertEveryMode, AlertLine, Period

EMPTY = PeriodState()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a result did to a service."""

    watch: Watched
    move: Move
    before: Standing
    after: Standing
    result: Result
    last_success: Now | None
    now: Now
    stopped: bool


def tell(change: Change) -> tuple[Standing, tuple[Effect, ...]]:
    """Return the new standing with its periods' counters, and the alerts to send."""
    match change.move:
        case Move.FIRST_FAILURE | Move.FAILED | Move.STILL_FAILING:
            return _tell_failure(change)
        case Move.RECOVERED:
            return _tell_recovery(change)
        case Move.FIRST_SUCCESS if change.watch.service.upalert_first:
            return change.after, _tell_first_success(change)
        case Move.FIRST_SUCCESS | Move.STEADY:
            return change.after, ()


def _tell_failure(change: Change) -> tuple[Standing, tuple[Effect, ...]]:
    before, result = change.before, change.result
    first_line, _, rest = before.output.partition("\n")
    fresh = change.move is not Move.STILL_FAILING
    standing = replace(change.after, ack=_ack_after(change, first_line))
    periods: dict[str, PeriodState] = {}
    effects: list[Effect] = []
    for period in change.watch.service.periods:
        state = before.periods.get(period.label, EMPTY)
        failure = Failure(
            period=period,
            state=state,
            standing=standing,
            summary_repeats=not fresh and result.summary == first_line,
            detail_repeats=not fresh and result.detail == rest,
            exit=result.exit,
            now=change.now,
            zone=change.watch.zone,
            stopped=change.stopped,
        )
        why = suppression(failure)
        periods[period.label] = _period_after(state, why, change.now)
        if why is None:
            lines = lines_for(period.alerts, result.exit)
            effects += _send(change, period, lines, AlertKind.FAILURE)
        if why is None or why is not state.quiet:
            effects.append(_decided(change, period, AlertKind.FAILURE, why))
    return replace(standing, periods=MappingProxyType(periods)), tuple(effects)


def _ack_after(change: Change, last_summary: str) -> Ack | None:
    """`unack_summary`: a changed summary ends the acknowledgement (mon(8))."""
    ack = change.after.ack
    changed = change.result.summary != last_summary
    return None if ack and changed and change.watch.service.unack_summary else ack


def _period_after(state: PeriodState, why: Suppression | None, now: Now) -> PeriodState:
    if why is None:
        return PeriodState(last_alert=now, sent=state.sent + 1, after_met=True)
    met = state.after_met or why in _AFTER_ALERTAFTER
    if why is state.quiet and met == state.after_met:
        return state
    return replace(state, quiet=why, after_met=met)


_AFTER_ALERTAFTER = (
    Suppression.NUMALERTS,
    Suppression.ALERTEVERY,
    Suppression.EXIT_RANGE,
)
"""Suppressions that are only reached once alertafter is satisfied."""


def _tell_recovery(change: Change) -> tuple[Standing, tuple[Effect, ...]]:
    before = change.before
    periods: dict[str, PeriodState] = {}
    effects: list[Effect] = []
    for period in change.watch.service.periods:
        state = before.periods.get(period.label, EMPTY)
        why = upalert_suppression(
            Recovery(
                period=period,
                state=state,
                standing=before,
                now=change.now,
                zone=change.watch.zone,
                stopped=change.stopped,
            )
        )
        if why is None:
            effects += _send(
                change, period, lines_for(period.upalerts, 0), AlertKind.UP
            )
        if period.upalerts:
            effects.append(_decided(change, period, AlertKind.UP, why))
        periods[period.label] = _period_recovered(period, state)
    return replace(change.after, periods=MappingProxyType(periods)), tuple(effects)


def _period_recovered(period: Period, state: PeriodState) -> PeriodState:
    """Recovery forgets everything but the timer of `alertevery … strict` (mon(8))."""
    every = period.alertevery
    if every is not None and every.mode is AlertEveryMode.STRICT:
        return PeriodState(last_alert=state.last_alert)
    return EMPTY


def _tell_first_success(change: Change) -> tuple[Effect, ...]:
    effects: list[Effect] = []
    for period in change.watch.service.periods:
        quiet = change.stopped or change.after.disabled is not None
        if quiet or not in_force(period.when, change.now, change.watch.zone):
            continue
        lines = lines_for(period.upalerts, 0)
        effects += _send(change, period, lines, AlertKind.UP)
        if lines:
            effects.append(_decided(change, period, AlertKind.UP, None))
    return tuple(effects)


def _decided(
    change: Change, period: Period, kind: AlertKind, why: Suppression | None
) -> AlertDecided:
    return AlertDecided(
        service=change.watch.service.key,
        period=period.label,
        kind=kind,
        suppressed=why,
    )


def _send(
    change: Change, period: Period, lines: tuple[AlertLine, ...], kind: AlertKind
) -> list[Effect]:
    every = period.alertevery
    occasion = _occasion(change, kind, every.interval if every else timedelta(0))
    return [
        SendAlert(
            service=change.watch.service.key,
            period=period.label,
            alert=line.alert,
            occasion=occasion,
        )
        for line in lines
    ]


def _occasion(change: Change, kind: AlertKind, next_alert: timedelta) -> Occasion:
    """Put the words together; mon(8) and its quirks: an upalert tells the last failure."""
    up = kind is AlertKind.UP
    before, after = change.before, change.after
    outage = before if up else after
    previous = change.move not in (Move.FIRST_FAILURE, Move.FIRST_SUCCESS)
    return replace(
        blank_occasion(change.watch, kind, change.now),
        text=after.failure_output,
        exit=0 if up else change.result.exit,
        opstatus=after.opstatus,
        failed=before.failed if up else after.failed,
        next_alert=timedelta(0) if up else next_alert,
        previous_output=before.output if previous else None,
        first_failure=_utc(outage.first_failure),
        last_failure=_utc(outage.last_failure),
        last_success=_utc(change.last_success),
    )


def blank_occasion(watch: Watched, kind: AlertKind, now: Now) -> Occasion:
    """Return an occasion with what is known of the service itself filled in."""
    group = watch.group
    return Occasion(
        kind=kind,
        group=watch.service.key.group,
        service=watch.service.key.service,
        hosts=tuple(host for host in group.hosts if host not in group.disabled),
        time=now.utc,
        description=watch.service.description,
        variables=watch.service.variables,
    )


def tell_startup(watch: Watched, now: Now) -> tuple[Effect, ...]:
    """Return the startup alerts of every period in force (mon(8), "startupalert")."""
    occasion = replace(
        blank_occasion(watch, AlertKind.STARTUP, now),
        exit=0,
        opstatus=OpStatus.UNTESTED,
    )
    return tuple(
        SendAlert(
            service=watch.service.key,
            period=period.label,
            alert=line.alert,
            occasion=occasion,
        )
        for period in watch.service.periods
        if in_force(period.when, now, watch.zone)
        for line in lines_for(period.startupalerts, 0)
    )


def tell_ack(watch: Watched, standing: Standing, now: Now) -> tuple[Effect, ...]:
    """Return the ackalerts of every period that has sent an alert in this outage."""
    if standing.ack is None:
        return ()
    comment = f"{standing.ack.who}: {standing.ack.why}"
    occasion = replace(
        blank_occasion(watch, AlertKind.ACK, now), text=comment, comment=comment
    )
    return tuple(
        SendAlert(
            service=watch.service.key,
            period=period.label,
            alert=line.alert,
            occasion=occasion,
        )
        for period in watch.service.periods
        if standing.periods.get(period.label, EMPTY).sent
        for line in period.ackalerts
    )


def tell_unsure(
    watch: Watched, state: ServiceState, result: Result, now: Now
) -> tuple[Effect, ...]:
    """Return alerts saying that the service cannot be checked properly."""
    words = result.summary or result.reason.value
    occasion = replace(
        blank_occasion(watch, AlertKind.FAILURE, now),
        text=f"cannot be checked: {words}\nNothing was moved; the last known state stands.",
        exit=result.exit,
        opstatus=OpStatus.UNKNOWN,
        last_success=_utc(state.succeeded),
    )
    return tuple(
        SendAlert(
            service=watch.service.key,
            period=period.label,
            alert=line.alert,
            occasion=occasion,
        )
        for period in watch.service.periods
        if in_force(period.when, now, watch.zone)
        for line in lines_for(period.alerts, result.exit or 1)
    )


def _utc(moment: Now | None) -> datetime | None:
    return None if moment is None else moment.utc
