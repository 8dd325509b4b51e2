"""The engine under random results, acts, reloads and restarts.

Invariants, checked after every event:

1.  Nothing but a result or an Enable moves a guard that a reload keeps; an Enable only
    releases latches.
2.  A guard goes UP only with a success of its host (or group) in that very result, and
    DOWN only with a failure; never while its service is disabled or the scheduler
    stopped. A latched guard never goes from DOWN to UP.
3.  Every move of a guard is recorded and reported exactly once, as it was made.
4.  An inconclusive result changes no status, streak, period or guard.
5.  An upalert ends an outage in which its period has alerted, unless no_comp_alerts (or
    it is a first success under upalert_first); so there is at most one per outage.
6.  A period alerts at most `numalerts` times in an outage.
7.  Two alerts of a period are closer than alertevery only with a changed summary (or
    detail, under observe_detail) or in different outages; under strict never.
8.  A service that is disabled or acknowledged, or whose scheduler is stopped, sends no
    failure alert; of these only the acknowledged sends upalerts.
9.  An act that is refused raises and leaves everything as it was.
10. While its watch is disabled or what its alerts depend on fails, a service sends no
    failure alert; while it is disabled, or anything it depends on fails, no guard of
    its moves. The oracle for that is a few lines of its own.
11. A trap is judged as a check is, but for the check's time; the end of trapduration
    sends nothing and moves no guard.
12. A reset leaves nothing failing, no guard believed up or down, and sends nothing;
    what is disabled it forgets, unless told to keep it.
13. The effects do not depend on whether the settled fast path is taken, nor on restarts
    through the state file: three engines, of which one never settles and one is born
    again before every event, agree on every effect and state.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from monlvs.core import snapshot
from monlvs.core.alerting import has_passed
from monlvs.core.effects import (
    AlertDecided,
    Effect,
    GuardMoved,
    Report,
    SendAlert,
)
from monlvs.core.engine import Engine, RefusedError, UnknownTargetError
from monlvs.core.events import (
    Acknowledge,
    CheckFinished,
    ClearTimers,
    Enable,
    Event,
    OperatorAct,
    Reconfigured,
    Reset,
    TrapExpired,
    TrapReceived,
)
from monlvs.core.states import ServiceState
from monlvs.model.config import Config
from monlvs.model.guard import Effect as GuardEffect
from monlvs.model.guard import Guard
from monlvs.model.plugin import AlertKind
from monlvs.model.result import NO_SUMMARY, Reason, Result, Verdict
from monlvs.model.status import Health, OpStatus
from monlvs.model.values import Now
from monlvs.model.watch import AlertEveryMode, Period, ServiceKey
from tests.core.oracle import (
    as_check,
    before_doubt,
    before_sight,
    is_in_doubt,
    orphaned,
    unsettled,
)
from tests.core.playbook import at
from tests.core.strategies import acts, checks, configs, keys, outputs, traps

Label = tuple[ServiceKey, str]


def born_again(old: Engine, now: Now) -> Engine:
    new = Engine(old.config, zone=UTC)
    saved = json.loads(json.dumps(snapshot.dump(old)))
    assert snapshot.load(new, saved, now=now) == ()
    return new


class Machine(RuleBasedStateMachine):
    """Three engines that must agree, and a plain account of what they have sent."""

    @initialize(config=configs())
    def start(self, config: Config) -> None:
        self.engine = Engine(config, zone=UTC)
        self.slow = Engine(config, zone=UTC)
        self.reborn = Engine(config, zone=UTC)
        self.seconds = self.reloaded = 0.0
        self.sent: Counter[Label] = Counter()
        self.last: dict[Label, Now] = {}

    @property
    def now(self) -> Now:
        return at(self.seconds)

    @rule(seconds=st.sampled_from([0, 1, 5, 10, 30, 3600]))
    def time_passes(self, seconds: int) -> None:
        self.seconds += seconds

    @rule(event=checks, times=st.integers(1, 5))
    def check(self, event: CheckFinished, times: int) -> None:
        for _ in range(times):
            self.seconds += 1
            self.take_result(event)

    @rule(key=keys)
    def all_is_well(self, key: ServiceKey) -> None:
        self.all_is_well_with(key)

    def all_is_well_with(self, key: ServiceKey) -> None:
        """Successes that repeat long enough to settle."""
        well = Result(verdict=Verdict.UP, reason=Reason.OK)
        for _ in range(5):
            self.seconds += 1
            self.take_result(CheckFinished(key, well))

    @rule(
        key=keys,
        outputs=st.lists(outputs, min_size=1, max_size=4),
        ack=st.booleans(),
        exit=st.integers(1, 3),
    )
    def outage(self, key: ServiceKey, outputs: list[str], ack: bool, exit: int) -> None:
        """Failures in a row, of which somebody may know, and a recovery."""
        for output in outputs:
            self.seconds += 5
            failure = Result(
                verdict=Verdict.DOWN, reason=Reason.REFUSED, exit=exit, output=output
            )
            self.take_result(CheckFinished(key, failure))
            if ack:
                self.operate_with(Acknowledge(service=key, who="joe", why="knows"))
        self.all_is_well_with(key)

    @rule(trap=traps)
    def trap(self, trap: TrapReceived) -> None:
        self.seconds += 1
        old = self.engine.states.get(trap.service, ServiceState())
        self.take_result(trap)
        new = self.engine.states.get(trap.service, ServiceState())
        assert (new.checked, new.duration) == (old.checked, old.duration)

    @rule(key=keys)
    def trap_gets_old(self, key: ServiceKey) -> None:
        before = self.engine.health()
        failing = self.failing(key)
        effects = self.handle(TrapExpired(key))
        assert self.engine.health() == before
        assert not any(isinstance(e, SendAlert) for e in effects)
        if failing and not self.failing(key):
            self.forget_outage(key, self.engine.watched[key].service.periods)

    @rule(keep=st.booleans(), opstatus=st.booleans())
    @precondition(lambda self: self.seconds > self.reloaded + 60)
    def reset(self, keep: bool, opstatus: bool) -> None:
        self.reloaded = self.seconds
        disabled = (dict(self.engine.disabled_hosts), self.engine.disabled_watches)
        before = self.engine.health()
        wish = Reset(self.engine.config, keepstate=keep, opstatus=opstatus)
        effects = self.handle(wish)
        assert not any(isinstance(e, SendAlert | Report) for e in effects)
        now = (self.engine.disabled_hosts, self.engine.disabled_watches)
        assert now == (disabled if keep else ({}, {}))
        if opstatus:
            assert self.engine.health() == before
            return
        assert set(self.engine.health().values()) <= {Health.UNKNOWN}
        assert not any(map(self.failing, self.engine.states))
        self.sent.clear()
        self.last.clear()

    def failing(self, key: ServiceKey) -> bool:
        state = self.engine.states.get(key)
        return state is not None and state.standing.opstatus is OpStatus.FAIL

    @rule(act=acts)
    def operate(self, act: OperatorAct) -> None:
        self.operate_with(act)

    def operate_with(self, act: OperatorAct) -> None:
        before, states = self.engine.health(), dict(self.engine.states)
        hosts, stopped = dict(self.engine.disabled_hosts), self.engine.stopped
        try:
            effects = self.handle(act)
        except (UnknownTargetError, RefusedError):
            assert self.engine.states == states
            assert (self.engine.disabled_hosts, self.engine.stopped) == (hosts, stopped)
            return
        if isinstance(act, ClearTimers):
            self.last = {w: n for w, n in self.last.items() if w[0] != act.service}
        for guard, was, health in self.moves(before, effects):
            assert isinstance(act, Enable)
            assert guard.service == act.service
            assert guard.effect is GuardEffect.LATCHES_OUT
            assert (was, health) == (Health.DOWN, Health.UNKNOWN)

    @rule(config=configs())
    @precondition(lambda self: self.seconds > self.reloaded + 60)
    def reload(self, config: Config) -> None:
        self.reloaded = self.seconds
        before = self.engine.health()
        assert self.handle(Reconfigured(config)) == ()
        after = self.engine.health()
        assert set(after) == {
            g for g in config.guards if g.service in self.engine.states
        }
        assert all(after[guard] is before[guard] for guard in after.keys() & before)
        known = {
            (k, label) for k, w in self.engine.watched.items() for label in w.periods
        }
        self.sent = Counter({w: n for w, n in self.sent.items() if w in known})
        self.last = {w: now for w, now in self.last.items() if w in known}

    def take_result(self, told: CheckFinished | TrapReceived) -> None:
        event = as_check(told)
        old = self.engine.states.get(event.service, ServiceState())
        guards = self.engine.health()
        silent = event.service.group in self.engine.disabled_watches
        frozen = (
            silent or self.frozen(old) or orphaned(self.engine, event.service, self.now)
        )
        effects = self.handle(told)
        moves = list(self.moves(guards, effects))
        if event.service not in self.engine.states:
            assert effects == ()
        elif event.result.verdict is Verdict.INCONCLUSIVE:
            assert moves == []
            now = self.engine.states[event.service].standing
            # The question of whom to check is answered before the result comes.
            assert replace(now, depends=None) == replace(old.standing, depends=None)
        elif is_in_doubt(self.engine, event, old):
            self.judge_moves(moves, event, frozen=frozen)
            assert all(guard.host is not None for guard, _, _ in moves)
            now = self.engine.states[event.service].standing
            kept = {"hosts": now.hosts, "guards": now.guards, "settled": now.settled}
            kept["depends"] = now.depends
            assert now == replace(old.standing, **kept)
        else:
            self.judge_moves(moves, event, frozen=frozen)
            self.judge_alerts(event, old, before_doubt(before_sight(effects)))
            sent = [e for e in effects if isinstance(e, SendAlert)]
            assert not (silent and sent)

    def frozen(self, state: ServiceState) -> bool:
        return self.engine.stopped is not None or state.standing.disabled is not None

    def handle(self, event: Event) -> tuple[Effect, ...]:
        """Feed all engines; they must agree."""
        self.slow.states = unsettled(self.slow.states)
        self.reborn = born_again(self.reborn, self.now)
        if isinstance(event, CheckFinished) and event.service in self.engine.watched:
            # A check begins with the question of whom it is about.
            for twin in (self.engine, self.slow, self.reborn):
                twin.due(event.service, now=self.now)
        try:
            effects = self.engine.handle(event, now=self.now)
        except (UnknownTargetError, RefusedError):
            for twin in (self.slow, self.reborn):
                with pytest.raises((UnknownTargetError, RefusedError)):
                    twin.handle(event, now=self.now)
            raise
        assert effects == self.slow.handle(event, now=self.now)
        assert effects == self.reborn.handle(event, now=self.now)
        return effects

    def moves(
        self, before: Mapping[Guard, Health], effects: tuple[Effect, ...]
    ) -> list[tuple[Guard, Health, Health]]:
        """How guards differ from `before`; each must be recorded and reported once."""
        moved = [
            (guard, before[guard], health)
            for guard, health in self.engine.health().items()
            if before[guard] is not health
        ]
        reports = [(e.guard, e.health) for e in effects if isinstance(e, Report)]
        records = [
            (e.host, e.before, e.after) for e in effects if isinstance(e, GuardMoved)
        ]
        assert Counter(reports) == Counter((guard, now) for guard, _, now in moved)
        assert Counter(records) == Counter((g.host, was, now) for g, was, now in moved)
        return moved

    def judge_moves(
        self,
        moves: list[tuple[Guard, Health, Health]],
        event: CheckFinished,
        *,
        frozen: bool,
    ) -> None:
        told = {host: outcome.verdict for host, outcome in event.result.outcomes}
        whole = event.result.verdict
        for guard, was, health in moves:
            assert not frozen
            assert guard.service == event.service
            said = told.get(guard.host) if told and guard.host else whole
            assert guard.host in (None, *self.engine.hosts_to_check(event.service))
            assert said is (Verdict.UP if health is Health.UP else Verdict.DOWN)
            latched = guard.effect is GuardEffect.LATCHES_OUT and was is Health.DOWN
            assert not latched

    def judge_alerts(
        self, event: CheckFinished, old: ServiceState, effects: tuple[Effect, ...]
    ) -> None:
        watch = self.engine.watched[event.service]
        for effect in effects:
            if isinstance(effect, AlertDecided) and effect.suppressed is None:
                assert not self.frozen(old)
                period = watch.periods[effect.period]
                if effect.kind in (AlertKind.FAILURE, AlertKind.TRAP):
                    self.judge_failure(event, old, period)
                else:
                    assert effect.kind is AlertKind.UP
                    self.judge_upalert(event, old, period)
        if (
            event.result.verdict is Verdict.UP
            and old.standing.opstatus is OpStatus.FAIL
        ):
            self.forget_outage(event.service, watch.service.periods)

    def judge_failure(
        self, event: CheckFinished, old: ServiceState, period: Period
    ) -> None:
        assert event.result.verdict is Verdict.DOWN
        assert not orphaned(self.engine, event.service, self.now, alerts_only=True)
        acked = old.standing.ack is not None
        assert not acked or self.engine.watched[event.service].service.unack_summary
        label = (event.service, period.label)
        assert period.numalerts is None or self.sent[label] < period.numalerts
        every, last = period.alertevery, self.last.get(label)
        if every and last and not has_passed(every.interval, last, self.now):
            assert every.mode is not AlertEveryMode.STRICT
            assert every.mode is not AlertEveryMode.IGNORE_SUMMARY
            begins = old.standing.opstatus is not OpStatus.FAIL
            assert begins or self.is_news(event.result, old, every.mode)
        self.sent[label] += 1
        self.last[label] = self.now

    def is_news(self, new: Result, old: ServiceState, mode: AlertEveryMode) -> bool:
        summary, _, detail = old.standing.output.partition("\n")
        if new.summary != (summary or NO_SUMMARY):
            return True
        return mode is AlertEveryMode.OBSERVE_DETAIL and new.detail != detail

    def judge_upalert(
        self, event: CheckFinished, old: ServiceState, period: Period
    ) -> None:
        assert event.result.verdict is Verdict.UP
        if old.standing.opstatus is OpStatus.UNTESTED:
            assert self.engine.watched[event.service].service.upalert_first
            return
        assert old.standing.opstatus is OpStatus.FAIL
        assert self.sent[event.service, period.label] > 0 or period.no_comp_alerts

    def forget_outage(self, key: ServiceKey, periods: tuple[Period, ...]) -> None:
        for period in periods:
            self.sent.pop((key, period.label), None)
            every = period.alertevery
            if every is None or every.mode is not AlertEveryMode.STRICT:
                self.last.pop((key, period.label), None)

    @invariant()
    def engines_agree(self) -> None:
        for twin in (self.slow, self.reborn):
            assert unsettled(twin.states) == unsettled(self.engine.states)
            assert twin.disabled_hosts == self.engine.disabled_hosts
            assert twin.disabled_watches == self.engine.disabled_watches
            assert twin.stopped == self.engine.stopped


# No shrinking: it takes minutes, and a failure prints its steps anyway.
Machine.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
TestEngine = Machine.TestCase
