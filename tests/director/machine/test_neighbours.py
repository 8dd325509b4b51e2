"""Who has an address, asked on a real wire, and who may have a VIP."""

import socket
from ipaddress import ip_address, ip_interface
from pathlib import Path
from typing import Any

from monlvs.director.machine import neighbours
from monlvs.director.machine.claims import claimed
from monlvs.director.machine.settings import DeviceAddress
from tests.wire.apart import apart, ip

VIP, VIP6 = "192.0.2.110", "2001:db8::110"
OTHER = "02:00:00:00:00:0f"


def wire() -> None:
    """Two machines on one cable: a namespace answers for whom an end of it has."""
    ip("link add name near type veth peer name far")
    ip(f"link set far address {OTHER}")
    for device in ("near", "far"):
        # A device's own address is not asked for either, and usable at once.
        Path(f"/proc/sys/net/ipv6/conf/{device}/accept_dad").write_text("0")
        ip(f"link set {device} up")
    ip(f"addr add {VIP}/32 dev far")
    ip("addr add 192.0.2.1/24 dev near")
    ip(f"addr add {VIP6}/128 dev far nodad")


def virtual(address: str) -> DeviceAddress:
    return DeviceAddress(interface=ip_interface(address), device="near", virtual=True)


async def _asks() -> Any:
    wire()
    asked = [VIP, "192.0.2.111", VIP6, "2001:db8::111"]
    found = neighbours.who_has([("near", ip_address(each)) for each in asked])
    return {str(address): sorted(macs) for address, macs in found.items()}


async def test_whoever_has_an_address_is_found_and_nobody_else() -> None:
    assert await apart(_asks) == {VIP: [OTHER], VIP6: [OTHER]}


async def _claims() -> Any:
    wire()
    vips = [virtual(VIP), virtual(VIP6), virtual("192.0.2.112")]
    strangers = claimed(vips, [ip_address("192.0.2.50")])
    ip("addr add 192.0.2.50/32 dev far")
    servers = claimed(vips, [ip_address("192.0.2.50")])
    return [{str(a): mac for a, mac in found.items()} for found in (strangers, servers)]


async def test_a_vip_is_claimed_by_a_stranger_and_not_by_its_own_real_server() -> None:
    strangers, servers = await apart(_claims)
    assert strangers == {VIP: OTHER, VIP6: OTHER}
    assert servers == {}


async def _tells() -> Any:
    wire()
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) as heard:
        heard.bind(("far", 3))
        heard.settimeout(5)
        neighbours.announce("near", ip_address("192.0.2.112"))
        neighbours.announce("near", ip_address("2001:db8::112"))
        wanted = {
            "request": b"\x08\x06\0\1\x08\0\6\4\0\1",
            "answer": b"\x08\x06\0\1\x08\0\6\4\0\2",
            "advertisement": ip_address("2001:db8::112").packed,
        }
        found: set[str] = set()
        while len(found) < len(wanted):
            packet = heard.recv(2048)
            found |= {name for name, mark in wanted.items() if mark in packet}
    return sorted(found)


async def test_neighbours_are_told_in_every_way_that_they_may_hear() -> None:
    assert await apart(_tells) == ["advertisement", "answer", "request"]
