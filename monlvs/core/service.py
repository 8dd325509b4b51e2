"""One service's state machine.

Rule 1: the status moves as `transitions` says and not otherwise. Rule 2: a step is
pure: state, event and `now` go in; the new state and the effects come out. Rule 3: an
inconclusive result moves nothing; nor is an outage over while a host that was failing
could not be checked.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import assert_never

from monlvs.core import announcing, guarding, streak, telling
from monlvs.core.circumstances import FREE, Circumstances
from monlvs.core.effects import (
    Advise,
    CheckUnsure,
    DowntimeEnded,
    Effect,
    FailureNoted,
    HostChanged,
    Reschedule,
    StatusChanged,
)
from monlvs.core.occasions import CHECK, Change, Origin
from monlvs.core.states import ServiceState, Standing
from monlvs.core.streak import NEW, Streak
from monlvs.core.transitions import TRANSITIONS, Move
from monlvs.core.watched import Watched
from monlvs.model.guard import Guard
from monlvs.model.plugin import AlertKind
from monlvs.model.result import Outcome, Reason, Result, Verdict, summary_line
from monlvs.model.status import Health
from monlvs.model.values import Host, Now

UNSURE_ALERT = 3
"""Inconclusive checks in a row that are told to people."""
UNSURE_EXIT = 2
"""Of a check that could not be made, as fping.monitor has it."""


def step(
    watch: Watched,
    state: ServiceState,
    result: Result,
    *,
    now: Now,
    around: Circumstances = FREE,
    origin: Origin = CHECK,
) -> tuple[ServiceState, tuple[Effect, ...]]:
    """Take one result in; return the new state and what is to be done."""
    before = state.standing
    if origin.is_check:
        same = repeated(state, result, now, result.duration)
        if same is not None:
            return same, ()
    if result.verdict is Verdict.INCONCLUSIVE:
        return _unsure(watch, state, result, now=now, around=around)
    answers = watch.answers(result)
    for host in around.spared:
        answers.pop(host, None)
    frozen = around.frozen or before.disabled is not None
    heard = frozenset() if frozen else _heard(answers, around)
    unheard = _unheard(result, answers)
    if any(_is_failing(before.hosts.get(host, NEW)) for host in unheard):
        standing, moved = _hear_hosts(watch, before, result, answers, heard, now)
        state = state._replace(standing=standing)
        partly = _of_unheard(result, answers, unheard)
        state, told = _unsure(watch, state, partly, now=now, around=around)
        return state, (*moved, *told)
    counted = _count_all(watch, before, result, answers, now)
    guarded, moves = _guard(watch, counted, result, heard, now)
    change = Change(
        watch=watch,
        move=TRANSITIONS[before.opstatus, result.verdict][1],
        before=before,
        after=_marked(guarded, now, around, origin),
        result=result,
        last_success=state.succeeded,
        now=now,
        around=around,
        origin=origin,
    )
    after, told = telling.tell(change)
    steady = after == before and result.is_plain and not frozen
    if steady and _may_settle(watch, answers):
        after = replace(after, settled=result)
    new = _state_after(state, after, change)
    if unheard:
        new = new._replace(unsure=state.unsure)
        partly = _of_unheard(result, answers, unheard)
        new, missed = _unsure(watch, new, partly, now=now, around=around)
        told = (*told, *missed)
    return (
        new,
        (
            *_history(change),
            *_status_effects(change),
            *_host_effects(watch, before, after, answers),
            *moves,
            *_advices(watch, answers, heard),
            *told,
        ),
    )


def repeated(
    state: ServiceState, result: Result, now: Now, took: timedelta
) -> ServiceState | None:
    """Return the state after a check's success, which took so long, that is like the one
    that changed nothing (see Standing.settled); None: it is not, and `step` decides."""
    standing = state.standing
    settled = standing.settled
    if settled is None:
        return None
    # Most checks hand in the very result of the one before.
    answer = standing.output, standing.exit
    if result is not settled and not (
        result.is_plain and (result.output, result.exit) == answer
    ):
        return None
    # Without the Python function that NamedTuple makes of `__new__`.
    return tuple.__new__(ServiceState, (standing, now, now, took, 0, Reason.OK))


def _unheard(result: Result, answers: Mapping[Host, Outcome]) -> tuple[Host, ...]:
    """Return the hosts that a success says nothing of: they could not be checked.

    What a failure does not say is in the text that people get of it.
    """
    if result.verdict is not Verdict.UP or not result.outcomes:
        return ()
    return tuple(
        host for host, each in answers.items() if each.verdict is Verdict.INCONCLUSIVE
    )


def _is_failing(streak: Streak) -> bool:
    return streak.failures > 0 or streak.health is Health.DOWN


def _hear_hosts(
    watch: Watched,
    before: Standing,
    result: Result,
    answers: Mapping[Host, Outcome],
    heard: frozenset[Host | None],
    now: Now,
) -> tuple[Standing, tuple[Effect, ...]]:
    """Count a success of some hosts for these alone: one that was failing was not
    checked, so whether the outage is over is not known."""
    hosts = dict(before.hosts)
    for host, outcome in answers.items():
        hosts[host] = _count(watch, hosts.get(host, NEW), outcome, now)
    counted = replace(before, hosts=MappingProxyType(hosts), settled=None)
    after, moves = _guard(watch, counted, result, heard - {None}, now)
    changed = _host_effects(watch, before, after, answers)
    return after, (*changed, *moves, *_advices(watch, answers, heard))


def _of_unheard(
    result: Result, answers: Mapping[Host, Outcome], unheard: tuple[Host, ...]
) -> Result:
    """Return what a success says of the hosts that were not checked."""
    names = " ".join(sorted(unheard))
    return replace(
        result,
        verdict=Verdict.INCONCLUSIVE,
        reason=answers[unheard[0]].reason,
        exit=UNSURE_EXIT,
        output=f"{names}\n{result.detail}",
    )


def _marked(
    standing: Standing, now: Now, around: Circumstances, origin: Origin
) -> Standing:
    """Note what is remembered of a result besides its verdict."""
    trap = now if origin.kind is AlertKind.TRAP else standing.last_trap
    ended = standing.last_opstatus.is_failure and standing.opstatus.is_success
    asked = standing.opstatus.is_failure and around.holds is not None
    return replace(
        standing,
        last_trap=trap,
        recovered=now if ended else standing.recovered,
        depends=around.holds if asked else standing.depends,
    )


def _state_after(
    state: ServiceState, standing: Standing, change: Change
) -> ServiceState:
    succeeded = state.succeeded if change.failed else change.now
    if change.origin.is_check:
        return ServiceState(standing, change.now, succeeded, change.result.duration)
    return state._replace(standing=standing, succeeded=succeeded)


def _history(change: Change) -> Iterator[FailureNoted | DowntimeEnded]:
    """Return what mon's histories keep of a result."""
    service, before = change.watch.service, change.before
    if change.failed:
        yield FailureNoted(
            service=service.key, time=change.now.utc, summary=change.result.summary
        )
    elif change.move is Move.RECOVERED and before.first_failure is not None:
        lasted = change.now.mono - before.first_failure.mono
        yield DowntimeEnded(
            service=service.key,
            time=change.now.utc,
            first_failure=before.first_failure.utc,
            downtime=timedelta(seconds=lasted),
            interval=service.interval,
            summary=summary_line(before.failure_output, failed=True),
        )


def _may_settle(watch: Watched, answers: Mapping[Host, Outcome]) -> bool:
    """Whether everybody was heard to be up, and nobody is told of steady successes."""
    return watch.service.redistribute is None and all(
        host in answers and answers[host].verdict is Verdict.UP
        for host in watch.checked
    )


def _heard(
    answers: Mapping[Host, Outcome], around: Circumstances
) -> frozenset[Host | None]:
    decisive = frozenset(
        host
        for host, outcome in answers.items()
        if outcome.verdict is not Verdict.INCONCLUSIVE
    )
    # A check that leaves hosts out says nothing of the whole group.
    return decisive if around.spared else decisive | {None}


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
        recalled=False,
        failure_output=before.failure_output if up else result.output,
        failed=tuple(down),
        last_failure=before.last_failure if up else now,
        group=_count(watch, before.group, whole, now),
        hosts=MappingProxyType(hosts),
        ack=None if up else before.ack,
        settled=None,
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


def _advices(
    watch: Watched, answers: Mapping[Host, Outcome], heard: Collection[Host | None]
) -> Iterator[Advise]:
    """Return what the result reports of how much entries can take.

    What guards a group as a whole hears the host where there is one.
    """
    told = {
        host: outcome.advice
        for host, outcome in answers.items()
        if outcome.advice is not None and host in heard
    }
    if not told:
        return
    alone = next(iter(told.values())) if len(answers) == 1 else None
    for guard in watch.guards:
        advice = alone if guard.host is None else told.get(guard.host)
        if advice is not None:
            yield Advise(guard=guard, advice=advice)


def _status_effects(change: Change) -> tuple[Effect, ...]:
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
    watch: Watched, before: Standing, after: Standing, answers: Mapping[Host, Outcome]
) -> Iterator[HostChanged]:
    for host, outcome in answers.items():
        was, is_now = before.hosts.get(host, NEW).health, after.hosts[host].health
        if is_now is not was:
            yield HostChanged(
                service=watch.service.key,
                host=host,
                before=was,
                after=is_now,
                reason=outcome.reason,
                detail=outcome.detail,
            )


def _unsure(
    watch: Watched,
    state: ServiceState,
    result: Result,
    *,
    now: Now,
    around: Circumstances,
) -> tuple[ServiceState, tuple[Effect, ...]]:
    count = state.unsure + 1
    after = state._replace(
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
        detail=announcing.why_unsure(result),
    )
    standing = state.standing
    quiet = around.quiet or standing.disabled is not None or standing.ack is not None
    if count < UNSURE_ALERT or quiet:
        return after, (record,)
    return after, (record, *announcing.unsure(watch, state, result, now))
