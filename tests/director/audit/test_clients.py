"""Which clients are thought of."""

from ipaddress import ip_address

from monlvs.director.audit.clients import clients_of
from monlvs.model.machine import Machine
from tests.director.audit.sights import DEFAULT, DIRECTOR6, dr, lo, sight

VIP, SERVER = ip_address("192.168.1.110"), ip_address("192.168.1.2")


def words(director, *, vips=(VIP,), named=(), known=()):
    found = clients_of(
        director,
        Machine(),
        vips,
        [SERVER],
        [ip_address(each) for each in named],
        [ip_address(each) for each in known],
    )
    return [(str(each.address), str(each)) for each in found]


def test_a_director_with_a_default_route_has_clients_anywhere():
    assert words(dr(routes=[DEFAULT])) == [("8.8.8.8", "clients anywhere")]


def test_one_without_has_them_beside_itself_and_they_are_no_servers():
    assert words(dr()) == [("192.168.1.3", "clients in 192.168.1.0/24")]


def test_one_that_is_known_stands_for_its_network():
    known = ["192.168.1.77", "192.168.1.78", "10.9.0.1"]

    assert [address for address, _ in words(dr(), known=known)] == [
        "192.168.1.77",
        "10.9.0.1",
    ]


def test_all_that_are_named_are_thought_of():
    named = ["192.168.1.77", "192.168.1.78"]

    assert words(dr(routes=[DEFAULT]), named=named) == [
        ("192.168.1.77", "the client 192.168.1.77"),
        ("192.168.1.78", "the client 192.168.1.78"),
        ("8.8.8.8", "clients anywhere"),
    ]


def test_each_family_has_its_own():
    vip6 = ip_address("fd00:1::110")
    both = sight(lo(), *dr().links[1:], DIRECTOR6)

    found = [address for address, _ in words(both, vips=(VIP, vip6))]
    assert found == ["192.168.1.3", "fd00:1::2"]
    assert words(sight(lo(), DIRECTOR6), vips=(VIP,)) == []
