"""Socket addresses as Python's own socket module spells them."""

import socket
from ipaddress import ip_address

import pytest

from monlvs.wire.sockname import SENDER_AT, SIZES, sockname, with_zone, zone_number


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_the_kernel_understands_them(host: str) -> None:
    address = ip_address(host)
    family = int(socket.AF_INET if address.version == 4 else socket.AF_INET6)
    name = sockname(address)

    assert len(name) == SIZES[family]
    assert int.from_bytes(name[:2], "little") in (family, family << 8)
    at = SENDER_AT[family]
    assert name[at : at + len(address.packed)] == address.packed


def test_a_zone_is_the_number_of_an_interface_by_name_or_number() -> None:
    number = socket.if_nametoindex("lo")

    assert zone_number("lo") == number
    assert zone_number("1234") == 1234
    assert zone_number("no such interface") == 0
    name = with_zone(sockname(ip_address("fe80::1%lo")), number)
    assert int.from_bytes(name[-4:], "little") in (number, number << 24)
