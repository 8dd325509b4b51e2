"""Which device leads to a host, and whether it can carry anything: the kernel's own word."""

import socket
from dataclasses import replace
from ipaddress import ip_address

from monlvs.wire.links import SETTLED, Device, Links, look, route, trouble

LOOPBACK = ip_address("127.0.0.1")


def test_the_way_to_the_loopback_is_lo() -> None:
    assert route(LOOPBACK) == socket.if_nametoindex("lo")
    assert route(ip_address("::1")) == socket.if_nametoindex("lo")


def test_a_device_that_works_is_no_trouble() -> None:
    device = look(socket.if_nametoindex("lo"))
    assert device is not None
    assert (device.name, trouble(device)) == ("lo", None)
    assert Links().fault(LOOPBACK) is None


def test_a_device_that_is_gone_is() -> None:
    assert look(2**30) is None


def test_a_device_that_is_down_or_without_carrier_is() -> None:
    down = Device(name="eth1", is_up=False, has_carrier=False, changes=2)
    assert trouble(down) == "the own device eth1 is down"
    assert trouble(replace(down, is_up=True)) == "the own device eth1 has no carrier"


def test_a_cable_that_was_out_since_the_last_look_leaves_doubts_for_a_while() -> None:
    clock = [100.0]
    links = Links(lambda: clock[0])
    links.learn(LOOPBACK)
    assert LOOPBACK in links
    index = socket.if_nametoindex("lo")
    links._changes[index] -= 1  # as if its carrier had come and gone
    doubt = "the own device lo has only just got its carrier"

    assert links.fault(LOOPBACK) == doubt
    clock[0] += SETTLED - 0.1
    assert links.fault(LOOPBACK) == doubt
    clock[0] += 0.1
    assert links.fault(LOOPBACK) is None
