"""Of two directors the master tells people; the other one speaks when it has to."""

import json
from dataclasses import replace
from datetime import UTC
from ipaddress import ip_address

import pytest

from monlvs.core import snapshot
from monlvs.core.effects import AlertDecided, PeerChanged, Report, SendAlert
from monlvs.core.engine import Engine
from monlvs.core.events import (
    Disable,
    Event,
    PeerHeard,
    PeerLost,
    PoolKept,
    Reconfigured,
    Started,
    StopScheduler,
    TakeRole,
)
from monlvs.model.config import Config
from monlvs.model.pair import Endpoint, Pair, Role, Teller
from monlvs.model.plugin import AlertKind
from monlvs.model.watch import Period
from tests.core.playbook import KEY, at, config, down, guard, line, period, play, up

PAIR = Pair(
    listen=Endpoint(address=ip_address("192.0.2.1")),
    peer=Endpoint(address=ip_address("192.0.2.2")),
    secret_file="/nowhere",
)
MASTER = TakeRole(role=Role.MASTER, who="keepalived")
BACKUP = TakeRole(role=Role.BACKUP, who="keepalived")
FAULT = TakeRole(role=Role.FAULT, who="keepalived")
LOST = PeerLost(peer="dirB", reason="timed out")


def heard(role: Role | None) -> PeerHeard:
    return PeerHeard(peer="dirB", role=role)


IS_MASTER = heard(Role.MASTER)


def paired(
    *periods: Period, alerts: Teller = Teller.MASTER, **fields: object
) -> Config:
    plan = config(*(periods or (period(),)), **fields)  # type: ignore[arg-type]
    return replace(plan, pair=replace(PAIR, alerts=alerts))


def test_a_backup_that_hears_the_master_is_silent_and_says_why() -> None:
    play(
        paired(),
        [
            (0, BACKUP, []),
            (1, IS_MASTER, []),
            (
                2,
                down(),
                ["p failure: standby: the other director is the master and tells"],
            ),
            (3, down(), []),
            (
                4,
                up(),
                ["p up: standby: the other director is the master and tells"],
            ),
        ],
        show=(SendAlert, AlertDecided),
    )


def test_the_table_follows_the_checks_of_both_sides() -> None:
    play(
        paired(guards=(guard(),)),
        [
            (0, BACKUP, []),
            (1, IS_MASTER, []),
            (2, down(), ["report down: a"]),
            (3, up(), ["report up: ok"]),
        ],
        show=Report,
    )


@pytest.mark.parametrize(
    "before",
    [
        [MASTER, heard(Role.BACKUP)],
        [MASTER, IS_MASTER],
        [BACKUP],
        [BACKUP, LOST],
        [BACKUP, IS_MASTER, LOST],
        [BACKUP, heard(Role.BACKUP)],
        [BACKUP, heard(Role.FAULT)],
        [BACKUP, heard(None)],
        [FAULT, LOST],
        [IS_MASTER],
    ],
    ids=lambda events: " ".join(
        str(getattr(e, "role", None) or type(e).__name__) for e in events
    ),
)
def test_whatever_else_is_known_the_alert_is_sent(before: list[Event]) -> None:
    engine = Engine(paired(), zone=UTC)
    for event in before:
        engine.handle(event, now=at(0))
    play(engine, [(1, down(), ["down"]), (2, up(), ["up"])])


def test_both_tell_where_the_configuration_has_it_so() -> None:
    play(
        paired(alerts=Teller.BOTH),
        [(0, BACKUP, []), (1, IS_MASTER, []), (2, down(), ["down"])],
    )


def test_who_takes_over_tells_of_the_outage_that_goes_on_and_of_its_end() -> None:
    play(
        paired(),
        [
            (0, BACKUP, []),
            (1, IS_MASTER, []),
            (2, down(), []),
            (3, LOST, []),
            (4, down(), ["down"]),
            (5, up(), ["up"]),
        ],
    )


def test_the_end_of_an_outage_that_the_dead_master_told_of_is_told() -> None:
    play(
        paired(),
        [
            (0, BACKUP, []),
            (1, IS_MASTER, []),
            (2, down(), []),
            (3, MASTER, []),
            (4, up(), ["up"]),
        ],
    )


def test_what_would_not_be_sent_anyway_is_not_left_to_the_other() -> None:
    engine = Engine(paired(), zone=UTC)
    for event in (BACKUP, IS_MASTER, Disable(service=KEY, who="ann", why="x")):
        engine.handle(event, now=at(0))
    play(engine, [(1, down(), ["p failure: service is disabled"])], show=AlertDecided)


def test_a_standby_sends_no_startup_alerts() -> None:
    plan = paired(period(startupalerts=(line("begins"),)))
    play(plan, [(0, Started(), ["begins"])])
    play(plan, [(0, BACKUP, []), (0, IS_MASTER, []), (0, Started(), [])])


def test_the_first_success_is_not_told_twice() -> None:
    plan = paired(upalert_first=True)
    play(plan, [(0, up(), ["up"])])
    play(plan, [(0, BACKUP, []), (0, IS_MASTER, []), (0, up(), [])])


def test_a_pool_that_is_kept_is_told_by_whoever_is_left() -> None:
    guarding = guard()
    kept = PoolKept(key=guarding.key, holds=True, text="two of three")
    over = PoolKept(key=guarding.key, holds=False)
    plan = paired(guards=(guarding,))
    play(
        plan, [(0, BACKUP, []), (1, IS_MASTER, []), (2, kept, []), (3, LOST, ["down"])]
    )
    play(
        plan,
        [
            (0, BACKUP, []),
            (1, IS_MASTER, []),
            (2, kept, []),
            (3, over, []),
            (4, LOST, []),
        ],
    )


def test_only_news_of_the_other_director_is_on_record() -> None:
    play(
        paired(),
        [
            (0, LOST, ["peer lost"]),
            (1, LOST, []),
            (2, heard(None), ["peer without role"]),
            (3, IS_MASTER, ["peer master"]),
            (4, IS_MASTER, []),
        ],
        show=PeerChanged,
    )


def test_a_role_that_is_told_again_is_as_old_as_it_was() -> None:
    engine = play(paired(), [(0, MASTER, []), (5, MASTER, [])])
    assert engine.role is not None
    assert engine.role.at == at(0).utc


def test_without_a_second_director_in_the_configuration_nobody_stands_by() -> None:
    engine = play(paired(), [(0, BACKUP, []), (1, IS_MASTER, [])])
    engine.handle(Reconfigured(config(period())), now=at(2))
    play(engine, [(3, down(), ["down"])])


def test_the_stopped_scheduler_is_named_before_the_standby() -> None:
    engine = play(
        paired(),
        [(0, BACKUP, []), (1, IS_MASTER, []), (2, StopScheduler(who="ann"), [])],
    )
    play(engine, [(3, down(), ["p failure: scheduler is stopped"])], show=AlertDecided)


def test_a_restart_remembers_the_role_and_not_the_other_side() -> None:
    engine = play(paired(), [(0, BACKUP, []), (1, IS_MASTER, []), (2, down(), [])])
    plain = json.loads(json.dumps(snapshot.dump(engine)))
    again = Engine(paired(), zone=UTC)
    assert snapshot.load(again, plain, now=at(10)) == ()
    assert again.role == engine.role
    play(again, [(11, down(), ["down"]), (12, up(), ["up"])])


@pytest.mark.parametrize(
    "broken", [{"role": "king", "at": 1, "who": "x"}, {"role": "master"}, 5]
)
def test_a_saved_role_that_makes_no_sense_is_left_out(broken: object) -> None:
    plain = {**snapshot.dump(Engine(paired())), "role": broken}
    engine = Engine(paired())
    (complaint,) = snapshot.load(engine, plain, now=at(0))
    assert complaint.startswith("saved role of this director is left out: ")
    assert engine.role is None


def test_a_recovery_is_an_upalert_to_people() -> None:
    engine = play(paired(), [(0, BACKUP, []), (1, IS_MASTER, []), (2, down(), [])])
    engine.handle(LOST, now=at(3))
    effects = engine.handle(up(), now=at(4))
    kinds = [e.occasion.kind for e in effects if isinstance(e, SendAlert)]
    assert kinds == [AlertKind.UP]
