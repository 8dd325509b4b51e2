"""Which servers are in: each row of the table at the head of the module."""

from datetime import timedelta

import pytest

from monlvs.core.places import Because
from monlvs.model.lvs import OnFailure
from monlvs.model.pool import Act, Count, Damping, PoolPolicy, Share, WeightFrom
from monlvs.model.result import Advice, AdviceKind
from tests.core.pools import DOWN, IN, OUT, QUIET, SORRY, UNKNOWN, UP, Playground, rs


def seconds(number):
    return timedelta(seconds=number)


def test_without_a_policy_an_entry_follows_its_guards():
    pool = Playground().says(1, health=DOWN).decides()
    assert pool.presence() == [OUT, IN, IN]
    assert pool.says(1, health=UP).decides().presence() == [IN, IN, IN]


def test_a_failing_server_may_be_quieted_and_is_never_put_in_for_it():
    pool = Playground(on_failure=OnFailure.QUIESCE).says(1, health=DOWN)
    assert pool.decides().presence() == [QUIET, IN, IN]

    absent = Playground(on_failure=OnFailure.QUIESCE, standing=False)
    assert absent.says(1, health=DOWN).decides().presence()[0] is OUT


def test_of_whom_nothing_is_known_stays_as_it_stands():
    pool = Playground(on_failure=OnFailure.QUIESCE).says(1, health=UNKNOWN)
    pool.says(2, health=UNKNOWN, standing=None)
    pool.says(3, health=UNKNOWN, standing=0)
    assert pool.decides().presence() == [IN, OUT, QUIET]


class TestKeepAtLeast:
    @pytest.mark.parametrize(
        ("keep", "servers", "kept"),
        [(Count(2), 3, 2), (Share(50), 3, 2), (Share(50), 4, 2), (Share(1), 3, 1)],
    )
    def test_so_many_stay_when_all_fail_at_once(self, keep, servers, kept):
        pool = Playground(servers, policy=PoolPolicy(keep_at_least=keep)).decides()
        for n in range(1, servers + 1):
            pool.says(n, health=DOWN)
        pool.decides(after=1)

        assert pool.presence().count(IN) == kept == pool.decision.wanted
        assert len(pool.decision.kept) == kept
        assert pool.because().count(Because.KEPT) == kept

    def test_the_latest_to_fail_are_kept_and_the_same_ones_stay(self):
        pool = Playground(policy=PoolPolicy(keep_at_least=Count(1))).decides()
        for n in (2, 1, 3):
            pool.says(n, health=DOWN).decides(after=1)

        assert pool.presence() == [OUT, OUT, IN]
        assert pool.decides(after=60).presence() == [OUT, OUT, IN]

    def test_who_recovers_takes_the_place_of_who_was_kept(self):
        pool = Playground(policy=PoolPolicy(keep_at_least=Count(1))).decides()
        for n in (1, 2, 3):
            pool.says(n, health=DOWN).decides(after=1)
        pool.says(1, health=UP).decides(after=1)

        assert pool.presence() == [IN, OUT, OUT]
        assert pool.decision.kept == ()

    def test_one_that_is_out_comes_back_when_an_operator_takes_the_last(self):
        pool = Playground(2, policy=PoolPolicy(keep_at_least=Count(1))).decides()
        pool.says(1, health=DOWN).decides(after=1)
        pool.says(2, act=Act.MAINTENANCE).decides(after=1)

        assert pool.presence() == [IN, OUT]

    def test_what_never_worked_is_not_put_in(self):
        policy = PoolPolicy(keep_at_least=Count(1))
        pool = Playground(policy=policy, standing=False)
        for n in (1, 2, 3):
            pool.says(n, health=DOWN)

        assert pool.decides().presence() == [OUT, OUT, OUT]


class TestOperators:
    def test_maintenance_takes_a_server_out_that_works(self):
        pool = Playground().says(1, act=Act.MAINTENANCE).decides()
        assert pool.presence() == [OUT, IN, IN]
        assert pool.place(1).because is Because.MAINTENANCE

    def test_force_up_puts_a_server_in_that_fails_with_its_whole_weight(self):
        policy = PoolPolicy(slow_start=seconds(60))
        pool = Playground(policy=policy).says(1, health=DOWN).decides()
        pool.says(1, act=Act.FORCE_UP).decides(after=1)

        assert pool.weights() == [100, 100, 100]

    def test_release_leaves_a_server_of_which_nothing_is_known_as_it_was_before(self):
        pool = Playground().decides()
        pool.says(1, health=UNKNOWN, act=Act.MAINTENANCE).decides()
        pool.says(2, health=UNKNOWN, standing=None).decides()
        pool.says(2, act=Act.MAINTENANCE).decides()
        pool.says(1, act=None).says(2, act=None).decides()

        assert pool.presence() == [IN, OUT, IN]

    def test_a_drained_server_is_quiet_until_its_last_connection_has_gone(self):
        pool = Playground().says(1, act=Act.DRAIN, connections=2).decides()
        assert pool.presence() == [QUIET, IN, IN]
        assert pool.decision.again == 1.0

        pool.says(1, connections=1).decides(after=3600)
        assert pool.presence() == [QUIET, IN, IN]
        pool.says(1, connections=0).decides(after=1)
        assert pool.presence() == [OUT, IN, IN]
        assert pool.decision.again is None

    def test_an_entry_is_seen_with_weight_0_before_it_goes(self):
        pool = Playground().says(1, act=Act.DRAIN, connections=0).decides()
        assert pool.presence()[0] is QUIET
        assert pool.decides(after=1).presence()[0] is OUT

    def test_a_drain_ends_at_its_deadline(self):
        pool = Playground(policy=PoolPolicy(drain=seconds(10)))
        pool.says(1, act=Act.DRAIN, connections=5).decides()
        assert pool.place(1).left == 10

        assert pool.decides(after=9.5).place(1).presence is QUIET
        assert pool.decision.again == 0.5
        assert pool.decides(after=0.5).place(1).presence is OUT

    def test_a_server_that_fails_while_it_is_drained_keeps_its_connections(self):
        pool = Playground().says(1, act=Act.DRAIN, connections=5).decides()
        assert pool.says(1, health=DOWN).decides().presence()[0] is QUIET

    def test_what_leaves_the_configuration_goes_as_gently(self):
        pool = Playground().says(1, leaves=True, connections=1).decides()
        assert (pool.presence()[0], pool.because()[0]) == (QUIET, Because.LEAVING)
        assert pool.says(1, connections=0).decides().because()[0] is Because.LEFT


class TestFallback:
    def test_it_is_in_only_while_nobody_else_is(self):
        pool = Playground(2, fallback=True).decides()
        assert pool.decision.places[SORRY].presence is OUT

        pool.says(1, health=DOWN).says(2, health=DOWN).decides()
        assert pool.decision.sorry
        assert pool.decision.places[SORRY].presence is IN

        pool.says(1, health=UP).decides()
        assert not pool.decision.sorry

    def test_its_clients_are_not_cut_off(self):
        pool = Playground(1, fallback=True).says(1, health=DOWN).decides()
        pool.sorry = type(pool.sorry)(health=UP, standing=1, connections=3)

        pool.says(1, health=UP).decides()
        assert pool.decision.places[SORRY].presence is QUIET
        pool.sorry = type(pool.sorry)(health=UP, standing=0, connections=0)
        assert pool.decides().decision.places[SORRY].presence is OUT

    def test_persistent_clients_would_come_back_to_it_so_it_goes_at_once(self):
        pool = Playground(1, fallback=True, persistent=True)
        pool.says(1, health=DOWN).decides()
        pool.sorry = type(pool.sorry)(health=UP, standing=1, connections=3)

        pool.says(1, health=UP).decides()
        assert pool.decision.places[SORRY].presence is OUT

    def test_a_pool_that_is_drained_has_nobody_for_new_clients(self):
        pool = Playground(1, fallback=True).says(1, act=Act.DRAIN, connections=1)
        assert pool.decides().decision.sorry


class TestSlowStart:
    policy = PoolPolicy(slow_start=seconds(20))

    def returned(self):
        pool = Playground(policy=self.policy).decides()
        pool.says(1, health=DOWN).decides(after=1)
        return pool.says(1, health=UP).decides(after=1)

    def test_weights_are_multiplied_so_that_one_can_be_divided(self):
        pool = Playground(policy=self.policy, weights=(1, 2, 3)).decides()
        assert pool.weights() == [100, 200, 300]

    def test_a_server_that_returns_rises_step_by_step(self):
        pool = self.returned()
        assert (pool.weights(), pool.because()[0]) == ([10, 100, 100], Because.RISING)
        assert pool.decision.again == 1.0

        seen = [pool.decides(after=1).weights()[0] for _ in range(20)]
        assert seen == [10, 10, *range(15, 101, 5)]
        assert pool.decision.again is None

    def test_it_starts_again_on_a_flap(self):
        pool = self.returned().decides(after=15)
        assert pool.weights()[0] == 75

        pool.says(1, health=DOWN).decides(after=1)
        assert pool.says(1, health=UP).decides(after=1).weights()[0] == 10

    def test_it_is_skipped_for_a_lone_server_and_not_taken_up_later(self):
        pool = Playground(2, policy=self.policy).decides()
        pool.says(1, health=DOWN).says(2, health=DOWN).decides(after=1)
        pool.says(1, health=UP).decides(after=1)
        assert pool.weights()[0] == 100

        pool.says(2, health=UP).decides(after=1)
        assert pool.weights() == [100, 10]

    def test_servers_that_stand_at_a_start_do_not_rise(self):
        assert Playground(policy=self.policy).decides().weights() == [100, 100, 100]

    def test_a_restart_in_the_middle_goes_on(self):
        pool = self.returned().decides(after=10)
        again = Playground(policy=self.policy)
        again.state, again.facts, again.now = pool.state, pool.facts, pool.now

        assert again.decides(after=2).weights()[0] == 60


class TestDamping:
    policy = PoolPolicy(
        damping=Damping(flaps=2, within=seconds(60), hold=seconds(30)),
    )

    def flapped(self, pool, *, pause=5):
        for _ in range(2):
            pool.says(1, health=DOWN).decides(after=pause)
            pool.says(1, health=UP).decides(after=pause)
        return pool

    def test_a_server_that_flaps_is_held_out(self):
        pool = self.flapped(Playground(policy=self.policy).decides())
        assert (pool.presence()[0], pool.because()[0]) == (OUT, Because.HELD)
        assert pool.decision.again == pool.place(1).left == 25

        assert pool.decides(after=24).presence()[0] is OUT
        assert pool.decides(after=1).presence()[0] is IN

    def test_seldom_failures_are_no_flapping(self):
        pool = self.flapped(Playground(policy=self.policy).decides(), pause=31)
        assert pool.presence()[0] is IN

    def test_a_flapping_server_is_better_than_none(self):
        pool = self.flapped(Playground(2, policy=self.policy).decides())
        pool.says(2, health=DOWN).decides()
        assert (pool.presence(), pool.because()[0]) == ([IN, OUT], Because.LAST)


class TestAdvice:
    policy = PoolPolicy(weight_from=WeightFrom.CHECK)

    @pytest.mark.parametrize(
        ("advice", "weight"),
        [
            (Advice(AdviceKind.PERCENT, 75), 150),
            (Advice(AdviceKind.PERCENT, 0), 0),
            (Advice(AdviceKind.PERCENT, 150), 300),
            (Advice(AdviceKind.WEIGHT, 5), 500),
            (None, 200),
        ],
    )
    def test_a_check_says_how_much_a_server_takes(self, advice, weight):
        pool = Playground(policy=self.policy, weights=(2, 1, 1))
        assert pool.says(1, advice=advice).decides().weights() == [weight, 100, 100]

    def test_what_was_reported_holds_until_something_else_is(self):
        pool = Playground(policy=self.policy)
        pool.says(1, advice=Advice(AdviceKind.PERCENT, 50)).decides()

        assert pool.says(1, advice=None).decides().weights() == [50, 100, 100]

    def test_maint_and_drain_are_as_an_operators(self):
        pool = Playground(policy=self.policy)
        pool.says(1, advice=Advice(AdviceKind.MAINT))
        pool.says(2, advice=Advice(AdviceKind.DRAIN), connections=1).decides()
        assert pool.presence() == [OUT, QUIET, IN]

    def test_an_operators_word_counts_more(self):
        pool = Playground(policy=self.policy)
        pool.says(1, advice=Advice(AdviceKind.PERCENT, 5), act=Act.FORCE_UP).decides()
        assert pool.weights() == [100, 100, 100]


def test_who_leaves_the_pool_is_forgotten():
    pool = Playground().decides()
    del pool.facts[rs(3)]
    assert rs(3) not in pool.decides().state.members
