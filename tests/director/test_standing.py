"""A decision that stands is the one that would be made anew."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from monlvs.director.ballot import Healths
from monlvs.director.desired import desire
from monlvs.director.intents import intents
from monlvs.director.ledger import NOTHING, after
from monlvs.director.plan import plan
from monlvs.director.pooling import Around
from monlvs.director.standing import Standing
from monlvs.model.guard import Effect, Guard
from monlvs.model.lvs import DeclaredService, EntrySpec, ServiceSpec, VirtualService
from monlvs.model.pool import PLAIN, PoolPolicy
from monlvs.model.status import Health
from monlvs.model.watch import ServiceKey
from tests.director.strategies import (
    few_keys,
    few_servers,
    few_services,
    pool,
    table,
    tables,
)
from tests.director.worlds import DOWN, UP, VIP, WEB, guard, rs, stands


@st.composite
def guards(draw):
    effect, key = draw(st.sampled_from(Effect)), draw(few_keys)
    server = draw(few_servers)
    adds = effect in (Effect.ONLY_ADDS, Effect.TAKES_OUT)
    return Guard(
        service=ServiceKey(draw(st.sampled_from("abc")), "http"),
        host=str(server.address),
        key=key,
        entry=None if effect is Effect.WITHHOLDS else EntrySpec(server=server),
        effect=effect,
        builds=VirtualService(key=key) if adds and draw(st.booleans()) else None,
    )


declared = st.builds(
    lambda service, servers, policy: DeclaredService(
        service=ServiceSpec(key=service.key, scheduler=service.scheduler),
        servers=tuple(EntrySpec(server=server, weight=1) for server in servers),
        policy=policy,
    ),
    few_services,
    st.sets(few_servers, max_size=3),
    st.sampled_from((PLAIN, PoolPolicy(slow_start=timedelta(seconds=2)))),
)


@given(
    watched=st.lists(guards(), max_size=6, unique=True),
    declares=st.lists(declared, max_size=2, unique_by=lambda each: each.service.key),
    steps=st.lists(
        st.tuples(
            st.tuples(st.integers(0, 5), st.sampled_from(Health)) | tables | st.none(),
            st.booleans(),
        ),
        max_size=12,
    ),
)
def test_whatever_happens_it_is_decided_as_if_nothing_had_been_kept(
    watched, declares, steps
):
    intended = intents(declares, watched)
    healths, standing = {}, Standing()
    current, ledger, states = table(), {}, {}
    for now, (step, refused) in enumerate(steps):
        match step:
            case (number, health) if watched:
                moved = watched[number % len(watched)]
                healths[moved] = health
                standing.forget(moved.key)
            case (_, _) | None:
                pass  # a pass because time has passed
            case found:
                current = found
        around = Around(now=float(now), states=states)
        situation = {"current": current, "ledger": ledger, "around": around}
        known = Healths(healths)
        kept = desire(intended, known, **situation, standing=standing)
        assert kept == desire(intended, known, **situation)

        states = kept.states
        if refused:
            ledger = kept.ledger
        else:
            ledger = after(kept.ledger, plan(current, kept.table, kept.causes))
            current = kept.table


BOTH = table(pool(WEB, stands(1), stands(2)))
ONE = guard(1)
INTENDED = intents((), (ONE,))


def decide(standing, health, *, ledger):
    return desire(
        INTENDED,
        Healths({ONE: health}),
        current=BOTH,
        ledger=ledger,
        standing=standing,
    )


def test_what_is_as_it_should_be_is_decided_once():
    standing = Standing()
    first = decide(standing, UP, ledger={})
    decide(standing, UP, ledger=first.ledger)

    intent, record = INTENDED[VIP], first.ledger[VIP]
    assert standing.notes(intent, BOTH[VIP], record) == first.notes
    assert standing.notes(intent, BOTH[VIP], NOTHING) is None
    again = table(pool(WEB, stands(1), stands(2)))
    assert standing.notes(intent, again[VIP], record) is None


def test_a_guard_that_reports_makes_its_service_be_decided_anew():
    standing, ledger = Standing(), {}
    for _ in range(2):
        ledger = decide(standing, UP, ledger=ledger).ledger

    standing.forget(VIP)
    found = decide(standing, DOWN, ledger=ledger)

    assert found.table[VIP].entries.keys() == {rs(2)}
