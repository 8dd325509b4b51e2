"""Random histories of a pool: what holds whatever happens."""

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from monlvs.core.places import Because, Presence
from monlvs.model.lvs import OnFailure
from monlvs.model.pool import Act, Count, Damping, PoolPolicy, Share, WeightFrom
from monlvs.model.result import Advice, AdviceKind
from monlvs.model.status import Health
from tests.core.pools import Playground, rs

SERVERS = 4
numbers = st.integers(1, SERVERS)
spans = st.sampled_from([0.0, 0.25, 1.0, 3.0, 10.0, 60.0])
durations = st.sampled_from([None, *(timedelta(seconds=n) for n in (1, 7, 20, 60))])
keeps = st.one_of(
    st.none(), st.builds(Count, st.integers(1, SERVERS)), st.builds(Share, st.integers(1, 100))
)  # fmt: skip
dampings = st.one_of(
    st.none(),
    st.builds(
        Damping,
        flaps=st.integers(2, 3),
        within=st.just(timedelta(seconds=30)),
        hold=st.just(timedelta(seconds=20)),
    ),
)
policies = st.builds(
    PoolPolicy,
    keep_at_least=keeps,
    drain=durations,
    slow_start=durations,
    damping=dampings,
    weight_from=st.sampled_from(WeightFrom),
)
advices = st.builds(Advice, st.sampled_from(AdviceKind), st.integers(0, 150))


class PoolMachine(RuleBasedStateMachine):
    """Servers fail, return, are forced and released; after each step one decides."""

    @initialize(
        policy=policies,
        on_failure=st.sampled_from(OnFailure),
        fallback=st.booleans(),
        weights=st.lists(st.integers(0, 700), min_size=SERVERS, max_size=SERVERS),
        standing=st.booleans(),
    )
    def begin(self, policy, on_failure, fallback, weights, standing):
        self.pool = Playground(
            SERVERS, policy=policy, on_failure=on_failure, fallback=fallback,
            weights=weights, standing=standing,
        )  # fmt: skip
        self.before = None
        self.pool.decides()

    def then(self, after=0.0):
        self.before = self.pool.decision, self.pool.state
        self.pool.decides(after=after)

    @rule(number=numbers, health=st.sampled_from(Health), after=spans)
    def health_moves(self, number, health, after):
        self.pool.says(number, health=health)
        self.then(after)

    @rule(healths=st.lists(st.sampled_from(Health), min_size=SERVERS, max_size=SERVERS))
    def all_health_moves(self, healths):
        for number, health in enumerate(healths, 1):
            self.pool.says(number, health=health)
        self.then()

    @rule(number=numbers, act=st.sampled_from([None, *Act]), after=spans)
    def an_operator_acts(self, number, act, after):
        self.pool.says(number, act=act)
        self.then(after)

    @rule(number=numbers, advice=advices)
    def a_check_advises(self, number, advice):
        if self.pool.policy.weight_from is WeightFrom.CHECK:
            self.pool.says(number, advice=advice)
            self.then()

    @rule(number=numbers, connections=st.integers(0, 3), after=spans)
    def clients_come_and_go(self, number, connections, after):
        if self.pool.facts[rs(number)].standing is not None:
            self.pool.says(number, connections=connections)
        self.then(after)

    @rule(after=spans)
    def time_passes(self, after):
        self.then(after)

    @invariant()
    def asking_again_changes_nothing(self):
        again = self.pool.ask()
        gone = {
            server
            for server, place in self.pool.decision.places.items()
            if place.presence is Presence.QUIET
            and again.places[server].presence is Presence.OUT
        }
        # Who stood with a weight had to be seen without one before it may go.
        for server, place in self.pool.decision.places.items():
            if server not in gone:
                found = again.places[server]
                assert (found.presence, found.weight) == (place.presence, place.weight)
        kept = {s: m for s, m in again.state.members.items() if s in self.pool.facts}
        assert kept == {
            s: m for s, m in self.pool.state.members.items() if s in self.pool.facts
        }

    @invariant()
    def an_operators_word_is_done(self):
        for server, facts in self.pool.facts.items():
            place = self.pool.decision.places[server]
            match facts.act:
                case Act.FORCE_UP:
                    assert place.presence is Presence.IN
                    assert place.weight == facts.weight * self.pool.state.scale
                case Act.MAINTENANCE:
                    assert place.presence is Presence.OUT
                case Act.DRAIN:
                    assert place.presence is not Presence.IN

    @invariant()
    def failures_never_empty_a_pool_below_what_is_kept(self):
        decision, members = self.pool.decision, self.pool.state.members
        free = [
            server
            for server, facts in self.pool.facts.items()
            if facts.weight and facts.act is None
            and facts.health is not Health.UNKNOWN
            and members[server].good
            and (facts.advice is None or (
                facts.advice.kind in (AdviceKind.PERCENT, AdviceKind.WEIGHT)
                and facts.advice.amount
            ))
        ]  # fmt: skip
        taking = sum(place.weight > 0 for s, place in decision.places.items()
                     if s in self.pool.facts)  # fmt: skip
        assert taking >= min(decision.wanted, len(free))

    @invariant()
    def a_server_that_works_is_not_left_out_of_an_empty_pool(self):
        for server, facts in self.pool.facts.items():
            usable = facts.advice is None and facts.act is None and facts.weight
            if facts.health is Health.UP and usable:
                assert any(
                    self.pool.decision.places[each].weight for each in self.pool.facts
                ), server

    @invariant()
    def the_fallback_is_in_only_when_nobody_else_is(self):
        others = [self.pool.decision.places[server] for server in self.pool.facts]
        if self.pool.sorry is not None:
            nobody = not any(place.weight for place in others)
            assert self.pool.decision.sorry is nobody

    @invariant()
    def whole_weights_keep_their_ratio(self):
        for server, facts in self.pool.facts.items():
            place = self.pool.decision.places[server]
            whole = place.because in (Because.UP, Because.FORCED_UP)
            if place.presence is Presence.IN and whole:
                assert place.weight == facts.weight * self.pool.state.scale

    @invariant()
    def who_rises_never_falls(self):
        if self.before is None:
            return
        decision, state = self.before
        for server, facts in self.pool.facts.items():
            was, member = decision.places[server], state.members[server]
            place = self.pool.decision.places[server]
            same = self.pool.state.members[server].rises == member.rises is not None
            if same and facts.advice is None and was.because is place.because:
                assert place.weight >= was.weight

    @invariant()
    def release_restores(self):
        for server, facts in self.pool.facts.items():
            if facts.act is None or facts.health is Health.UNKNOWN:
                continue
            number = int(str(server.address).rpartition(".")[2])
            self.pool.says(number, act=None)
            place = self.pool.ask().places[server]
            self.pool.says(number, act=facts.act)
            if facts.health is Health.UP and facts.advice is None:
                assert place.presence is Presence.IN or place.because is Because.HELD
            if facts.health is Health.DOWN and facts.advice is None:
                assert place.because in (Because.DOWN, Because.KEPT)


TestPool = PoolMachine.TestCase
TestPool.settings = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
