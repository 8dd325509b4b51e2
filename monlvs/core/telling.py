"""From a change of state to the alerts it is worth.

Which failure or recovery is told is decided by `alerting`; here the words of the
occasion are put together and the periods' counters move on.
"""

from dataclasses import replace
from types import MappingProxyType
from typing import assert_never

from monlvs.core import announcing, occasions
from monlvs.core.alerting import (
    Failure,
    Recovery,
    in_force,
    lines_for,
    suppression,
    upalert_suppression,
)
from monlvs.core.effects import Effect, Suppression
from monlvs.core.occasions import Change
from monlvs.core.states import EMPTY, Ack, PeriodState, Standing
from monlvs.core.transitions import Move
from monlvs.model.plugin import AlertKind
from monlvs.model.values import Now
from monlvs.model.watch import AlertEveryMode, Period


def tell(change: Change) -> tuple[Standing, tuple[Effect, ...]]:
    """Return the new standing with its periods' counters, and the alerts to send."""
    standing, effects = _tell(change)
    return standing, (*effects, *announcing.redistribute(change))


def _tell(change: Change) -> tuple[Standing, tuple[Effect, ...]]:
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
    same_summary = result.summary == change.summary_before
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
            around=change.around,
        )
        why = suppression(failure)
        periods[period.label] = _period_after(state, why, change.now)
        if why is None:
            occasion = occasions.of_failure(change, period)
            lines = lines_for(period.alerts, result.exit)
            effects += occasions.send(change.watch, period.label, lines, occasion)
        elif period.alerts and why is not state.quiet:
            kind = change.origin.kind
            effects.append(occasions.decided(change.watch, period.label, kind, why))
    return replace(standing, periods=MappingProxyType(periods)), tuple(effects)


def _ack_after(change: Change) -> Ack | None:
    """`unack_summary`: a changed summary ends the acknowledgement (mon(8))."""
    changed = change.result.summary != change.summary_before
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
    Suppression.STANDBY,
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
                around=change.around,
            )
        )
        if why is None:
            occasion = occasions.of_recovery(change)
            lines = lines_for(period.upalerts, 0)
            effects += occasions.send(change.watch, period.label, lines, occasion)
        elif period.upalerts:
            kind = AlertKind.UP
            effects.append(occasions.decided(change.watch, period.label, kind, why))
        periods[period.label] = period_recovered(period, state)
    return replace(change.after, periods=MappingProxyType(periods)), tuple(effects)


def period_recovered(period: Period, state: PeriodState) -> PeriodState:
    """Recovery forgets everything but the timer of `alertevery … strict` (mon(8))."""
    every = period.alertevery
    if every is not None and every.mode is AlertEveryMode.STRICT:
        return PeriodState(last_alert=state.last_alert)
    return EMPTY


def _tell_first_success(change: Change) -> tuple[Effect, ...]:
    if change.around.silent or change.after.disabled is not None:
        return ()
    occasion = occasions.of_recovery(change)
    return tuple(
        effect
        for period in change.watch.service.periods
        if in_force(period.when, change.now, change.watch.zone)
        for effect in occasions.send(
            change.watch, period.label, lines_for(period.upalerts, 0), occasion
        )
    )
