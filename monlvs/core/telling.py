"""From a change of state to the alerts it is worth.

Which failure or recovery is told is decided by `alerting`; here the words of the
occasion are put together and the periods' counters move on.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import assert_never

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
from monlvs.model.result import Result, summary_line
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
        case _:
            assert_never(change.move)


def _tell_failure(change: Change) -> tuple[Standing, tuple[Effect, ...]]:
    result = change.result
    same_summary = result.summary == _summary_before(change)
    same_detail = result.detail == change.before.output.partition("\n")[2]
    standing = replace(change.after, ack=_ack_after(change))
    periods: dict[str, PeriodState] = {}
    effects: list[Effect] = []
    for period in change.watch.service.periods:
        state = change.before.periods.get(period.label, EMPTY)
        failure = Failure(
            period=period,
            state=state,
            standing=standing,
            summary_repeats=same_summary,
            detail_repeats=same_detail,
            exit=result.exit,
            now=change.now,
            zone=change.watch.zone,
            stopped=change.stopped,
        )
        why = suppression(failure)
        periods[period.label] = _period_after(state, why, change.now)
        if why is None:
            occasion = _occasion(change, AlertKind.FAILURE, period)
            lines = lines_for(period.alerts, result.exit)
            effects += _send(change.watch, period, lines, occasion)
        elif period.alerts and why is not state.quiet:
            effects.append(_decided(change.watch, period, AlertKind.FAILURE, why))
    return replace(standing, periods=MappingProxyType(periods)), tuple(effects)


def _summary_before(change: Change) -> str:
    before = change.before
    return summary_line(before.output, failed=before.opstatus.is_failure)


def _ack_after(change: Change) -> Ack | None:
    """`unack_summary`: a changed summary ends the acknowledgement (mon(8))."""
    changed = change.result.summary != _summary_before(change)
    ended = changed and change.watch.service.unack_summary
    return None if ended else change.after.ack


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
            occasion = _occasion(change, AlertKind.UP, period)
            lines = lines_for(period.upalerts, 0)
            effects += _send(change.watch, period, lines, occasion)
        elif period.upalerts:
            effects.append(_decided(change.watch, period, AlertKind.UP, why))
        periods[period.label] = _period_recovered(period, state)
    return replace(change.after, periods=MappingProxyType(periods)), tuple(effects)


def _period_recovered(period: Period, state: PeriodState) -> PeriodState:
    """Recovery forgets everything but the timer of `alertevery … strict` (mon(8))."""
    every = period.alertevery
    if every is not None and every.mode is AlertEveryMode.STRICT:
        return PeriodState(last_alert=state.last_alert)
    return EMPTY


def _tell_first_success(change: Change) -> tuple[Effect, ...]:
    if change.stopped or change.after.disabled is not None:
        return ()
    return tuple(
        effect
        for period in change.watch.service.periods
        if in_force(period.when, change.now, change.watch.zone)
        for effect in _send(
            change.watch,
            period,
            lines_for(period.upalerts, 0),
            _occasion(change, AlertKind.UP, period),
        )
    )


def _decided(
    watch: Watched, period: Period, kind: AlertKind, why: Suppression | None
) -> AlertDecided:
    return AlertDecided(
        service=watch.service.key, period=period.label, kind=kind, suppressed=why
    )


def _send(
    watch: Watched, period: Period, lines: Iterable[AlertLine], occasion: Occasion
) -> tuple[Effect, ...]:
    """Return one SendAlert per line and, if there are lines, one record of them all."""
    sent = tuple(
        SendAlert(
            service=watch.service.key,
            period=period.label,
            alert=line.alert,
            occasion=occasion,
        )
        for line in lines
    )
    return (*sent, _decided(watch, period, occasion.kind, None)) if sent else ()


def _occasion(change: Change, kind: AlertKind, period: Period) -> Occasion:
    """Put the words together; mon(8) and its quirks: an upalert tells the last failure."""
    up = kind is AlertKind.UP
    before, after = change.before, change.after
    outage = before if up else after
    first = change.move in (Move.FIRST_FAILURE, Move.FIRST_SUCCESS)
    every = period.alertevery
    return replace(
        blank_occasion(change.watch, kind, change.now),
        text=after.failure_output,
        exit=0 if up else change.result.exit,
        opstatus=after.opstatus,
        failed=outage.failed,
        next_alert=timedelta(0) if up or every is None else every.interval,
        previous_output=None if first else before.output,
        first_failure=_utc(outage.first_failure),
        last_failure=_utc(outage.last_failure),
        last_success=_utc(change.last_success),
        comment=_comment(before.ack) if up and before.ack else None,
    )


def blank_occasion(watch: Watched, kind: AlertKind, now: Now) -> Occasion:
    """Return an occasion with what is known of the service itself filled in."""
    return Occasion(
        kind=kind,
        group=watch.service.key.group,
        service=watch.service.key.service,
        hosts=watch.members,
        time=now.utc,
        description=watch.service.description,
        variables=watch.service.variables,
    )


def tell_startup(watch: Watched, standing: Standing, now: Now) -> tuple[Effect, ...]:
    """Return the startup alerts of every period in force (mon(8), "startupalert")."""
    if standing.disabled is not None:
        return ()
    occasion = replace(
        blank_occasion(watch, AlertKind.STARTUP, now),
        exit=0,
        opstatus=OpStatus.UNTESTED,
    )
    return tuple(
        effect
        for period in watch.service.periods
        if in_force(period.when, now, watch.zone)
        for effect in _send(watch, period, lines_for(period.startupalerts, 0), occasion)
    )


def tell_ack(
    watch: Watched, state: ServiceState, ack: Ack, now: Now
) -> tuple[Effect, ...]:
    """Return the ackalerts of every period in force that has sent in this outage."""
    standing = state.standing
    if standing.disabled is not None:
        return ()
    comment = _comment(ack)
    occasion = replace(
        blank_occasion(watch, AlertKind.ACK, now),
        text=comment,
        comment=comment,
        opstatus=standing.opstatus,
        failed=standing.failed,
        last_summary=summary_line(standing.failure_output, failed=True),
        previous_output=standing.output,
        first_failure=_utc(standing.first_failure),
        last_failure=_utc(standing.last_failure),
        last_success=_utc(state.succeeded),
    )
    return tuple(
        effect
        for period in watch.service.periods
        if standing.periods.get(period.label, EMPTY).sent
        and in_force(period.when, now, watch.zone)
        for effect in _send(watch, period, period.ackalerts, occasion)
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
        effect
        for period in watch.service.periods
        if in_force(period.when, now, watch.zone)
        for effect in _send(
            watch, period, lines_for(period.alerts, result.exit or 1), occasion
        )
    )


def _comment(ack: Ack) -> str:
    return f"{ack.who}: {ack.why}"


def _utc(moment: Now | None) -> datetime | None:
    return None if moment is None else moment.utc
