"""The engine's memory as mon's state files have it, and back.

Rule: what mon's files cannot say (guards, hosts one by one) is neither lost by reading
them nor invented.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from monlvs.core.engine import Engine
from monlvs.core.states import EMPTY, Ack, Disabled, PeriodState, ServiceState, Standing
from monlvs.core.streak import NEW, Streak
from monlvs.model.result import NO_SUMMARY, Reason
from monlvs.model.status import Health, OpStatus
from monlvs.model.values import Now
from monlvs.model.watch import ServiceKey
from monlvs.mon.statefile import DisabledFile, PeriodLine, ServiceLine
from monlvs.runtime.noted import epoch

_WHO, _WHY = "", "read from mon's state file"


def disabled_of(engine: Engine) -> DisabledFile:
    """Return what is disabled: hosts that the configuration marks are among them."""
    marked = (host for watch in engine.config.watches for host in watch.group.disabled)
    return DisabledFile(
        hosts=tuple(dict.fromkeys((*engine.disabled_hosts, *sorted(marked)))),
        services=tuple(
            key for key, state in engine.states.items() if state.standing.disabled
        ),
        watches=tuple(engine.disabled_watches),
    )


def restore_disabled(engine: Engine, saved: DisabledFile, now: Now) -> None:
    """Disable what was disabled, and enable all else.

    What is not configured any more is forgotten.
    """
    note = Disabled(who=_WHO, why=_WHY, at=now.utc)
    off = {ServiceKey(group, service) for group, service in saved.services}
    states = {
        key: state._replace(
            standing=replace(
                state.standing, disabled=note if key in off else None, settled=None
            ),
        )
        for key, state in engine.states.items()
    }
    engine.disabled_hosts.clear()
    engine.disabled_watches.clear()
    engine.restore(
        states,
        disabled_hosts=dict.fromkeys(saved.hosts, note),
        disabled_watches=dict.fromkeys(saved.watches, note),
    )


def opstatus_of(
    engine: Engine, overdue_in: Callable[[ServiceKey], float | None]
) -> tuple[ServiceLine, ...]:
    """Return where every service stands."""
    return tuple(
        _line(engine, key, state, overdue_in(key))
        for key, state in engine.states.items()
    )


def restore_opstatus(engine: Engine, lines: Iterable[ServiceLine], now: Now) -> None:
    """Let services stand where the lines say; the others are as they are."""
    states = {}
    for line in lines:
        key = ServiceKey(line.group, line.service)
        if key in engine.states:
            states[key] = _state(engine.states[key], line, now)
    engine.restore(states)


def _line(
    engine: Engine, key: ServiceKey, state: ServiceState, overdue: float | None
) -> ServiceLine:
    standing = state.standing
    failing = standing.opstatus.is_failure
    summary, _, detail = standing.output.partition("\n")
    sent = sum(period.sent for period in standing.periods.values())
    return ServiceLine(
        group=key.group,
        service=key.service,
        op_status=int(standing.opstatus),
        failure_count=standing.group.failures,
        alert_count=sent,
        last_success=_epoch(state.succeeded),
        consec_failures=standing.group.failures,
        last_failure=_epoch(standing.last_failure) if failing else 0,
        first_failure=_epoch(standing.first_failure),
        last_summary=summary or (NO_SUMMARY if failing else ""),
        last_detail=detail,
        ack=None if standing.ack is None else epoch(standing.ack.at),
        ack_comment="" if standing.ack is None else _comment(standing.ack),
        last_trap=_epoch(standing.last_trap),
        exitval=standing.exit,
        last_check=_epoch(state.checked),
        last_op_status=int(standing.last_opstatus),
        failure_output=standing.failure_output if failing else "",
        trap_timer=None if overdue is None else int(overdue),
        periods=tuple(
            _period_line(label, standing.periods.get(label, EMPTY))
            for label in engine.watched[key].periods
        ),
    )


def _period_line(label: str, period: PeriodState) -> PeriodLine:
    last = period.last_alert
    return PeriodLine(
        key=label,
        last_alert=0 if last is None else epoch(last.utc),
        alert_sent=period.sent,
    )


def _state(before: ServiceState, line: ServiceLine, now: Now) -> ServiceState:
    checked = _moment(line.last_check, now)
    standing = _standing(before.standing, line, now)
    return before._replace(
        standing=standing,
        checked=checked,
        succeeded=_moment(line.last_success, now),
    )


def _standing(before: Standing, line: ServiceLine, now: Now) -> Standing:
    opstatus = _status(line.op_status)
    failing = opstatus.is_failure
    first = _moment(line.first_failure, now) if failing else None
    periods = {
        period.key: PeriodState(
            last_alert=_moment(period.last_alert, now), sent=period.alert_sent or 0
        )
        for period in line.periods
    }
    told = line.last_summary, line.last_detail
    return replace(
        before,
        opstatus=opstatus,
        last_opstatus=_status(line.last_op_status),
        exit=line.exitval,
        output="\n".join(told) if any(told) else "",
        recalled=True,
        failure_output=line.failure_output,
        last_failure=_moment(line.last_failure, now),
        last_trap=_moment(line.last_trap, now),
        group=_streak(first, line, now) if failing else NEW,
        periods=MappingProxyType(periods),
        ack=_ack(line, now) if failing else None,
        settled=None,
    )


def _streak(first: Now | None, line: ServiceLine, now: Now) -> Streak:
    return Streak(
        health=Health.DOWN,
        failures=max(line.consec_failures or 0, 1),
        since=first or now,
        reason=Reason.EXITED,
    )


def _ack(line: ServiceLine, now: Now) -> Ack | None:
    at = _moment(line.ack, now)
    if at is None:
        return None
    who, _, why = line.ack_comment.partition(": ")
    return Ack(who=who, why=why, at=at.utc)


def _comment(ack: Ack) -> str:
    return f"{ack.who}: {ack.why}"


def _status(number: int | None) -> OpStatus:
    try:
        return OpStatus(OpStatus.UNTESTED if number is None else number)
    except ValueError:
        return OpStatus.UNTESTED


def _moment(saved: int | None, now: Now) -> Now | None:
    if not saved:
        return None
    try:
        utc = datetime.fromtimestamp(saved, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    age = max(now.utc - utc, timedelta(0))
    return Now(utc, now.mono - age.total_seconds())


def _epoch(moment: Now | None) -> int | None:
    return None if moment is None else epoch(moment.utc)
