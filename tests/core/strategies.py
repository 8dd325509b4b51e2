"""Random configurations, results and operators' acts for property tests."""

from datetime import timedelta

from hypothesis import strategies as st

from monlvs.core.events import (
    Acknowledge,
    CheckFinished,
    ClearTimers,
    Disable,
    DisableHost,
    DisableHosts,
    DisableWatch,
    Enable,
    EnableHost,
    EnableWatch,
    OperatorAct,
    StartScheduler,
    StopScheduler,
    TestAlert,
    TrapReceived,
    Unacknowledge,
)
from monlvs.model.config import Config
from monlvs.model.depend import Depend, DependBehavior, Dependencies, Parent
from monlvs.model.guard import Effect, Guard
from monlvs.model.plugin import AlertKind
from monlvs.model.result import Outcome, Reason, Result, Verdict
from monlvs.model.watch import (
    AfterCount,
    AfterCountWithin,
    AfterDuration,
    AlertAfter,
    AlertEvery,
    AlertEveryMode,
    AlertLine,
    ExitRange,
    HostGroup,
    Period,
    Service,
    ServiceKey,
    Watch,
)
from tests.core.playbook import Recorder, guard, line, period, service

HOSTS = ("a", "b", "c", "d")
KEYS = tuple(ServiceKey("web", name) for name in ("http", "https"))
REASONS = {
    Verdict.UP: Reason.OK,
    Verdict.DOWN: Reason.REFUSED,
    Verdict.INCONCLUSIVE: Reason.LATE,
}

# The first service is in every configuration and gets most of what happens.
keys = st.sampled_from((KEYS[0], KEYS[0], KEYS[0], KEYS[1]))
hosts = st.sampled_from(HOSTS)
verdicts = st.sampled_from(list(Verdict))
outputs = st.sampled_from(["", "a\n", "b\n", "a\nmore\n", "\nmore\n"])
seconds = st.integers(1, 40).map(lambda n: timedelta(seconds=n))
exits = st.builds(ExitRange, st.integers(1, 2), st.integers(1, 3))


def _after() -> st.SearchStrategy[AlertAfter]:
    counts = st.integers(1, 3)
    return st.one_of(
        st.builds(AfterCount, counts),
        st.builds(AfterDuration, seconds),
        st.builds(AfterCountWithin, counts, seconds),
    )


def _lines(name: str) -> st.SearchStrategy[tuple[AlertLine, ...]]:
    some = st.sampled_from([(line(name),), (line(name), line(name, (1, 1))), ()])
    return st.one_of(st.just((line(name),)), some)


def _period(label: str) -> st.SearchStrategy[Period]:
    every = st.builds(
        AlertEvery, interval=seconds, mode=st.sampled_from(list(AlertEveryMode))
    )
    return st.builds(
        period,
        st.just(label),
        st.sampled_from(["", "", "", "", "", "min {0-1}", "none"]),
        alerts=_lines("down"),
        upalerts=_lines("up"),
        ackalerts=_lines("acked"),
        alertevery=st.none() | every,
        alertafter=st.none() | st.none() | _after(),
        numalerts=st.none() | st.none() | st.integers(0, 3),
        upalertafter=st.none() | seconds,
        no_comp_alerts=st.booleans(),
    )


_ON_HTTP = Depend(text="web:http", expression=Parent("web", "http"))
_DEPENDENCIES = (
    Dependencies(),
    Dependencies(depend=_ON_HTTP),
    Dependencies(alertdepend=_ON_HTTP, memory=timedelta(seconds=20)),
    Dependencies(depend=_ON_HTTP, behavior=DependBehavior.MONITOR),
    Dependencies(hostdepend=_ON_HTTP),
)


@st.composite
def _services(draw: st.DrawFn, key: ServiceKey) -> Service:
    labels = draw(st.sampled_from(["p", "pq", "pq", "pqr", ""]))
    return service(
        *[draw(_period(label)) for label in labels],
        key=key,
        rise=draw(st.integers(1, 3)),
        fall=draw(st.integers(1, 3)),
        exclude_hosts=draw(st.frozensets(hosts, max_size=1)),
        failure_interval=draw(st.none() | seconds),
        unack_summary=draw(st.booleans()),
        upalert_first=draw(st.booleans()),
        dependencies=draw(st.sampled_from(_DEPENDENCIES))
        if key == KEYS[1]
        else Dependencies(),
        redistribute=draw(st.sampled_from([None, None, Recorder(name="redist")])),
        trapduration=draw(st.none() | seconds),
    )


def _guards() -> st.SearchStrategy[Guard]:
    return st.builds(
        guard,
        st.none() | hosts,
        service=keys,
        effect=st.sampled_from(list(Effect)),
        period=st.none() | st.sampled_from("pq"),
        exits=st.none() | exits,
        server=st.sampled_from(["192.0.2.1", "192.0.2.2"]),
        weight=st.sampled_from([None, 1, 2]),
    )


@st.composite
def configs(draw: st.DrawFn) -> Config:
    """One group with one or two services, and guards of them."""
    group = HostGroup(
        name="web",
        hosts=draw(st.sampled_from([("a", "b"), ("a", "b", "c"), ("d",)])),
        disabled=draw(st.frozensets(hosts, max_size=1)),
    )
    chosen = draw(st.sampled_from([KEYS[:1], KEYS]))
    services = tuple(draw(_services(key)) for key in chosen)
    guards = draw(st.lists(_guards(), max_size=6, unique_by=_apart_from_weight))
    return Config(
        watches=(Watch(group=group, services=services),), guards=tuple(guards)
    )


def _apart_from_weight(one: Guard) -> object:
    server = one.entry.server if one.entry else None
    return (one.service, one.host, server, one.effect, one.period, one.exits)


@st.composite
def results(draw: st.DrawFn) -> Result:
    """Any result; few different ones, so that they repeat."""
    verdict = draw(verdicts)
    told = draw(st.none() | st.dictionaries(hosts, verdicts, min_size=1))
    outcomes = tuple(
        (host, Outcome(verdict=said, reason=REASONS[said]))
        for host, said in (told or {}).items()
    )
    return Result(
        verdict=verdict,
        reason=REASONS[verdict],
        exit=draw(st.integers(1, 3)) if verdict is Verdict.DOWN else 0,
        output=draw(outputs),
        outcomes=outcomes,
        duration=draw(seconds),
    )


checks = st.builds(CheckFinished, keys, results())
traps = st.builds(
    TrapReceived,
    service=keys,
    exit=st.integers(0, 3),
    output=st.sampled_from(["a\n\n", "b\n\nmore"]),
)

_who, _why = st.just("joe"), st.just("knows")
_groups = st.sampled_from(["web", "web", "none"])
acts: st.SearchStrategy[OperatorAct] = st.one_of(
    st.builds(Acknowledge, service=keys, who=_who, why=_why),
    st.builds(Unacknowledge, service=keys),
    st.builds(Disable, service=keys, who=_who, why=_why),
    st.builds(Enable, service=keys, who=_who),
    st.builds(DisableHost, host=hosts, who=_who, why=_why),
    st.builds(EnableHost, host=hosts, who=_who),
    st.builds(
        DisableHosts,
        hosts=st.lists(hosts, max_size=3).map(tuple),
        who=_who,
        why=_why,
    ),
    st.builds(DisableWatch, group=_groups, who=_who, why=_why),
    st.builds(EnableWatch, group=_groups, who=_who),
    st.builds(
        TestAlert,
        service=keys,
        kind=st.sampled_from(list(AlertKind)),
        exit=st.integers(0, 3),
        period=st.sampled_from("pqx"),
    ),
    st.builds(ClearTimers, service=keys),
    st.builds(StopScheduler, who=_who),
    st.builds(StartScheduler, who=_who),
)
