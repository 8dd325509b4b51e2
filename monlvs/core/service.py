"""One service's state machine.

Rule 1: the status moves as `transitions` says and not otherwise. Rule 2: a step is
pure: state, event and `now` go in; the new state and the effects come out. Rule 3: an
inconclusive result moves nothing.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import assert_never

from monlvs.core import guarding, streak, telling
from monlvs.core.effects import (
    CheckUnsure,
    Effect,
    HostChanged,
    Reschedule,
    StatusChanged,
)
from monlvs.core.states import ServiceState, Standing
from monlvs.core.streak import NEW, Streak
from monlvs.core.transitions import TRANSITIONS, Move
from monlvs.core.watched import Watched
from monlvs.model.guard import Guard
from monlvs.model.result import Outcome, Result, Verdict
from monlvs.model.status import Health
from monlvs.model.values import Host, Now

UNSURE_ALERT = 3
"""Inconclusive checks in a row that are told to people."""


def step(
    watch: Watched, state: ServiceState, result: Result, *, now: Now, stopped: bool
) -> tuple[ServiceState, tuple[Effect, ...]]:
    """Take one finished check in; return the new state and what is to be done."""
    if result.verdict is Verdict.INCONCLUSIVE:
        return _unsure(watch, state, result, now=now, stopped=stopped)
    before = state.standing
    if before.settled and _repeats(result, before):
        return ServiceState(before, now, now, result.duration), ()
    answers = watch.answers(result)
    frozen = stopped or before.disabled is not None
    heard = () if frozen else _heard(answers)
    counted = _count_all(watch, before, result, answers, now)
    guarded, moves = _guard(watch, counted, result, heard, now)
    change = telling.Change(
        watch=watch,
        move=TRANSITIONS[before.opstatus, result.verdict][1],
        before=before,
        after=guarded,
        result=result,
        last_success=state.succeeded,
        now=now,
        stopped=stopped,
    )
    after, told = telling.tell(change)
    if not frozen and after == before and _all_up(watch, answers):
        after = replace(after, settled=True)
    succeeded = now if result.verdict is Verdict.UP else state.succeeded
    return (
        ServiceState(after, now, succeeded, result.duration),
        (*_status_effects(change), *_host_effects(change, answers), *moves, *told),
    )


def _repeats(result: Result, standing: Standing) -> bool:
    """Whether a result is like the one that changed nothing (see Standing.settled)."""
    return (
        result.verdict is Verdict.UP
        and result.output == standing.output
        and result.exit == standing.exit
        and all(outcome.verdict is not Verdict.DOWN for _, outcome in result.outcomes)
    )


def _all_up(watch: Watched, answers: Mapping[Host, Outcome]) -> bool:
    return all(
        host in answers and answers[host].verdict is Verdict.UP
        for host in watch.checked
    )


def _heard(answers: Mapping[Host, Outcome]) -> frozenset[Host | None]:
    decisive = (
        host
        for host, outcome in answers.items()
        if outcome.verdict is not Verdict.INCONCLUSIVE
    )
    return frozenset((None, *decisive))


def _count_all(
    watch: Watched,
    before: Standing,
    result: Result,
    answers: Mapping[Host, Outcome],
    now: Now,
) -> Standing:
    """Count the result for each host that it tells of, and for the group."""
    up = result.verdict is Verdict.UP
    hosts = {host: before.hosts.get(host, NEW) for host in watch.group.hosts}
    for host, outcome in answers.items():
        hosts[host] = _count(watch, hosts[host], outcome, now)
    whole = Outcome(verdict=result.verdict, reason=result.reason, detail=result.summary)
    down = (
        host for host, outcome in answers.items() if outcome.verdict is Verdict.DOWN
    )
    return replace(
        before,
        opstatus=TRANSITIONS[before.opstatus, result.verdict][0],
        last_opstatus=before.opstatus,
        exit=result.exit,
        output=result.output,
        failure_output=before.failure_output if up else result.output,
        failed=tuple(down),
        last_failure=before.last_failure if up else now,
        group=_count(watch, before.group, whole, now),
        hosts=MappingProxyType(hosts),
        ack=None if up else before.ack,
        settled=False,
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
        case _:
            assert_never(outcome.verdict)


def _guard(
    watch: Watched,
    standing: Standing,
    result: Result,
    heard: Collection[Host | None],
    now: Now,
) -> tuple[Standing, list[Effect]]:
    gate = guarding.Gate(
        heard=heard,
        periods=watch.periods,
        exit=result.exit,
        now=now,
        zone=watch.zone,
    )
    guards: dict[Guard, Health] = {}
    effects: list[Effect] = []
    for guard in watch.guards:
        before = standing.guards.get(guard, Health.UNKNOWN)
        guards[guard] = after = guarding.judge(guard, before, standing, gate)
        if after is not before:
            speaker = guarding.streak_of(guard, standing)
            why = speaker.detail or speaker.reason.value
            effects += guarding.moved(guard, before, after, why)
    return replace(standing, guards=MappingProxyType(guards)), effects


def _status_effects(change: telling.Change) -> tuple[Effect, ...]:
    service, move = change.watch.service, change.move
    if move in (Move.STEADY, Move.STILL_FAILING):
        return ()
    changed = StatusChanged(
        service=service.key,
        before=change.before.opstatus,
        after=change.after.opstatus,
        summary=change.result.summary,
    )
    if service.failure_interval is None or move is Move.FIRST_SUCCESS:
        return (changed,)
    up = move is Move.RECOVERED
    interval = service.interval if up else service.failure_interval
    return changed, Reschedule(service=service.key, interval=interval)


def _host_effects(
    change: telling.Change, answers: Mapping[Host, Outcome]
) -> Iterator[HostChanged]:
    for host, outcome in answers.items():
        before = change.before.hosts.get(host, NEW).health
        after = change.after.hosts[host].health
        if after is not before:
            yield HostChanged(
                service=change.watch.service.key,
                host=host,
                before=before,
                after=after,
                reason=outcome.reason,
                detail=outcome.detail,
            )


def _unsure(
    watch: Watched, state: ServiceState, result: Result, *, now: Now, stopped: bool
) -> tuple[ServiceState, tuple[Effect, ...]]:
    count = state.unsure + 1
    after = replace(
        state,
        checked=now,
        duration=result.duration,
        unsure=count,
        unsure_reason=result.reason,
    )
    if count > UNSURE_ALERT:
        return after, ()
    record = CheckUnsure(
        service=watch.service.key,
        in_a_row=count,
        reason=result.reason,
        detail=result.summary,
    )
    standing = state.standing
    quiet = stopped or standing.disabled is not None or standing.ack is not None
    if count < UNSURE_ALERT or quiet:
        return after, (record,)
    return after, (record, *telling.tell_unsure(watch, state, result, now))
