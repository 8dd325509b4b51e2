"""ipvsadm's order, which goes in circles (seen of version 1.31 in test_rules_live)."""

from ipaddress import ip_address

from hypothesis import given
from hypothesis import strategies as st

from monlvs.director.order import sorted_keys, sorted_servers
from monlvs.model.lvs import Fwmark, Listener, Protocol, RealServer
from tests.director.strategies import keys


def servers(*addresses):
    return [RealServer(ip_address(address), 80) for address in addresses]


def test_half_way_round_the_larger_address_comes_first():
    assert sorted_servers(servers("10.1.1.2", "192.168.0.3")) == servers(
        "192.168.0.3", "10.1.1.2"
    )


def test_a_circle_comes_out_as_a_merge_sort_leaves_it():
    one, two, three = "192.168.0.3", "10.1.1.2", "127.0.0.1"
    assert sorted_servers(servers(one, two, three)) == servers(one, two, three)
    assert sorted_servers(servers(two, three, one)) == servers(two, three, one)


def test_marks_of_more_than_31_bits_come_before_listeners():
    web = Listener(Protocol.TCP, ip_address("10.0.0.5"), 80)
    assert sorted_keys([web, Fwmark(7), Fwmark(2**32 - 1)]) == [
        Fwmark(2**32 - 1),
        web,
        Fwmark(7),
    ]


def test_ports_decide_between_equal_addresses():
    address = ip_address("10.1.1.2")
    found = sorted_servers([RealServer(address, 443), RealServer(address, 80)])
    assert [server.port for server in found] == [80, 443]


@given(st.lists(keys))
def test_nothing_is_lost_or_made_up(given_keys):
    assert sorted(map(str, sorted_keys(given_keys))) == sorted(map(str, given_keys))
