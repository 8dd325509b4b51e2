"""What a restart remembers: dump, JSON, load; and what is done with a broken file."""

import json
from copy import deepcopy
from datetime import UTC, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monlvs.core import snapshot
from monlvs.core.engine import Engine, RefusedError, UnknownTargetError
from monlvs.core.events import (
    Acknowledge,
    Disable,
    DisableHost,
    Event,
    StopScheduler,
)
from monlvs.model.config import Config
from monlvs.model.guard import Effect
from monlvs.model.status import Health
from monlvs.model.values import Now
from monlvs.model.watch import AfterCountWithin, AlertEvery
from tests.core.playbook import (
    KEY,
    MINUTE,
    START,
    at,
    config,
    down,
    guard,
    period,
    play,
    unsure,
    up,
)
from tests.core.strategies import acts, checks, configs

PLAN = config(
    period(alertevery=AlertEvery(interval=MINUTE)),
    guards=(guard(), guard("a", effect=Effect.LATCHES_OUT)),
)


def saved(plan: Config, *events: Event) -> Any:
    """What is in the state file after one event a second."""
    engine = Engine(plan, zone=UTC)
    for second, event in enumerate(events):
        engine.handle(event, now=at(second))
    return json.loads(json.dumps(snapshot.dump(engine)))


def loaded(plan: Config, plain: object, *, seconds: float = 100) -> Engine:
    """A new engine that has taken over a state file without complaint."""
    engine = Engine(plan, zone=UTC)
    assert snapshot.load(engine, plain, now=at(seconds)) == ()
    return engine


@given(plan=configs(), events=st.lists(st.one_of(checks, acts), max_size=30))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_dumped_and_loaded_is_what_was(
    plan: Config, events: list[Event]
) -> None:
    engine = Engine(plan, zone=UTC)
    for second, event in enumerate(events):
        try:
            engine.handle(event, now=at(second))
        except (RefusedError, UnknownTargetError):
            continue
    plain = json.loads(json.dumps(snapshot.dump(engine)))
    again = loaded(plan, plain)

    assert snapshot.dump(again) == plain
    again_states = list(again.states.items())
    assert [key for key, _ in again_states] == list(engine.states)
    for key, state in again_states:
        was = engine.states[key]
        assert (state.checked, state.succeeded) == (was.checked, was.succeeded)
        assert state.standing.periods == was.standing.periods
        assert state.standing.group == was.standing.group
    assert again.health() == engine.health()
    assert (again.disabled_hosts, again.stopped) == (
        engine.disabled_hosts,
        engine.stopped,
    )


def test_trips_latches_and_alert_timers_hold_across_a_restart() -> None:
    engine = loaded(PLAN, saved(PLAN, up(), down()), seconds=20)

    assert list(engine.health().values()) == [Health.DOWN, Health.DOWN]
    play(engine, [(21, down(), []), (22, up(), ["up"])])
    assert list(engine.health().values()) == [Health.UP, Health.DOWN]


def test_acts_hold_across_a_restart() -> None:
    acts = (
        down(),
        Acknowledge(service=KEY, who="joe", why="knows", until=at(60).utc),
        Disable(service=KEY, who="ann", why="works on it"),
        DisableHost(host="b", who="ann", why="new disk"),
        StopScheduler(who="ann"),
    )
    engine = loaded(PLAN, saved(PLAN, *acts))
    standing = engine.states[KEY].standing

    assert standing.ack is not None
    assert (standing.ack.who, standing.ack.until) == ("joe", at(60).utc)
    assert standing.disabled is not None
    assert (standing.disabled.why, standing.disabled.at) == ("works on it", at(2).utc)
    assert engine.hosts_to_check(KEY) == ("a",)
    assert engine.stopped is not None
    assert engine.stopped.who == "ann"


def test_windows_and_inconclusive_checks_go_on_counting_across_a_restart() -> None:
    plan = config(period(alertafter=AfterCountWithin(3, MINUTE)))
    play(loaded(plan, saved(plan, down(), down()), seconds=3), [(4, down(), ["down"])])
    play(loaded(PLAN, saved(PLAN, unsure(), unsure())), [(101, unsure(), ["down"])])


def test_monotonic_times_are_counted_back_from_now() -> None:
    plain = saved(PLAN, down())
    engine = Engine(PLAN)
    snapshot.load(engine, plain, now=Now(START + timedelta(seconds=50), 7.0))

    assert engine.states[KEY].checked == Now(START, -43.0)


def test_times_in_the_future_count_as_now() -> None:
    engine = Engine(PLAN)
    before = Now(START - timedelta(days=1), 7.0)
    snapshot.load(engine, saved(PLAN, down()), now=before)

    assert engine.states[KEY].checked == Now(START, 7.0)


def test_a_changed_weight_keeps_a_trip_and_a_new_guard_is_unknown() -> None:
    plain = saved(PLAN, down())
    new = config(period(), guards=(guard(weight=9), guard("b")))

    assert list(loaded(new, plain).health().values()) == [Health.DOWN, Health.UNKNOWN]


def test_what_is_no_longer_configured_is_forgotten_without_a_word() -> None:
    plain = saved(PLAN, down(), DisableHost(host="a", who="joe", why=""))
    engine = loaded(config(period("other"), hosts=("z",)), plain)

    assert list(engine.states[KEY].standing.hosts) == ["z"]
    assert list(engine.states[KEY].standing.periods) == ["other"]
    assert engine.disabled_hosts == {}
    assert loaded(Config(), plain).states == {}


@pytest.mark.parametrize(
    ("plain", "words"),
    [
        (None, "version: expected int, found None"),
        ([], "version"),
        ("text", "version"),
        ({}, "version"),
        ({"version": 2}, "version: expected 1, found 2"),
        ({"version": True}, "version: expected int, found True"),
        ({"version": 1}, "services: expected list, found None"),
        ({"version": 1, "services": []}, "disabled_hosts: expected dict"),
        (
            {"version": 1, "services": [], "disabled_hosts": {}, "stopped": 7},
            "stopped: expected dict, found 7",
        ),
    ],
)
def test_a_file_that_is_none_of_ours_is_left_out_whole(plain: Any, words: str) -> None:
    engine = Engine(PLAN)
    fresh = dict(engine.states)
    (complaint,) = snapshot.load(engine, plain, now=at(0))

    assert complaint.startswith(f"saved state is left out: {words}")
    assert engine.states == fresh


BROKEN: list[tuple[list[str | int], Any, str]] = [
    (["group"], 3, "group: expected str, found 3"),
    (["opstatus"], 99, "opstatus: expected an operational status"),
    (["opstatus"], True, "opstatus: expected int, found True"),
    (["exit"], "1", "exit: expected int, found '1'"),
    (["output"], None, "output: expected str"),
    (["failed"], "ab", "failed: expected list"),
    (["checked"], "yesterday", "expected a time in seconds since 1970"),
    (["checked"], 1e300, "expected a time in seconds since 1970, found 1e+300"),
    (["checked"], float("nan"), "expected a time in seconds since 1970, found nan"),
    (["checked"], True, "expected a time in seconds since 1970, found True"),
    (["duration"], float("inf"), "duration: expected a duration in seconds"),
    (["unsure"], -1, "unsure: expected no negative number, found -1"),
    (["unsure_reason"], "whim", "unsure_reason: expected one of ok, refused"),
    (["group_streak"], [], "group_streak: expected dict"),
    (["group_streak", "health"], "fine", "health: expected one of up, down, unknown"),
    (["group_streak", "recent"], [[]], "expected a time in seconds since 1970"),
    (["hosts", "a", "failures"], 1.5, "failures: expected int, found 1.5"),
    (["periods", "p", "sent"], None, "sent: expected int, found None"),
    (["periods", "p", "after_met"], 1, "after_met: expected bool, found 1"),
    (["periods", "p", "quiet"], "hush", "quiet: expected one of service is disabled"),
    (["periods"], None, "periods: expected dict"),
    (["guards"], {"x": "away"}, "x: expected one of up, down, unknown"),
    (["ack"], "joe", "ack: expected dict, found 'joe'"),
    (["ack"], {"who": "joe"}, "why: expected str, found None"),
    (["disabled"], {"who": "j", "why": "", "until": "x", "at": 0}, "expected a time"),
]


@pytest.mark.parametrize(("path", "value", "words"), BROKEN)
def test_a_state_that_is_not_understood_is_left_out_and_the_others_are_not(
    path: list[str | int], value: Any, words: str
) -> None:
    plain = saved(PLAN, down())
    broken = deepcopy(plain)
    inner = broken["services"][0]
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    broken["services"].append("nonsense")
    broken["disabled_hosts"] = {
        "a": {"who": "joe", "why": "", "at": 0},
        "b": "nonsense",
        "c": None,
    }
    engine = Engine(PLAN)
    service, nonsense, host = snapshot.load(engine, broken, now=at(100))

    assert service.startswith(f"saved state of service 1 is left out: {words}")
    assert nonsense.startswith("saved state of service 2 is left out: group")
    assert host.startswith("saved disabling of host b is left out: b: expected dict")
    assert engine.states == Engine(PLAN).states
    assert list(engine.disabled_hosts) == ["a"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)


@st.composite
def garbled(draw: st.DrawFn) -> object:
    """A good state file in which a few values have become something else."""
    plain = saved(PLAN, down(), Acknowledge(service=KEY, who="joe", why=""), unsure())
    for _ in range(draw(st.integers(1, 3))):
        inner: Any = plain
        while True:
            names = sorted(inner) if isinstance(inner, dict) else range(len(inner))
            name = draw(st.sampled_from(list(names)))
            deeper = inner[name]
            if not isinstance(deeper, dict | list) or not deeper or draw(st.booleans()):
                break
            inner = deeper
        inner[name] = draw(JSON)
    return plain


@given(plain=garbled() | JSON)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_garbage_never_raises_neither_when_loaded_nor_later(plain: object) -> None:
    engine = Engine(PLAN, zone=UTC)
    for complaint in snapshot.load(engine, plain, now=at(100)):
        assert complaint.startswith("saved ")
    for second, event in enumerate((down(), up(), unsure(), down("b\n")), 101):
        engine.handle(event, now=at(second))
    json.dumps(snapshot.dump(engine))
