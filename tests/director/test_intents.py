"""What a configuration says of one virtual service, gathered."""

from ipaddress import ip_address

import pytest

from monlvs.director.intents import as_it_works, intents
from monlvs.model.guard import Effect
from monlvs.model.lvs import EntrySpec, Forwarding, Fwmark, RealServer
from tests.director.worlds import STATED, VIP, declared, guard, rs, spec


def at(address, port, forwarding=None):
    return EntrySpec(
        server=RealServer(ip_address(address), port), forwarding=forwarding
    )


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("method", [Forwarding.MASQ, Forwarding.LOCAL])
def test_localnode_on_the_loopback_is_asked_for_as_direct_routing(address, method):
    """Masquerading to 127.0.0.1 answers the director but no client."""
    assert as_it_works(VIP, at(address, 80, method)) == at(
        address, 80, Forwarding.ROUTE
    )


def test_masquerading_to_an_own_address_is_left_as_stated():
    stated = at("192.168.1.110", 8080, Forwarding.MASQ)
    assert as_it_works(VIP, stated) is stated


@pytest.mark.parametrize("method", [Forwarding.ROUTE, Forwarding.TUNNEL])
def test_what_is_not_translated_arrives_at_the_virtual_services_port(method):
    assert as_it_works(VIP, at("10.1.1.1", 8080, method)) == at("10.1.1.1", 80, method)
    marked = at("10.1.1.1", 8080, method)
    assert as_it_works(Fwmark(1), marked) is marked


def test_guards_of_one_entry_share_its_seat():
    ping, http = guard(1), guard(1, check="http", entry=spec(1, weight=3))
    found = intents((), (ping, http))[VIP]

    assert found.service is None
    assert found.seats[rs(1)].guards == (ping, http)
    assert found.seats[rs(1)].spec == spec(1, weight=3)


def test_a_guard_that_withholds_has_no_seat():
    holds = guard(1, Effect.WITHHOLDS)
    found = intents((declared(spec(2)),), (holds,))[VIP]

    assert found.withheld_by == (holds,)
    assert set(found.seats) == {rs(2)}
    assert found.service == STATED
