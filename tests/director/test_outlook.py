"""Where two directors disagree."""

import json
from ipaddress import ip_address
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.core.engine import Engine
from monlvs.director.outlook import (
    Disagreement,
    Outlook,
    OutlookError,
    compare,
    from_plain,
    outlook,
    to_plain,
)
from monlvs.model.lvs import (
    Entry,
    Forwarding,
    Listener,
    Pool,
    Protocol,
    RealServer,
    VirtualService,
)
from tests.core.playbook import at, config, each, period

VIP = "TCP 198.51.100.1:80"


def of(hosts: Any = MappingProxyType({}), table: Any = MappingProxyType({})) -> Outlook:
    return Outlook(hosts=hosts, table=table)


def found(here: Outlook, there: Outlook) -> list[tuple[str, str, str]]:
    both = compare(here, there)
    mirrored = [(d.about, d.there, d.here) for d in compare(there, here)]
    assert sorted(mirrored) == sorted((d.about, d.here, d.there) for d in both)
    return [(d.about, d.here, d.there) for d in both]


def test_an_outlook_is_what_is_believed_of_hosts_and_done_to_the_table() -> None:
    engine = Engine(config(period(), hosts=("a", "b", "c")))
    engine.handle(each(a="up", b="down"), now=at(0))
    key = Listener(Protocol.TCP, ip_address("198.51.100.1"), 80)
    server = RealServer(ip_address("192.0.2.1"), 80)
    entry = Entry(server=server, forwarding=Forwarding.ROUTE, weight=3)
    pool = Pool(
        service=VirtualService(key=key), entries=MappingProxyType({server: entry})
    )

    seen = outlook(engine.states, MappingProxyType({key: pool}))

    assert seen.hosts == {"web/http": {"a": "up", "b": "down"}}
    assert seen.table == {VIP: {"192.0.2.1:80": 3}}
    assert from_plain(json.loads(json.dumps(to_plain(seen)))) == seen


def test_those_who_see_the_same_agree() -> None:
    one = of({"web/http": {"a": "up"}}, {VIP: {"10.1.1.2:80": 1}})
    assert found(one, one) == []


def test_a_host_that_one_side_alone_finds_down_is_told() -> None:
    here = of({"web/http": {"a": "up", "b": "up"}})
    there = of({"web/http": {"a": "up", "b": "down"}})
    assert found(here, there) == [("web/http: host b", "up", "down")]


def test_what_one_side_does_not_know_yet_is_no_disagreement() -> None:
    assert found(of({"web/http": {"a": "up"}}), of({"web/http": {}})) == []


def test_a_service_of_one_side_alone_is_told_once() -> None:
    here = of({"web/http": {"a": "up"}, "web/ping": {"a": "up", "b": "up"}})
    there = of({"web/http": {"a": "up"}})
    assert found(here, there) == [("web/ping", "checked", "not checked")]


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        ({"10.1.1.2:80": 1}, {}, ("in", "out")),
        ({"10.1.1.2:80": 0}, {}, ("in with weight 0", "out")),
        ({"10.1.1.2:80": 1}, {"10.1.1.2:80": 0}, ("in", "in with weight 0")),
        ({"10.1.1.2:80": 1}, {"10.1.1.2:80": 100}, None),  # one rises, slow_start
    ],
)
def test_entries_differ_when_clients_notice(
    ours: dict[str, int], theirs: dict[str, int], words: tuple[str, str] | None
) -> None:
    told = found(of(table={VIP: ours}), of(table={VIP: theirs}))
    assert told == ([] if words is None else [(f"{VIP} → 10.1.1.2:80", *words)])


def test_a_virtual_service_of_one_side_alone_is_told_once() -> None:
    told = found(of(table={VIP: {"10.1.1.2:80": 1, "10.1.1.3:80": 1}}), of())
    assert told == [(VIP, "in the table", "not in the table")]


def test_a_disagreement_is_told_in_a_line() -> None:
    one = Disagreement(about="web/http: host b", here="up", there="down")
    assert one.told("dirB") == "web/http: host b: up here, down at dirB"


@pytest.mark.parametrize(
    "plain",
    [
        None,
        [],
        {},
        {"hosts": {}},
        {"hosts": {}, "table": 3},
        {"hosts": {"a/b": 3}, "table": {}},
        {"hosts": {"a/b": {"h": "king"}}, "table": {}},
        {"hosts": {"a/b": {"h": ["up"]}}, "table": {}},
        {"hosts": {"a/b": {"h\x1b[2J": "up"}}, "table": {}},
        {"hosts": {"x" * 301: {}}, "table": {}},
        {"hosts": {}, "table": {VIP: {"s": "1"}}},
        {"hosts": {}, "table": {VIP: {"s": True}}},
        {"hosts": {}, "table": {VIP: {"s": -1}}},
        {"hosts": {}, "table": {VIP: {"s": 1.5}}},
    ],
)
def test_what_is_no_outlook_is_refused(plain: object) -> None:
    with pytest.raises(OutlookError):
        from_plain(plain)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner)
    ),
    max_leaves=10,
)


@given(JSON | st.fixed_dictionaries({"hosts": JSON, "table": JSON}))
def test_whatever_is_read_is_an_outlook_or_is_refused_by_name(plain: object) -> None:
    try:
        seen = from_plain(plain)
    except OutlookError:
        return
    assert compare(seen, seen) == ()
