"""What is left open is never repaired, and what is stated always is."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.director.canonical import canonical_service
from monlvs.director.stated import service_as_stated
from monlvs.model.lvs import ServiceFlags, ServiceSpec, VirtualService
from tests.director.strategies import pool, services, table
from tests.director.worlds import VIP, WEB, World, declared, rs, spec, stands

STICKY = VirtualService(
    key=VIP,
    scheduler="sh",
    flags=ServiceFlags.SCHED2,
    persistence=timedelta(minutes=5),
    netmask=24,
    persistence_engine="sip",
)


@given(services().map(canonical_service))
def test_a_service_of_which_nothing_is_stated_is_left_as_it_stands(found):
    assert service_as_stated(ServiceSpec(key=found.key), found) is found


@given(services(st.just(VIP)).map(canonical_service), services(st.just(VIP)))
def test_what_is_stated_in_full_stands_whatever_stood(found, wanted):
    stated = ServiceSpec(
        key=VIP,
        scheduler=wanted.scheduler,
        flags=wanted.flags,
        persistence=wanted.persistence or timedelta(),
        netmask=wanted.netmask or 32,
        persistence_engine=wanted.persistence_engine or "",
    )
    assert service_as_stated(stated, found) == canonical_service(wanted)
    assert service_as_stated(stated, None) == canonical_service(wanted)


@pytest.mark.parametrize(
    ("stated", "lost"),
    [
        ({"scheduler": "rr"}, {"flags": ServiceFlags.NONE}),
        (
            {"persistence": timedelta()},
            {"persistence": None, "netmask": None, "persistence_engine": None},
        ),
        ({"netmask": 32}, {"netmask": None}),
        ({"persistence_engine": ""}, {"persistence_engine": None}),
        ({"flags": ServiceFlags.NONE}, {"flags": ServiceFlags.NONE}),
    ],
)
def test_only_what_has_lost_its_meaning_goes_with_what_is_stated(stated, lost):
    found = service_as_stated(ServiceSpec(key=VIP, **stated), STICKY)

    for word in ("scheduler", "flags", "persistence", "netmask", "persistence_engine"):
        expected = lost.get(word, stated.get(word, getattr(STICKY, word)))
        assert getattr(found, word) == expected, word


def test_an_administrators_settings_are_kept_and_come_back_after_a_flush():
    open_ = declared(spec(1), service=ServiceSpec(key=VIP))
    world = World(declares=(open_,)).sees({})
    assert world.current[VIP].service == VirtualService(key=VIP), "the kernel's default"

    world.finds(pool(STICKY, stands(1))).sees({})
    assert world.changes == ()

    world.finds().sees({})
    assert world.current == table(pool(STICKY, stands(1)))


def test_what_is_stated_is_repaired_beside_what_is_left_open():
    world = World(declares=(declared(spec(1)),), current=table(pool(STICKY, stands(1))))

    assert world.sees({}).rules == [
        "-E -t 192.168.1.110:80 -s rr -p 300 -M 255.255.255.0 --pe sip"
    ]
    assert world.sees({}).changes == ()


def test_a_service_made_by_its_defaults_leaves_nothing_to_remember():
    world = World(declares=(declared(spec(1)),)).sees({}).sees({})

    assert world.current[VIP].service == WEB
    assert world.servers == {rs(1)}
    assert world.ledger[VIP].stood is None
