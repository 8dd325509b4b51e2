"""What an alert is told of an event, put together from the service's state."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monlvs.core.circumstances import Circumstances
from monlvs.core.effects import (
    AlertDecided,
    AlertNoted,
    Effect,
    SendAlert,
    Suppression,
)
from monlvs.core.states import Ack, ServiceState, Standing
from monlvs.core.transitions import Move
from monlvs.core.watched import Watched
from monlvs.model.plugin import AlertKind, Occasion
from monlvs.model.result import Result, summary_line
from monlvs.model.values import Now
from monlvs.model.watch import AlertLine, Period


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a result comes from."""

    kind: AlertKind
    """What a failure is told as: FAILURE, TRAP or TRAP_TIMEOUT."""
    intended: str | None = None
    """`group:service` that a trap named when the default service took it."""

    @property
    def is_check(self) -> bool:
        """The service's own monitor gave it."""
        return self.kind is AlertKind.FAILURE


CHECK = Origin(AlertKind.FAILURE)


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
    around: Circumstances
    origin: Origin

    @property
    def failed(self) -> bool:
        """The result is a failure."""
        return self.after.opstatus.is_failure

    @property
    def first(self) -> bool:
        """It is the first result of all."""
        return self.move in (Move.FIRST_FAILURE, Move.FIRST_SUCCESS)

    @property
    def output_before(self) -> str | None:
        """Complete output of the result before this one, where it is known."""
        return None if self.first or self.before.recalled else self.before.output

    @property
    def summary_before(self) -> str:
        """Summary of the result before this one."""
        before = self.before
        return summary_line(before.output, failed=before.opstatus.is_failure)


def send(
    watch: Watched, label: str, lines: Iterable[AlertLine], occasion: Occasion
) -> tuple[Effect, ...]:
    """Return one SendAlert and one AlertNoted per line and, if there are lines, one
    record of them all."""
    effects: list[Effect] = []
    for line in lines:
        order = SendAlert(
            service=watch.service.key,
            period=label,
            alert=line.alert,
            occasion=occasion,
        )
        noted = AlertNoted(
            kind=occasion.kind,
            service=watch.service.key,
            time=occasion.time,
            program=line.program,
            arguments=line.arguments,
            summary=summary_line(occasion.text, failed=True),
        )
        effects += (order, noted)
    if not effects:
        return ()
    return (*effects, decided(watch, label, occasion.kind, None))


def decided(
    watch: Watched, label: str, kind: AlertKind, why: Suppression | None
) -> AlertDecided:
    """Return the record of an alert sent, or of why it is not."""
    return AlertDecided(
        service=watch.service.key, period=label, kind=kind, suppressed=why
    )


def blank(watch: Watched, kind: AlertKind, now: Now) -> Occasion:
    """Return an occasion with what is known of the service itself filled in."""
    return Occasion(
        kind=kind,
        group=watch.service.key.group,
        service=watch.service.key.service,
        hosts=watch.members,
        time=now.utc,
        description=watch.service.description,
        variables=watch.variables,
    )


def of_failure(change: Change, period: Period | None) -> Occasion:
    """Return what a failure tells; `period` is None for redistribute."""
    after, every = change.after, period and period.alertevery
    return replace(
        blank(change.watch, change.origin.kind, change.now),
        text=after.failure_output,
        exit=change.result.exit,
        opstatus=after.opstatus,
        failed=after.failed,
        next_alert=every.interval if every else timedelta(0),
        previous_output=change.output_before,
        first_failure=utc(after.first_failure),
        last_failure=utc(after.last_failure),
        last_success=utc(change.last_success),
        intended=change.origin.intended,
    )


def of_recovery(change: Change) -> Occasion:
    """Return what the end of an outage tells: the last failure (mon's quirk)."""
    before, outage = change.before, None
    if before.first_failure is not None:
        outage = timedelta(seconds=change.now.mono - before.first_failure.mono)
    return replace(
        blank(change.watch, AlertKind.UP, change.now),
        text=change.after.failure_output,
        exit=0,
        opstatus=change.after.opstatus,
        failed=before.failed,
        previous_output=change.output_before,
        first_failure=utc(before.first_failure),
        outage=outage,
        last_failure=utc(before.last_failure),
        last_success=utc(change.last_success),
        comment=comment(before.ack) if before.ack else None,
        intended=change.origin.intended,
    )


def of_success(change: Change) -> Occasion:
    """Return what redistribute is told of a success outside an outage."""
    before = "" if change.first else change.before.output
    return replace(
        blank(change.watch, AlertKind.UP, change.now),
        text=before,
        exit=0,
        opstatus=change.after.opstatus,
        last_summary=before.partition("\n")[0] or None,
        previous_output=change.output_before,
        last_success=utc(change.last_success),
        intended=change.origin.intended,
    )


def of_state(
    watch: Watched, state: ServiceState, kind: AlertKind, now: Now
) -> Occasion:
    """Return what is known of a service where no result has come."""
    standing = state.standing
    failing = standing.opstatus.is_failure
    known = standing.exit is not None and not standing.recalled
    summary = summary_line(standing.output, failed=failing)
    return replace(
        blank(watch, kind, now),
        opstatus=standing.opstatus,
        failed=standing.failed,
        last_summary=summary or None,
        previous_output=standing.output if known else None,
        first_failure=utc(standing.first_failure),
        last_failure=utc(standing.last_failure) if failing else None,
        last_success=utc(state.succeeded),
    )


def comment(ack: Ack) -> str:
    """Return an acknowledgement as mon tells it."""
    return f"{ack.who}: {ack.why}"


def utc(moment: Now | None) -> datetime | None:
    """Return the wall-clock side of a moment."""
    return None if moment is None else moment.utc
