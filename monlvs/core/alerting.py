"""When a failure or a recovery is worth an alert, and if not, why not.

Rule 1: the order of RULES is mon's. Rule 2: nothing here reads a clock or keeps state;
`now` and the counters come in. Rule 3: a rule names one suppression or nothing.
"""

from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import assert_never

from monlvs.core import timeperiod
from monlvs.core.circumstances import FREE, Circumstances
from monlvs.core.effects import Suppression
from monlvs.core.states import PeriodState, Standing
from monlvs.core.streak import JITTER, reached
from monlvs.model.period import ALWAYS, TimePeriod
from monlvs.model.values import Now
from monlvs.model.watch import (
    AlertEvery,
    AlertEveryMode,
    AlertLine,
    ExitRange,
    Period,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One failing result as one period sees it."""

    period: Period
    state: PeriodState
    standing: Standing
    """The service with this failure already counted."""
    summary_repeats: bool
    """The summary is the previous run's."""
    detail_repeats: bool
    exit: int
    now: Now
    zone: tzinfo | None = None
    around: Circumstances = FREE


def in_force(when: TimePeriod, now: Now, zone: tzinfo | None) -> bool:
    """Whether a period is in force at `now`, in local time (Time::Period(3pm))."""
    return when is ALWAYS or timeperiod.contains(when, now.utc.astimezone(zone))


def has_passed(wait: timedelta, since: Now, now: Now) -> bool:
    """Whether `wait` has passed; a check that comes a little early counts as due."""
    return now.mono - since.mono >= wait.total_seconds() - JITTER


def in_range(exits: ExitRange | None, code: int) -> bool:
    """Whether an alert line is for this exit code."""
    return exits is None or exits.first <= code <= exits.last


def service_disabled(failure: Failure) -> Suppression | None:
    """Nothing is sent for a disabled service."""
    return Suppression.SERVICE_DISABLED if failure.standing.disabled else None


def scheduler_stopped(failure: Failure) -> Suppression | None:
    """Nothing is sent while the scheduler is stopped."""
    return Suppression.SCHEDULER_STOPPED if failure.around.stopped else None


def watch_disabled(failure: Failure) -> Suppression | None:
    """Nothing is sent of a watch that is disabled."""
    return Suppression.WATCH_DISABLED if failure.around.watch_disabled else None


def acknowledged(failure: Failure) -> Suppression | None:
    """Nothing is sent of an outage that somebody knows of."""
    return Suppression.ACKNOWLEDGED if failure.standing.ack else None


def dependency_failing(failure: Failure) -> Suppression | None:
    """Nothing is sent while what the alerts depend on fails (mon(8), "depend")."""
    return Suppression.DEPENDENCY if failure.around.holds is False else None


def outside_period(failure: Failure) -> Suppression | None:
    """A period that is not in force sends nothing."""
    if in_force(failure.period.when, failure.now, failure.zone):
        return None
    return Suppression.OUTSIDE_PERIOD


def alertafter_not_reached(failure: Failure) -> Suppression | None:
    """An outage too young, or with too few failures, waits; once met it stays met."""
    if failure.state.after_met:
        return None
    if reached(failure.period.alertafter, failure.standing.group, failure.now):
        return None
    return Suppression.ALERTAFTER


def numalerts_reached(failure: Failure) -> Suppression | None:
    """A period sends at most `numalerts` alerts per outage."""
    limit = failure.period.numalerts
    return (
        Suppression.NUMALERTS
        if limit is not None and failure.state.sent >= limit
        else None
    )


def within_alertevery(failure: Failure) -> Suppression | None:
    """A repeated alert waits, unless the text differs from the previous *run's*."""
    every, last = failure.period.alertevery, failure.state.last_alert
    if every is None or last is None:
        return None
    if has_passed(every.interval, last, failure.now):
        return None
    return None if _is_news(every, failure) else Suppression.ALERTEVERY


def _is_news(every: AlertEvery, failure: Failure) -> bool:
    match every.mode:
        case AlertEveryMode.SUMMARY:
            return not failure.summary_repeats
        case AlertEveryMode.OBSERVE_DETAIL:
            return not (failure.summary_repeats and failure.detail_repeats)
        case AlertEveryMode.IGNORE_SUMMARY | AlertEveryMode.STRICT:
            return False
        case _:
            assert_never(every.mode)


def exit_out_of_range(failure: Failure) -> Suppression | None:
    """With no alert line for this exit code nothing is sent and nothing is counted."""
    lines = failure.period.alerts
    if any(in_range(line.exits, failure.exit) for line in lines):
        return None
    return Suppression.EXIT_RANGE


def other_tells(failure: Failure) -> Suppression | None:
    """A standby says nothing that the master says. Last: only what would be sent."""
    return Suppression.STANDBY if failure.around.standby else None


RULES = (
    service_disabled,
    watch_disabled,
    scheduler_stopped,
    acknowledged,
    dependency_failing,
    outside_period,
    alertafter_not_reached,
    numalerts_reached,
    within_alertevery,
    exit_out_of_range,
    other_tells,
)


def suppression(failure: Failure) -> Suppression | None:
    """Name the first rule that keeps `failure` quiet, if any does."""
    return next((why for rule in RULES if (why := rule(failure))), None)


def lines_for(lines: tuple[AlertLine, ...], code: int) -> tuple[AlertLine, ...]:
    """Return the alert lines whose exit range contains `code`."""
    return tuple(line for line in lines if in_range(line.exits, code))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """The end of an outage as one period sees it."""

    period: Period
    state: PeriodState
    standing: Standing
    """The service as it stood during the outage."""
    now: Now
    zone: tzinfo | None = None
    around: Circumstances = FREE

    @property
    def told(self) -> bool:
        """Somebody was told of the outage, by us or by the other director."""
        return self.state.sent > 0 or self.state.quiet is Suppression.STANDBY


def upalert_suppression(recovery: Recovery) -> Suppression | None:
    """Name what keeps an upalert quiet (mon(8), "upalert", "no_comp_alerts")."""
    standing, period = recovery.standing, recovery.period
    if (silenced := _silenced(recovery)) is not None:
        return silenced
    if not in_force(period.when, recovery.now, recovery.zone):
        return Suppression.OUTSIDE_PERIOD
    if not recovery.told and not period.no_comp_alerts:
        return Suppression.NO_ALERT_SENT
    first, wait = standing.first_failure, period.upalertafter
    if first and wait and not has_passed(wait, first, recovery.now):
        return Suppression.UPALERTAFTER
    if not lines_for(period.upalerts, 0):
        return Suppression.EXIT_RANGE
    return Suppression.STANDBY if recovery.around.standby else None


def _silenced(recovery: Recovery) -> Suppression | None:
    """Name the act of an operator that keeps upalerts quiet."""
    if recovery.standing.disabled:
        return Suppression.SERVICE_DISABLED
    if recovery.around.watch_disabled:
        return Suppression.WATCH_DISABLED
    return Suppression.SCHEDULER_STOPPED if recovery.around.stopped else None
