"""Options that monitors share are read, or refused in a sentence."""

from ipaddress import ip_address

import pytest

from monlvs.wire.options import fixed_address, pattern, port_number


def test_ports_addresses_and_patterns_are_read() -> None:
    assert port_number("port", 65_535) == 65_535
    assert fixed_address("address", None) is None
    assert fixed_address("address", "::1") == ip_address("::1")
    assert pattern("prompt", "gr(ö|oe)ße").search("größe".encode())


@pytest.mark.parametrize("port", [-1, 0, 65_536])
def test_a_port_has_to_be_one_that_can_be_connected_to(port: int) -> None:
    with pytest.raises(
        ValueError, match=f"^port: expected a port from 1 to 65535, not {port}$"
    ):
        port_number("port", port)


@pytest.mark.parametrize("text", ["", "lvs3", "10.1.1.256", "[::1]"])
def test_an_address_is_no_name(text: str) -> None:
    with pytest.raises(ValueError, match=r"^address: expected an IPv4 or IPv6 address"):
        fixed_address("address", text)


@pytest.mark.parametrize("text", ["(", "*", "[a", "(?P<n>a)(?P<n>b)"])
def test_a_pattern_has_to_be_a_regular_expression(text: str) -> None:
    with pytest.raises(ValueError, match=r"^body: expected a regular expression, but "):
        pattern("body", text)
