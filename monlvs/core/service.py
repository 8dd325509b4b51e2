"""One service's state machine.

Rule 1: the status moves as `transitions` says and not otherwise. Rule 2: a step is
pure: state, event and `now` go in; the new state and the effects come out. Rule 3: an
inconclusive result moves nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from monlvs.core import guarding, streak, telling
from monlvs.core.effects import (
    CheckUnsure,
    Effect,
    GuardMoved,
    HostChanged,
    Report,
    Reschedule,
    StatusChanged,
)
from monlvs.core.states import ServiceState, Standing
from monlvs.core.streak import NEW, Streak
from monlvs.core.transitions import TRANSITIONS, Move
from monlvs.core.watched import Watched
from monlvs.model.guard import Guard
from monlvs.model.result import Outcome, Reason, Result, Verdict
from monlvs.model.status import Health, OpStatus
from monlvs.model.values import Host, Now

UNSURE_ALERT = 3
"""Inconclusive checks in a row that are told to people."""


def step(
    watch: Watched, state: ServiceState, result: Result, *, now: Now, stopped: bool
) -> tuple[ServiceState, tuple[Effect, ...]]:
    """Take one finished check in; return the new state and what is to be done."""
    if result.verdict is Verdict.INCONCLUSIVE:
        return _unsure(watch, state, result, now=now)
    standing = state.standing
    if (
        standing.settled
        and result.reason is Reason.OK
        and result.output == standing.output
    ):
        return ServiceState(standing, now, now, result.duration), ()
    before = _known(standing)
    opstatus, move = TRANSITIONS[before.opstatus, result.verdict]
    after, effects = _stand(watch, before, result, opstatus, now)
    after, told = telling.tell(
        telling.Change(
            watch=watch,
            move=move,
            before=before,
            after=after,
            result=result,
            last_success=state.succeeded,
            now=now,
            stopped=stopped,
        )
    )
    succeeded = now if result.verdict is Verdict.UP else state.succeeded
    changed = _status_effects(watch, move, before, after, result)
    return (
        ServiceState(after, now, succeeded, result.duration),
        (*changed, *effects, *told),
    )


def _known(standing: Standing) -> Standing:
    if standing.opstatus in (OpStatus.FAIL, OpStatus.OK, OpStatus.UNTESTED):
        return standing
    return replace(standing, opstatus=OpStatus.UNTESTED)


def _stand(
    watch: Watched, before: Standing, result: Result, opstatus: OpStatus, now: Now
) -> tuple[Standing, list[Effect]]:
    """Count the result per host and for the group, and judge the guards."""
    up = result.verdict is Verdict.UP
    hosts, effects = _count_hosts(watch, before, result, now)
    own = Outcome(verdict=result.verdict, reason=result.reason, detail=result.summary)
    group = _count(watch, before.group, own, now)
    failed = tuple(
        host for host, outcome in result.outcomes if outcome.verdict is Verdict.DOWN
    )
    after = replace(
        before,
        opstatus=opstatus,
        last_opstatus=before.opstatus,
        exit=result.exit,
        output=result.output,
        failure_output=before.failure_output if up else result.output,
        failed=failed,
        last_failure=before.last_failure if up else now,
        group=group,
        hosts=MappingProxyType(hosts),
        ack=None if up else before.ack,
        settled=up and _is_settled(watch, group, hosts),
    )
    gate = guarding.Gate(
        periods=watch.periods, exit=result.exit, now=now, zone=watch.zone
    )
    guards = guarding.judge_all(watch.guards, after, gate)
    for guard, health in guards.items():
        was = before.guards.get(guard, Health.UNKNOWN)
        if health is not was:
            effects += _guard_effects(guard, was, health, after)
    return replace(after, guards=MappingProxyType(guards)), effects


def _is_settled(watch: Watched, group: Streak, hosts: Mapping[Host, Streak]) -> bool:
    rise = watch.service.rise
    return group.successes >= rise and all(
        streak.successes >= rise and streak.health is Health.UP
        for streak in hosts.values()
    )


def _count(watch: Watched, old: Streak, outcome: Outcome, now: Now) -> Streak:
    match outcome.verdict:
        case Verdict.UP:
            return streak.succeed(old, rise=watch.service.rise)
        case Verdict.DOWN:
            return streak.fail(
                old,
                now,
                fall=watch.service.fall,
                keep=watch.keep,
                reason=outcome.reason,
                detail=outcome.detail,
            )
        case Verdict.INCONCLUSIVE:
            return old


def _count_hosts(
    watch: Watched, before: Standing, result: Result, now: Now
) -> tuple[dict[Host, Streak], list[Effect]]:
    outcomes = dict(result.outcomes)
    whole = Outcome(verdict=result.verdict, reason=result.reason)
    hosts: dict[Host, Streak] = {}
    effects: list[Effect] = []
    for host in watch.group.hosts:
        old = before.hosts.get(host, NEW)
        unchecked = host in watch.service.exclude_hosts or (
            result.outcomes and host not in outcomes
        )
        outcome = outcomes.get(host, whole)
        new = old if unchecked else _count(watch, old, outcome, now)
        hosts[host] = new
        if new.health is not old.health:
            effects.append(
                HostChanged(
                    service=watch.service.key,
                    host=host,
                    before=old.health,
                    after=new.health,
                    reason=outcome.reason,
                    detail=outcome.detail,
                )
            )
    return hosts, effects


def _guard_effects(
    guard: Guard, before: Health, after: Health, standing: Standing
) -> tuple[Effect, ...]:
    what = (
        str(guard.key) if guard.entry is None else f"{guard.key} → {guard.entry.server}"
    )
    speaker = guarding.streak_of(guard, standing)
    why = speaker.detail or speaker.reason.value
    return (
        GuardMoved(
            service=guard.service,
            host=guard.host,
            entry=what,
            before=before,
            after=after,
        ),
        Report(guard=guard, health=after, host_reason=why),
    )


def _status_effects(
    watch: Watched, move: Move, before: Standing, after: Standing, result: Result
) -> tuple[Effect, ...]:
    if move in (Move.STEADY, Move.STILL_FAILING):
        return ()
    changed = StatusChanged(
        service=watch.service.key,
        before=before.opstatus,
        after=after.opstatus,
        summary=result.summary,
    )
    faster = watch.service.failure_interval
    if faster is None or move is Move.FIRST_SUCCESS:
        return (changed,)
    interval = watch.interval if move is Move.RECOVERED else faster
    return changed, Reschedule(service=watch.service.key, interval=interval)


def _unsure(
    watch: Watched, state: ServiceState, result: Result, *, now: Now
) -> tuple[ServiceState, tuple[Effect, ...]]:
    count = state.unsure + 1
    record = CheckUnsure(
        service=watch.service.key,
        in_a_row=count,
        reason=result.reason,
        detail=result.summary,
    )
    after = replace(
        state,
        checked=now,
        duration=result.duration,
        unsure=count,
        unsure_reason=result.reason,
    )
    told: tuple[Effect, ...] = ()
    if count == UNSURE_ALERT and state.standing.disabled is None:
        told = telling.tell_unsure(watch, state, result, now)
    return after, (record, *told) if count <= UNSURE_ALERT else told
