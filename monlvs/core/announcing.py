"""Alerts that no result of a check calls for."""

from dataclasses import replace

from monlvs.core import occasions
from monlvs.core.alerting import in_force, lines_for
from monlvs.core.effects import Effect, SendAlert
from monlvs.core.occasions import Change
from monlvs.core.states import EMPTY, Ack, ServiceState
from monlvs.core.transitions import Move
from monlvs.core.watched import Watched
from monlvs.model.plugin import AlertKind, Occasion
from monlvs.model.result import Result, Verdict, summary_line
from monlvs.model.status import OpStatus
from monlvs.model.values import Now
from monlvs.model.watch import Period

TEST_TEXT = "test\ntest detail\n"
"""What alerts read that an operator tests."""


def startup(watch: Watched, state: ServiceState, now: Now) -> tuple[Effect, ...]:
    """Return the startup alerts of every period in force (mon(8), "startupalert"), and
    redistribute's."""
    if state.standing.disabled is not None:
        return ()
    occasion = replace(
        occasions.blank(watch, AlertKind.STARTUP, now),
        exit=0,
        opstatus=OpStatus.UNTESTED,
    )
    told = tuple(
        effect
        for period in watch.service.periods
        if in_force(period.when, now, watch.zone)
        for effect in occasions.send(
            watch, period.label, lines_for(period.startupalerts, 0), occasion
        )
    )
    return (*told, *_redistributed(watch, occasion))


def acknowledged(
    watch: Watched, state: ServiceState, ack: Ack, now: Now
) -> tuple[Effect, ...]:
    """Return the ackalerts of every period in force that has sent in this outage."""
    standing = state.standing
    if standing.disabled is not None:
        return ()
    comment = occasions.comment(ack)
    occasion = replace(
        occasions.of_state(watch, state, AlertKind.ACK, now),
        text=comment,
        comment=comment,
        last_summary=summary_line(standing.failure_output, failed=True),
    )
    return tuple(
        effect
        for period in watch.service.periods
        if standing.periods.get(period.label, EMPTY).sent
        and in_force(period.when, now, watch.zone)
        for effect in occasions.send(watch, period.label, period.ackalerts, occasion)
    )


def unsure(
    watch: Watched, state: ServiceState, result: Result, now: Now
) -> tuple[Effect, ...]:
    """Return alerts saying that the service cannot be checked properly."""
    words = why_unsure(result)
    occasion = replace(
        occasions.blank(watch, AlertKind.FAILURE, now),
        text=f"cannot be checked: {words}\nNothing was moved; the last known state stands.",
        exit=result.exit,
        opstatus=OpStatus.UNKNOWN,
        last_success=occasions.utc(state.succeeded),
    )
    return tuple(
        effect
        for period in watch.service.periods
        if in_force(period.when, now, watch.zone)
        for effect in occasions.send(
            watch, period.label, lines_for(period.alerts, result.exit or 1), occasion
        )
    )


def why_unsure(result: Result) -> str:
    """Say in one line why a check could not be made properly."""
    for host, outcome in result.outcomes:
        if outcome.verdict is Verdict.INCONCLUSIVE and outcome.detail:
            said = outcome.detail.startswith(host)
            return outcome.detail if said else f"{host}: {outcome.detail}"
    return result.summary or result.reason.value


def tested(
    watch: Watched,
    state: ServiceState,
    period: Period,
    kind: AlertKind,
    exit: int,
    now: Now,
) -> tuple[Effect, ...]:
    """Return what an operator's test of a period sends, whatever would suppress it.

    It counts for nothing and is in no history (mon(8), "test").
    """
    lines = {
        AlertKind.UP: period.upalerts,
        AlertKind.STARTUP: period.startupalerts,
    }.get(kind, period.alerts)
    occasion = replace(
        occasions.of_state(watch, state, kind, now), text=TEST_TEXT, exit=exit
    )
    return tuple(
        SendAlert(
            service=watch.service.key,
            period=period.label,
            alert=line.alert,
            occasion=occasion,
        )
        for line in lines_for(lines, exit)
    )


def redistribute(change: Change) -> tuple[Effect, ...]:
    """Return what `redistribute` is told of a result: each one, whatever the periods
    say (mon(8), "redistribute")."""
    watch = change.watch
    silent = change.around.silent or change.after.disabled is not None
    if watch.service.redistribute is None or silent:
        return ()
    if change.failed:
        occasion = occasions.of_failure(change, None)
    elif change.move is Move.RECOVERED:
        occasion = occasions.of_recovery(change)
    else:
        occasion = occasions.of_success(change)
    return _redistributed(watch, occasion)


def _redistributed(watch: Watched, occasion: Occasion) -> tuple[Effect, ...]:
    alert = watch.service.redistribute
    if alert is None:
        return ()
    key = watch.service.key
    return (SendAlert(service=key, period="", alert=alert, occasion=occasion),)
