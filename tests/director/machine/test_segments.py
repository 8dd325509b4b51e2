"""How large segments may be, by tunnel, family and wire."""

from ipaddress import ip_address, ip_interface

import pytest

from monlvs.config.reading import parse
from monlvs.director.machine.roles import roles_of
from monlvs.director.machine.segments import limits, overhead
from monlvs.director.machine.settings import SegmentLimit
from monlvs.director.machine.surroundings import Device, Surroundings
from monlvs.model.lvs import Tunnel, TunnelFlags, TunnelType
from tests.director.machine.test_server_side import service

VIP = "192.168.1.110"
SERVER = "192.168.1.2"
NOBODY = Surroundings()


def roles(*services):
    config, findings = parse("".join(services), "site.toml")
    assert config is not None, findings
    return roles_of(config)


def machine(mtu, *addresses):
    held = tuple(map(ip_interface, addresses))
    return Surroundings(devices=(Device(name="eth0", mtu=mtu, addresses=held),))


def sizes(*services, server=NOBODY, director=NOBODY):
    found = limits(roles(*services), server, director)
    return {str(each.address): each.size for each in found}


@pytest.mark.parametrize(
    ("type", "flags", "version", "more"),
    [
        (TunnelType.IPIP, TunnelFlags.NOCSUM, 4, 20),
        (TunnelType.IPIP, TunnelFlags.NOCSUM, 6, 40),
        (TunnelType.GRE, TunnelFlags.NOCSUM, 4, 24),
        (TunnelType.GRE, TunnelFlags.CSUM, 6, 48),
        (TunnelType.GUE, TunnelFlags.CSUM, 4, 32),
        (TunnelType.GUE, TunnelFlags.REMCSUM, 4, 40),
    ],
)
def test_a_tunnel_adds_what_the_kernel_counts(type, flags, version, more):
    assert overhead(Tunnel(type=type, port=6080, flags=flags), version) == more


def test_what_is_not_known_of_a_wire_is_taken_for_ethernets():
    (limit,) = limits(roles(service(f"{VIP}:80", SERVER, "tun")), NOBODY)

    assert limit == SegmentLimit(address=ip_address(VIP), size=1440)
    assert (
        limit.because == "of 1500 bytes 20 are the tunnel's: larger segments do not fit"
    )


def test_each_family_counts_within_and_without():
    assert sizes(
        service(f"{VIP}:80", "fd00:1::2", "tun"),
        service("[fd00:1::110]:80", "fd00:1::2", "tun"),
        service("[fd00:1::111]:80", SERVER, "tun"),
    ) == {VIP: 1420, "fd00:1::110": 1400, "fd00:1::111": 1420}


def test_of_several_tunnels_of_a_vip_the_largest_counts():
    assert sizes(
        service(f"{VIP}:80", SERVER, "tun"),
        service(f"{VIP}:443", SERVER, "tun", tunnel="gre"),
        service(f"{VIP}:25", SERVER, "tun"),
    ) == {VIP: 1436}


def test_a_wire_with_less_room_leaves_less_and_a_larger_one_is_no_limit():
    tun = service(f"{VIP}:80", SERVER, "tun")
    at = f"{SERVER}/24"

    assert sizes(tun, server=machine(1450, at)) == {VIP: 1390}
    assert sizes(tun, server=machine(9000, at)) == {}
    near = machine(1500, "192.168.1.1/24")
    assert sizes(tun, server=machine(9000, at), director=near) == {VIP: 1440}


def test_a_real_server_known_by_an_address_of_its_loopback_says_nothing_of_a_wire():
    held = (ip_interface(f"{SERVER}/32"),)
    lo = Device(name="lo", mtu=65_536, loopback=True, addresses=held)
    tun = service(f"{VIP}:80", SERVER, "tun")

    assert sizes(tun, server=Surroundings(devices=(lo,))) == {VIP: 1440}


def test_clients_on_a_wire_of_less_fit_as_they_are():
    vip = Device(name="eth1", mtu=1480, addresses=(ip_interface(f"{VIP}/32"),))
    inside = machine(1500, "192.168.1.1/24").devices
    director = Surroundings(devices=(*inside, vip))

    assert sizes(service(f"{VIP}:80", SERVER, "tun"), director=director) == {}


def test_nobody_else_is_limited():
    assert sizes(service(f"{VIP}:80", SERVER, "dr")) == {}
    udp = service(f"{VIP}:53", SERVER, "tun").replace("port", 'protocol = "udp"\nport')
    assert sizes(udp) == {}
