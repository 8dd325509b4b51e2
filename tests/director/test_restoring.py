"""A virtual service of others is altered, and becomes again what it was."""

from dataclasses import replace
from datetime import timedelta

from monlvs.model.lvs import VirtualService
from tests.director.strategies import pool, table
from tests.director.worlds import STATED, VIP, World, declared, rs, stands

STICKY = VirtualService(key=VIP, scheduler="wlc", persistence=timedelta(minutes=5))


def test_a_service_of_others_becomes_what_it_was_when_it_is_declared_no_more():
    world = World(declares=(declared(),), current=table(pool(STICKY, stands(9))))
    world.sees({}).sees({})
    assert world.current[VIP].service.scheduler == "rr"

    world.reloads(declares=(declared(service=replace(STATED, scheduler="sh")),)).sees(
        {}
    )
    assert world.current[VIP].service.scheduler == "sh"

    assert world.reloads().sees({}).rules == ["-E -t 192.168.1.110:80 -s wlc -p 300"]
    assert world.servers == {rs(9)}
    assert world.sees({}).ledger == {}, "and nothing of it is remembered"


def test_what_somebody_else_has_changed_since_is_not_made_as_it_was():
    world = World(declares=(declared(),), current=table(pool(STICKY, stands(9))))
    world.sees({})
    theirs = replace(STICKY, scheduler="sed")

    assert world.finds(pool(theirs, stands(9))).reloads().sees({}).rules == []


def test_a_service_that_is_declared_as_it_was_needs_no_restoring():
    world = World(declares=(declared(),), current=table(pool(STICKY, stands(9))))
    world.sees({})
    again = replace(STATED, scheduler="wlc")

    world.reloads(declares=(declared(service=again),)).sees({}).sees({})
    assert world.ledger[VIP].altered is None
