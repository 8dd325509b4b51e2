"""What operators do to hosts, watches, alerts, timers and everything at once."""

from datetime import UTC, timedelta

import pytest

from monlvs.core.effects import (
    Abandon,
    AlertDecided,
    AlertNoted,
    Effect,
    GuardMoved,
    Postpone,
    SendAlert,
    WasReset,
)
from monlvs.core.engine import Engine, RefusedError, UnknownTargetError, Withheld
from monlvs.core.events import (
    Acknowledge,
    ClearTimers,
    Disable,
    DisableHost,
    DisableHosts,
    DisableWatch,
    EnableHost,
    EnableWatch,
    Event,
    Reconfigured,
    Reset,
    StartScheduler,
    StopScheduler,
    TestAlert,
)
from monlvs.model.mon import MonSettings
from monlvs.model.plugin import AlertKind, Occasion
from monlvs.model.status import Health, OpStatus
from monlvs.model.values import Host
from monlvs.model.watch import AfterCount, AlertEvery, ServiceKey
from tests.core.families import CHILD, PARENT, family, ill, on
from tests.core.playbook import (
    KEY,
    at,
    brief,
    config,
    down,
    guard,
    line,
    period,
    play,
    up,
)

NOBODY = ServiceKey("no", "body")
CLOSE = DisableWatch(group="web", who="joe", why="moves")
OPEN = EnableWatch(group="web", who="joe")
STOP = StopScheduler(who="joe")


def off(*hosts: Host) -> DisableHosts:
    return DisableHosts(hosts=hosts, who="joe", why="moves")


def back(host: Host) -> EnableHost:
    return EnableHost(host=host, who="joe")


def tried(kind: AlertKind, exit: int = 0, label: str = "p") -> TestAlert:
    return TestAlert(service=KEY, kind=kind, exit=exit, period=label)


def only(effects: tuple[Effect, ...], kind: type[Effect]) -> list[Effect]:
    return [effect for effect in effects if isinstance(effect, kind)]


def test_a_watch_that_is_disabled_is_not_checked_and_keeps_its_status() -> None:
    engine = play(config(period()), [(0, down(), ["down"]), (1, CLOSE, [])])

    assert engine.due(KEY, now=at(2)) is Withheld.WATCH_DISABLED
    assert engine.states[KEY].standing.opstatus is OpStatus.FAIL

    effects = engine.handle(OPEN, now=at(3))

    assert only(effects, Postpone) == [Postpone(service=KEY)]
    assert engine.due(KEY, now=at(4)) == ("a", "b")
    assert only(engine.handle(OPEN, now=at(5)), Postpone) == []


def test_a_disabled_watch_tells_nobody_anything_and_moves_no_entry() -> None:
    play(
        config(period(no_comp_alerts=True), guards=(guard(),)),
        [
            (0, CLOSE, []),
            (1, down(), ["p failure: watch is disabled"]),
            (2, up(), ["p up: watch is disabled"]),
            (3, OPEN, []),
            (4, down(), ["guard * down", "p failure: told"]),
        ],
        show=(AlertDecided, GuardMoved),
    )


def test_a_disabled_watch_runs_no_ackalerts() -> None:
    ack = Acknowledge(service=KEY, who="joe", why="knows")
    engine = play(
        config(period(ackalerts=(line("acked"),))),
        [(0, down(), ["down"]), (1, CLOSE, []), (2, ack, [])],
    )

    assert engine.states[KEY].standing.ack is not None


def test_other_watches_go_on() -> None:
    engine = play(
        family(child=on("1")), [(0, CLOSE, []), (1, ill(PARENT), ["ping down"])]
    )

    assert engine.due(PARENT, now=at(2)) == ("gate",)
    assert engine.due(CHILD, now=at(2)) is Withheld.WATCH_DISABLED


def test_a_watch_without_an_enabled_host_is_disabled_until_one_comes_back() -> None:
    engine = play(config(), [(0, off("a"), []), (1, off("b"), [])])

    assert engine.due(KEY, now=at(2)) is Withheld.WATCH_DISABLED
    assert list(engine.disabled_watches) == ["web"]

    assert Postpone(service=KEY) in engine.handle(back("b"), now=at(3))
    assert engine.due(KEY, now=at(4)) == ("b",)


def test_a_watch_that_was_disabled_by_name_stays_so_when_a_host_comes_back() -> None:
    engine = play(
        config(),
        [(0, off("a", "b"), []), (1, OPEN, []), (2, CLOSE, []), (3, back("a"), [])],
    )

    assert list(engine.disabled_watches) == ["web"]


def test_a_reload_that_brings_a_host_enables_the_watch() -> None:
    engine = play(
        config(hosts=("a",)),
        [(0, off("a"), []), (1, Reconfigured(config(hosts=("a", "c"))), [])],
    )

    assert engine.disabled_watches == {}
    assert engine.due(KEY, now=at(2)) == ("c",)


def test_a_reload_forgets_watches_that_are_gone() -> None:
    lone = DisableWatch(group="gw", who="joe", why="moves")
    engine = play(
        family(child=on("1")), [(0, lone, []), (1, Reconfigured(config()), [])]
    )

    assert engine.disabled_watches == {}


@pytest.mark.parametrize(
    "event",
    [
        off("a", "nobody"),
        DisableHost(host="nobody", who="joe", why="moves"),
        back("nobody"),
        DisableWatch(group="none", who="joe", why="moves"),
        EnableWatch(group="none", who="joe"),
        ClearTimers(service=NOBODY),
        TestAlert(service=NOBODY, kind=AlertKind.TEST, exit=1, period="p"),
    ],
)
def test_an_act_on_what_is_not_there_changes_nothing(event: Event) -> None:
    engine = Engine(config(period()), zone=UTC)
    before = dict(engine.states)

    with pytest.raises(UnknownTargetError, match=r"no (host nobody|watch|service)"):
        engine.handle(event, now=at(0))

    assert engine.states == before
    assert (engine.disabled_hosts, engine.disabled_watches) == ({}, {})


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (tried(AlertKind.TEST, label="q"), "web/http has no period 'q'"),
        (tried(AlertKind.TRAP), "an alert of kind trap cannot be tested"),
    ],
)
def test_a_test_that_makes_no_sense_is_refused(event: TestAlert, why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        Engine(config(period()), zone=UTC).handle(event, now=at(0))


def test_a_test_runs_a_period_s_alerts_whatever_would_keep_them_back() -> None:
    lines = (line("down"), line("bad", (2, 3)))
    play(
        config(period(alerts=lines, startupalerts=(line("begins"),), numalerts=0)),
        [
            (0, STOP, []),
            (1, tried(AlertKind.TEST, 1), ["down"]),
            (2, tried(AlertKind.TEST, 2), ["down", "bad"]),
            (3, tried(AlertKind.UP), ["up"]),
            (4, tried(AlertKind.STARTUP), ["begins"]),
        ],
    )


def test_a_test_tells_what_is_known_of_the_service() -> None:
    engine = play(config(period()), [(0, down("h1\ndet\n"), ["down"])])
    (told,) = only(engine.handle(tried(AlertKind.TEST, 7), now=at(5)), SendAlert)

    assert isinstance(told, SendAlert)
    occasion: Occasion = told.occasion
    assert (occasion.kind, occasion.exit) == (AlertKind.TEST, 7)
    assert occasion.text == "test\ntest detail\n"
    assert (occasion.last_summary, occasion.previous_output) == ("h1", "h1\ndet\n")
    assert occasion.first_failure == occasion.last_failure == at(0).utc


def test_a_test_counts_for_nothing_and_is_in_no_history() -> None:
    engine = Engine(config(period()), zone=UTC)
    before = engine.states[KEY]

    effects = engine.handle(tried(AlertKind.TEST, 1), now=at(0))

    assert only(effects, AlertNoted) == []
    assert engine.states[KEY] is before


def test_cleared_timers_let_the_next_failure_alert_at_once() -> None:
    hour = AlertEvery(interval=timedelta(hours=1))
    play(
        config(period(alertevery=hour, alertafter=AfterCount(2))),
        [
            (0, down(), []),
            (1, down(), ["down"]),
            (2, down(), []),
            (3, ClearTimers(service=KEY), []),
            (4, down(), ["down"]),
            (5, down(), []),
        ],
    )


def test_a_reset_forgets_all_and_sends_no_upalert() -> None:
    what = config(period(), guards=(guard(),))
    engine = play(
        what,
        [
            (0, down(), ["down"]),
            (1, Disable(service=KEY, who="joe", why="moves"), []),
            (2, CLOSE, []),
            (3, off("a"), []),
            (4, Reset(what), []),
            (5, up(), []),
            (6, down(), ["down"]),
        ],
    )

    assert (engine.disabled_hosts, engine.disabled_watches) == ({}, {})
    assert engine.states[KEY].standing.disabled is None


def test_a_reset_ends_checks_first_and_is_on_record() -> None:
    engine = Engine(config(guards=(guard(),)), zone=UTC)
    engine.handle(down(), now=at(0))

    effects = engine.handle(Reset(engine.config, stopped=True), now=at(1))

    assert effects == (Abandon(), WasReset(keepstate=False, stopped=True))
    assert engine.stopped is not None
    assert set(engine.health().values()) == {Health.UNKNOWN}
    assert engine.due(KEY, now=at(2)) is Withheld.STOPPED


def test_a_reset_leaves_a_stopped_scheduler_stopped() -> None:
    engine = play(config(), [(0, STOP, [])])
    since = engine.stopped
    engine.handle(Reset(engine.config, stopped=True), now=at(1))
    engine.handle(Reset(engine.config), now=at(2))

    assert engine.stopped is since
    assert since is not None


def test_with_keepstate_what_is_disabled_stays_disabled() -> None:
    what = config(period())
    engine = play(
        what,
        [
            (0, down(), ["down"]),
            (1, Disable(service=KEY, who="joe", why="moves"), []),
            (2, CLOSE, []),
            (3, off("a"), []),
            (4, Reset(what, keepstate=True), []),
        ],
    )
    standing = engine.states[KEY].standing

    assert standing.opstatus is OpStatus.UNTESTED
    assert standing.disabled is not None
    assert (list(engine.disabled_hosts), list(engine.disabled_watches)) == (
        ["a"],
        ["web"],
    )


def test_with_opstatus_an_outage_goes_on_and_only_its_output_is_forgotten() -> None:
    what = config(period(alertevery=AlertEvery(interval=timedelta(hours=1))))
    engine = play(
        what,
        [
            (0, down("h1\nx\n"), ["down"]),
            (1, Reset(what, opstatus=True), []),
            (2, down("h1\nx\n"), []),
            (3, Reset(what, opstatus=True), []),
        ],
    )
    assert engine.states[KEY].standing.recalled

    (told,) = only(engine.handle(up(), now=at(4)), SendAlert)

    assert isinstance(told, SendAlert)
    assert told.occasion.previous_output is None
    assert told.occasion.first_failure == at(0).utc
    assert not engine.states[KEY].standing.recalled


@pytest.mark.parametrize("wanted", [False, True])
def test_startup_alerts_go_out_at_a_reset_where_that_is_wanted(wanted: bool) -> None:
    mon = MonSettings(startupalerts_on_reset=wanted)
    what = family(child=on("1"), mon=mon)
    told = ["ping begins", "http begins"] if wanted else []
    play(
        what,
        [
            (0, Reset(what), told),
            (1, CLOSE, []),
            (2, Reset(what, keepstate=True), told[:1]),
            (3, Reset(what, keepstate=True, stopped=True), []),
        ],
    )


def test_a_scheduler_that_is_started_twice_is_started_once() -> None:
    engine = play(config(), [(0, STOP, [])])

    for seconds in (1, 2):
        effects = engine.handle(StartScheduler(who="joe"), now=at(seconds))
        assert [brief(effect) for effect in effects] == ["StartScheduler"]
