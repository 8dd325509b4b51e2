"""The difference of two tables, and the order in which it is made good."""

from ipaddress import ip_address

from hypothesis import given
from hypothesis import strategies as st

from monlvs.director.changes import (
    AddServer,
    AddService,
    Cause,
    DeleteServer,
    DeleteService,
    SetServer,
    SetService,
    Why,
)
from monlvs.director.memory import MemoryTable
from monlvs.director.plan import (
    drift_reported_for,
    phases,
    plan,
    report_only,
    without_replacement,
)
from monlvs.model.lvs import (
    Entry,
    Forwarding,
    Listener,
    Protocol,
    RealServer,
    VirtualService,
)
from tests.director.strategies import pool, table, tables

WEB = VirtualService(
    key=Listener(Protocol.TCP, ip_address("192.168.1.110"), 80), scheduler="rr"
)
ONE, TWO, THREE = (
    Entry(
        server=RealServer(ip_address(f"192.168.1.{n}"), 80),
        forwarding=Forwarding.ROUTE,
    )
    for n in (2, 3, 4)
)


def quiet(entry):
    return Entry(server=entry.server, forwarding=entry.forwarding, weight=0)


def kinds(changes):
    return [type(change) for change in changes]


def made(current, changes):
    """All tables on the way, the last one included."""
    live = MemoryTable(current)
    for change in changes:
        assert live._make(change) == 0, change
        yield {
            key: (service, dict(live._entries[key]))
            for key, service in live._services.items()
        }


def plainly(found):
    return {key: (each.service, dict(each.entries)) for key, each in found.items()}


def serves(found, key):
    return key in found and any(entry.weight for entry in found[key][1].values())


@given(tables, tables)
def test_a_plan_turns_the_current_table_into_the_desired_one(current, desired):
    stages = [plainly(current), *made(current, plan(current, desired))]
    assert stages[-1] == plainly(desired)


@given(tables)
def test_there_is_nothing_to_plan_when_all_is_as_desired(current):
    assert plan(current, current) == ()
    assert plan(current, table(*(pool(p.service, *p.entries.values())
                                 for p in current.values()))) == ()  # fmt: skip


@given(tables, tables)
def test_no_service_is_without_servers_on_the_way_from_some_to_some(current, desired):
    before, after = plainly(current), plainly(desired)
    steady = [k for k in before if serves(before, k) and serves(after, k)]
    for stage in made(current, plan(current, desired)):
        assert all(serves(stage, key) for key in steady)


@given(tables, tables)
def test_nothing_is_deleted_to_be_added_again(current, desired):
    changes = plan(current, desired)
    assert len({change.item for change in changes}) == len(changes)


@given(tables, tables)
def test_what_both_tables_have_alike_is_not_mentioned(current, desired):
    items = {change.item for change in plan(current, desired)}
    for key in current.keys() & desired.keys():
        if current[key].service == desired[key].service:
            assert (key, None) not in items
        for server in current[key].entries.keys() & desired[key].entries.keys():
            if current[key].entries[server] == desired[key].entries[server]:
                assert (key, server) not in items


def test_a_service_comes_before_its_servers_and_takers_come_last():
    current = table(pool(WEB, ONE, TWO))
    busy = VirtualService(key=WEB.key, scheduler="wlc")
    desired = table(pool(busy, quiet(TWO), THREE))
    changes = plan(current, desired)
    assert kinds(changes) == [SetService, AddServer, SetServer, DeleteServer]
    assert kinds(plan({}, desired)) == [AddService, AddServer, AddServer]
    assert kinds(plan(current, {})) == [DeleteService]


def test_a_changed_weight_is_set_in_place():
    heavy = Entry(server=ONE.server, forwarding=ONE.forwarding, weight=5)
    changes = plan(table(pool(WEB, ONE)), table(pool(WEB, heavy)))
    assert changes == (SetServer(parent=WEB, entry=heavy),)


def test_an_entry_that_the_kernel_calls_local_satisfies_every_method():
    local = Entry(server=ONE.server, forwarding=Forwarding.LOCAL)
    assert plan(table(pool(WEB, local)), table(pool(WEB, ONE))) == ()


def test_each_change_carries_the_cause_of_its_item():
    cause = Cause(why=Why.DRIFT)
    causes = {(WEB.key, ONE.server): cause}
    changes = plan(table(pool(WEB, ONE)), table(pool(WEB)), causes)
    assert [change.cause for change in changes] == [cause]


def test_changes_are_spelled_as_ipvsadm_would_be_told():
    current = table(pool(WEB, ONE, TWO))
    desired = table(
        pool(VirtualService(key=WEB.key, scheduler="wlc"), THREE, quiet(TWO))
    )
    assert [change.as_ipvsadm() for change in plan(current, desired)] == [
        "-E -t 192.168.1.110:80 -s wlc",
        "-a -t 192.168.1.110:80 -r 192.168.1.4:80 -g -w 1",
        "-e -t 192.168.1.110:80 -r 192.168.1.3:80 -g -w 0",
        "-d -t 192.168.1.110:80 -r 192.168.1.2:80",
    ]
    assert [c.as_ipvsadm() for c in plan(current, {})] == ["-D -t 192.168.1.110:80"]
    assert plan({}, current)[0].as_ipvsadm() == "-A -t 192.168.1.110:80 -s rr"


@given(tables, tables)
def test_phases_part_what_brings_servers_in_from_what_takes_them_out(current, desired):
    changes = plan(current, desired)
    bringing, taking = phases(changes)
    assert (*bringing, *taking) == changes


@given(tables, tables, st.data())
def test_a_service_keeps_its_servers_when_all_replacements_are_refused(
    current, desired, data
):
    bringing, taking = phases(plan(current, desired))
    refused = {
        change.item
        for change in bringing
        if isinstance(change, AddServer | SetServer) and data.draw(st.booleans())
    }
    held = without_replacement(taking, refused=refused, desired=desired)
    for change in taking:
        key = change.item[0]
        if key in desired and change.item in held:
            serving = [s for s, e in desired[key].entries.items() if e.weight]
            assert serving
            assert all((key, server) in refused for server in serving)


def test_a_policy_decides_which_changes_are_made():
    drift = DeleteServer(key=WEB.key, server=ONE.server, cause=Cause(why=Why.DRIFT))
    guard = DeleteServer(key=WEB.key, server=TWO.server, cause=Cause(why=Why.GUARD))
    assert report_only((drift, guard)) == ()
    assert drift_reported_for({WEB.key})((drift, guard)) == (guard,)
    assert drift_reported_for(frozenset())((drift, guard)) == (drift, guard)
