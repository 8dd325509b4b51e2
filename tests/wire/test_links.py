"""Which device leads to a host, and whether it can carry anything: the kernel's own word."""

import socket
from ipaddress import ip_address

from monlvs.wire.links import Links, route, trouble

LOOPBACK = ip_address("127.0.0.1")


def test_the_way_to_the_loopback_is_lo() -> None:
    assert route(LOOPBACK) == socket.if_nametoindex("lo")
    assert route(ip_address("::1")) == socket.if_nametoindex("lo")


def test_a_device_that_works_is_no_trouble() -> None:
    assert trouble(socket.if_nametoindex("lo")) is None
    assert Links().fault(LOOPBACK) is None


def test_a_device_that_is_gone_is() -> None:
    assert trouble(2**30) == "the own device is gone"
