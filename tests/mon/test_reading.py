"""A whole mon.cf: what it states, and everything that is wrong in it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.core.timeperiod import parse as period
from monlvs.model.depend import DependBehavior
from monlvs.model.period import ALWAYS
from monlvs.model.watch import AfterCount, AlertEvery
from monlvs.mon.directives import AlertProgram
from monlvs.mon.moncf import PERIOD_KEYWORDS, SERVICE_KEYWORDS
from monlvs.mon.reading import read
from monlvs.mon.stated import (
    Stated,
    StatedExpression,
    StatedGroup,
    StatedPeriod,
    StatedService,
    StatedView,
)
from tests.mon import recorded

WHOLE = """
maxprocs = 20
hostgroup web 10.0.0.1 *10.0.0.2
   x:80

view front web other
view empty

watch web
  service http
    interval 5s
    failure_interval 1s
    randskew 1s
    traptimeout 1h
    trapduration 2h
    description the "web"
    monitor a.monitor
    monitor http.monitor -p 80 ;;
    redistribute re.alert x
    exclude_hosts x:80 y
    exclude_period hr {1am}
    allow_empty_group
    depend SELF:ping
    alertdepend a:b
    monitordepend c:d &&
    hostdepend SELF:e
    dep_behavior m
    dep_memory 1d
    unack_summary y
    X_A=1
    X_A=2
    period L: wd {Sun}
      alert exit=1-2 mail.alert root
      alert page.alert
      upalert mail.alert root
      startupalert s
      ackalert k
      disablealert d
      alertevery 1h
      alertafter 3
      numalerts 4
      upalertafter 1.5m
      no_comp_alerts x
    period
      alert mail.alert
"""


def service(stated: Stated) -> StatedService:
    return stated.watches[0].services[0]


def test_every_directive_of_a_service_is_understood() -> None:
    stated = read(WHOLE)
    http = service(stated)

    assert (http.interval, http.failure_interval) == (
        timedelta(seconds=5),
        timedelta(seconds=1),
    )
    assert http.randskew == timedelta(seconds=1)
    assert (http.traptimeout, http.trapduration) == (
        timedelta(hours=1),
        timedelta(hours=2),
    )
    assert http.description == 'the "web"'
    assert http.monitor is not None
    assert (http.monitor.name, http.monitor.wants_hosts) == ("http.monitor", False)
    assert http.monitor_line == 18
    assert http.redistribute is not None
    assert http.exclude_hosts == {"x:80", "y"}
    assert http.exclude_period == period("hr {1am}")
    assert http.exclude_period_text == "hr {1am}"
    assert http.allow_empty_group
    assert http.depend == StatedExpression(line=23, text="SELF:ping")
    assert http.monitordepend == StatedExpression(line=25, text="c:d &&")
    assert http.dep_behavior is DependBehavior.MONITOR
    assert http.dep_memory == timedelta(days=1)
    assert http.unack_summary
    assert http.variables == (("X_A", "2"),)
    assert {p.place.line for p in stated.problems} == {7}


def test_every_directive_of_a_period_is_understood() -> None:
    first, second = service(read(WHOLE)).periods

    assert (first.label, first.spec, first.key) == ("L", "wd {Sun}", "L")
    assert first.when == period("wd {Sun}")
    assert [a.program.name for a in first.alerts] == ["mail.alert", "page.alert"]
    assert [len(alerts) for alerts in (
        first.upalerts, first.startupalerts, first.ackalerts, first.disablealerts
    )] == [1, 1, 1, 1]  # fmt: skip
    assert first.alertevery == AlertEvery(interval=timedelta(hours=1))
    assert (first.alertafter, first.numalerts) == (AfterCount(3), 4)
    assert first.upalertafter == timedelta(seconds=90)
    assert first.no_comp_alerts
    assert second == StatedPeriod(
        line=second.line, label=None, spec="", key="", when=ALWAYS, alerts=second.alerts
    )


def test_groups_and_views_are_understood() -> None:
    stated = read(WHOLE)

    assert stated.groups == (
        StatedGroup(
            line=3,
            name="web",
            hosts=("10.0.0.1", "10.0.0.2", "x:80"),
            disabled=frozenset(["10.0.0.2"]),
        ),
    )
    assert stated.views == (StatedView(line=6, name="front", groups=("web", "other")),)
    assert stated.variables.maxprocs == 20


def test_a_watch_without_a_hostgroup_watches_itself() -> None:
    stated = read("watch h\n service s\n\nhostgroup g a a\n\nhostgroup g b\n")

    groups = {group.name: group.hosts for group in stated.groups}
    assert groups == {"g": ("b",), "h": ("h",)}
    assert [str(problem) for problem in stated.problems] == [
        "mon.cf:1: warning: watch group h defined with no corresponding hostgroup",
        "mon.cf:4: warning: hostgroup g counts for nothing: line 6 defines it again",
        "mon.cf:4: warning: hostgroup g has no watch assigned to it!",
        "mon.cf:6: warning: hostgroup g has no watch assigned to it!",
    ]
    assert stated.usable


def test_errors_of_every_kind_are_collected_in_the_order_of_the_file() -> None:
    stated = read(
        "foo = 1\nhostgroup g h\n\nwatch g\n service s\n  interval 5\n  bogus\n"
        "  monitor 'x\n  period wd {Sun\n   alertevery x\n   alert\n"
    )

    assert [(p.place.line, p.warning) for p in stated.problems] == [
        (1, False),
        (6, False),
        (7, False),
        (8, True),
        (9, False),
        (10, False),
        (11, True),
    ]
    assert not stated.usable


def test_an_empty_exclude_period_excludes_nothing() -> None:
    stated = read("watch g\n service s\n  exclude_period\n  depend\n  description\n")

    assert service(stated).exclude_period is None
    assert service(stated).depend is None
    assert service(stated).description == ""


LINES = st.sampled_from(sorted(SERVICE_KEYWORDS | PERIOD_KEYWORDS | {"period", "x ="}))
VALUES = st.sampled_from(
    ["", "5s", "5", "3 5s", "0", "exit=1 a", "'x", "wd {Sun}", "A: none", "hm", "y"]
)


@given(st.lists(st.tuples(LINES, VALUES | st.text()).map(" ".join), max_size=25))
def test_any_service_is_read(lines: list[str]) -> None:
    stated = read("\n".join(["hostgroup g a", "", "watch g", "service s", *lines]))

    assert stated.watches[0].group == "g"


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert read(text).problems is not None


@pytest.mark.parametrize("name", recorded.NAMES)
def test_what_mon_ran_with_is_read_without_errors(name: str) -> None:
    stated = read(recorded.configuration(name))

    warned = [problem.place.line for problem in stated.problems]
    assert warned == ([15] if name == "hostgroup-no-blank-line" else [])
    assert stated.usable


ELSEWHERE = {
    # `test alert` loses words that look like an exit range; monlvs does not.
    "test-alert-exit": [["x"], ["y"]],
    # The configuration was another after the signal.
    "sighup": [["newdown"], ["newup"]],
}


@pytest.mark.parametrize("name", recorded.NAMES)
def test_the_words_are_those_that_mon_gave_its_programs(name: str) -> None:
    stated = read(recorded.configuration(name))
    seen = recorded.everything()[name]
    services = {
        f"{watch.group}.{found.name}": found
        for watch in stated.watches
        for found in watch.services
    }
    for key, calls in seen["monitors"].items():
        monitor = services[key].monitor
        assert monitor is not None
        words = list(monitor.arguments)
        for call in calls:
            assert call[: len(words)] == words
            assert bool(call[len(words) :]) is monitor.wants_hosts
    for key, calls in seen["alerts"].items():
        known = [list(alert.program.arguments) for alert in alerts(services[key])]
        redistribute = services[key].redistribute
        known += [list(redistribute.arguments)] if redistribute else []
        known += ELSEWHERE.get(name, [])
        assert [call for call in calls if call not in known] == []


def alerts(found: StatedService) -> list[AlertProgram]:
    return [
        alert
        for p in found.periods
        for alert in (*p.alerts, *p.upalerts, *p.startupalerts, *p.ackalerts)
    ]
