"""What a configuration wants of each real server."""

from ipaddress import ip_address, ip_interface, ip_network

import pytest

from monlvs.config.reading import parse
from monlvs.director.machine.roles import gateway_of, roles_of, servers_of
from monlvs.director.machine.server_side import server_settings
from monlvs.director.machine.settings import (
    DeviceAddress,
    GuePort,
    LinkUp,
    Module,
    Route,
    SegmentLimit,
    Sysctl,
    TunnelDevice,
)
from monlvs.director.machine.state import State
from monlvs.director.machine.surroundings import Device, Surroundings
from monlvs.model.lvs import TunnelType

VIP = "192.168.1.110"
NOBODY = Surroundings()
LOOPBACK = Device(
    name="lo", loopback=True, arp=False, addresses=(ip_interface("127.0.0.1/8"),)
)
QUIET = (
    Sysctl(name="net.ipv4.conf.all.arp_ignore", value="1"),
    Sysctl(name="net.ipv4.conf.all.arp_announce", value="2"),
)


def eth(name="eth0", *addresses):
    return Device(name=name, addresses=tuple(map(ip_interface, addresses)))


def a_server(*more, routes=(), **variables):
    """A machine with 192.168.1.2 and fd00:1::2; `eth0_rp_filter="1"` is a variable."""
    return State(
        around=Surroundings(
            devices=(LOOPBACK, eth("eth0", "192.168.1.2/24", "fd00:1::2/64"), *more),
            routes=routes,
        ),
        sysctls={
            f"net.ipv4.conf.{name.replace('_', '.', 1)}": value
            for name, value in variables.items()
        },
    )


def service(vip, server, forwarding, **more):
    told = "".join(f", {key} = {value!r}" for key, value in more.items())
    family, _, port = vip.rpartition(":")
    return (
        f'[[virtual_service]]\naddress = "{family.strip("[]")}"\nport = {port}\n'
        f'servers = [{{ address = "{server}", forwarding = "{forwarding}"{told} }}]\n'
    )


def config_of(text):
    config, problems = parse(text, "servers.toml")
    assert [str(problem) for problem in problems] == []
    return config


def wanted(*texts, state=None, gateways=None):
    roles = roles_of(config_of("".join(texts)), NOBODY)
    return server_settings(roles, state or a_server(), gateways or {})


def address(text, device):
    return DeviceAddress(interface=ip_interface(text), device=device, virtual=True)


DR = service(f"{VIP}:80", "192.168.1.2", "dr")
TUN = service(f"{VIP}:80", "192.168.1.2", "tun")


def test_direct_routing_keeps_quiet_before_it_has_the_vip():
    found = wanted(DR)

    assert found.settings == (
        *QUIET,
        LinkUp(device="lo"),
        address("192.168.1.110/32", "lo"),
    )
    assert (found.obstacles, found.remarks) == ((), ())
    assert all(each.because for each in found.settings)


def test_direct_routing_in_ipv6_needs_no_variables():
    found = wanted(service("[fd00:1::110]:80", "fd00:1::2", "dr"))

    assert found.settings == (LinkUp(device="lo"), address("fd00:1::110/128", "lo"))


def test_ipip_comes_out_of_tunl0_whatever_way_the_answer_takes():
    assert wanted(TUN).settings == (
        Module(name="ipip"),
        *QUIET,
        LinkUp(device="tunl0"),
        Sysctl(name="net.ipv4.conf.tunl0.rp_filter", value="2"),
        SegmentLimit(address=ip_address(VIP), size=1440),
        address("192.168.1.110/32", "tunl0"),
    )


def test_a_tunnel_to_an_ipv6_address_has_a_device_of_its_own_for_both_families():
    tunnel = TunnelDevice(
        device="lvs6tnl0", type=TunnelType.IPIP, local=ip_address("fd00:1::2")
    )
    found = wanted(
        service(f"{VIP}:80", "fd00:1::2", "tun"),
        service("[fd00:1::110]:80", "fd00:1::2", "tun"),
    ).settings

    assert found[:2] == (Module(name="ip6_tunnel"), tunnel)
    assert Sysctl(name="net.ipv4.conf.lvs6tnl0.rp_filter", value="2") in found
    assert address("192.168.1.110/32", "lvs6tnl0") in found
    assert address("fd00:1::110/128", "lo") in found


def test_ipv6_in_a_tunnel_to_an_ipv4_address_comes_out_of_sit0():
    found = wanted(service("[fd00:1::110]:80", "192.168.1.2", "tun")).settings

    assert found == (
        Module(name="sit"),
        LinkUp(device="sit0"),
        SegmentLimit(address=ip_address("fd00:1::110"), size=1420),
        LinkUp(device="lo"),
        address("fd00:1::110/128", "lo"),
    )


@pytest.mark.parametrize("checksum", ["nocsum", "csum"])
def test_gre_agrees_about_checksums(checksum):
    text = service(
        f"{VIP}:80", "192.168.1.2", "tun", tunnel="gre", tunnel_checksum=checksum
    )
    found = wanted(text).settings

    assert found[:2] == (
        Module(name="ip_gre"),
        TunnelDevice(
            device="lvsgre0",
            type=TunnelType.GRE,
            local=ip_address("192.168.1.2"),
            checksum=checksum == "csum",
        ),
    )
    assert found[-1] == address("192.168.1.110/32", "lvsgre0")


def test_gre_with_and_without_checksums_cannot_be():
    text = [
        service(f"{VIP}:{port}", "192.168.1.2", "tun", tunnel="gre", tunnel_checksum=sum_)
        for port, sum_ in ((80, "csum"), (23, "nocsum"))
    ]  # fmt: skip

    assert "with and without checksums" in wanted(*text).obstacles[0]


def test_gue_opens_its_port_and_goes_on_as_ipip():
    text = service(f"{VIP}:80", "192.168.1.2", "tun", tunnel="gue", tunnel_port=6080)
    found = wanted(text).settings

    assert found[:3] == (Module(name="fou"), Module(name="ipip"), GuePort(port=6080))
    assert LinkUp(device="tunl0") in found


def test_nat_has_the_director_as_its_gateway_and_nothing_else():
    text = service(f"{VIP}:80", "10.1.1.2", "nat")
    gateways = {ip_address("10.1.1.2"): ip_address("10.1.1.1")}
    found = wanted(text, state=State(), gateways=gateways)

    assert found.settings == (
        Route(to=ip_network("0.0.0.0/0"), via=ip_address("10.1.1.1")),
    )


def test_a_server_of_several_kinds_gets_all_of_it_and_each_vip_once():
    other = service("192.168.1.111:80", "192.168.1.2", "tun")
    found = wanted(DR, other, service(f"{VIP}:23", "192.168.1.2", "tun")).settings

    addresses = [each for each in found if isinstance(each, DeviceAddress)]
    assert addresses == [
        address("192.168.1.110/32", "lo"),
        address("192.168.1.111/32", "tunl0"),
    ]
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"all_arp_ignore": "1"}, {"all": "1"}),
        ({"all_arp_ignore": "2", "eth0_arp_ignore": "1"}, {"all": "2"}),
        ({"all_arp_ignore": "8"}, {"all": "8"}),
        # 3 hides only addresses of scope host: a VIP is not one
        ({"all_arp_ignore": "3"}, {"all": "1"}),
        ({"all_arp_ignore": "0", "eth0_arp_ignore": "3"}, {"all": "1", "eth0": "1"}),
        ({"all_arp_ignore": "0", "eth0_arp_ignore": "2"}, {"all": "1"}),
        ({"all_arp_ignore": "0", "lo_arp_ignore": "3"}, {"all": "1"}),
    ],
)
def test_the_larger_of_all_and_the_devices_own_value_has_to_keep_quiet(
    variables, expected
):
    found = wanted(DR, state=a_server(**variables)).settings

    names = {
        each.name.split(".")[3]: each.value
        for each in found
        if isinstance(each, Sysctl) and each.name.endswith("arp_ignore")
    }
    assert names == expected


@pytest.mark.parametrize(
    ("variables", "loosened"),
    [
        ({"all_rp_filter": "1", "eth0_rp_filter": "0"}, True),
        ({"all_rp_filter": "0", "eth0_rp_filter": "1"}, True),
        ({"all_rp_filter": "1", "eth0_rp_filter": "2"}, False),
        ({"all_rp_filter": "0", "eth0_rp_filter": "0"}, False),
        ({}, False),
    ],
)
def test_a_second_way_out_loosens_the_reverse_path_of_the_first(variables, loosened):
    way = Route(to=ip_network("0.0.0.0/0"), via=ip_address("10.0.0.1"), device="eth1")
    state = a_server(eth("eth1", "10.0.0.2/24"), routes=(way,), **variables)
    found = wanted(DR, state=state).settings

    loose = Sysctl(name="net.ipv4.conf.eth0.rp_filter", value="2")
    assert (loose in found) == loosened


@pytest.mark.parametrize("device", ["dummy0", "tunl0"])
def test_a_vip_that_is_on_a_quiet_device_stays_there(device):
    there = Device(name=device, arp=False, addresses=(ip_interface(f"{VIP}/32"),))
    found = wanted(DR, state=a_server(there))

    assert found.settings[-1] == address("192.168.1.110/32", device)
    assert found.obstacles == ()


@pytest.mark.parametrize(
    ("device", "words"),
    [
        (eth("eth1", f"{VIP}/24"), "is on eth1, where others ask for it"),
        (
            Device(name="lo:0", loopback=True, arp=False,
                   addresses=(ip_interface(f"{VIP}/24"),)),
            "makes every address of its network this machine's own",
        ),
    ],
)  # fmt: skip
def test_a_vip_that_does_harm_where_it_is_stops_everything(device, words):
    assert words in wanted(DR, state=a_server(device)).obstacles[0]


def test_a_gateway_that_is_not_known_or_out_of_reach_stops_everything():
    text = service("192.168.1.110:80", "192.168.1.2", "nat")
    far = {ip_address("192.168.1.2"): ip_address("10.9.9.9")}

    assert "expected the director's address" in wanted(text).obstacles[0]
    assert "no device is in the network" in wanted(text, gateways=far).obstacles[0]


def test_two_default_gateways_stop_everything():
    texts = [service(f"{VIP}:80", f"10.{n}.1.2", "nat") for n in (1, 2)]
    texts[1] = texts[1].replace("port = 80", "port = 81")
    gateways = {ip_address(f"10.{n}.1.2"): ip_address(f"10.{n}.1.1") for n in (1, 2)}
    found = wanted(*texts, state=State(), gateways=gateways)

    assert found.obstacles == (
        "10.1.1.1 and 10.2.1.1 are both to be its default gateway: expected one for it",
    )


def test_direct_routing_by_a_mark_says_that_nobody_told_the_vip():
    text = (
        "[[virtual_service]]\nfwmark = 7\n"
        'servers = [{ address = "192.168.1.2", forwarding = "dr" }]\n'
    )
    found = wanted(text)

    assert found.settings == QUIET
    assert "FWM 7 names no VIP" in found.remarks[0]


def test_local_nodes_have_no_role_and_sorry_servers_have_one():
    text = (
        f'[[virtual_service]]\naddress = "{VIP}"\nport = 80\n'
        'fallback = { address = "192.168.1.9", forwarding = "dr" }\nservers = [\n'
        '{ address = "127.0.0.1", forwarding = "local" },\n'
        '{ address = "192.168.1.7", forwarding = "local" },\n'
        '{ address = "192.168.1.1", forwarding = "dr" },\n'
        '{ address = "192.168.1.2", forwarding = "dr" },\n]\n'
    )
    director = Surroundings(devices=(eth("eth0", "192.168.1.1/24"),))
    roles = roles_of(config_of(text), director)

    assert list(map(str, servers_of(roles))) == ["192.168.1.2", "192.168.1.9"]


@pytest.mark.parametrize(
    ("machine", "director", "expected"),
    [
        ('gateway = ["10.1.1.9"]', NOBODY, "10.1.1.9"),
        ('addresses = [{ address = "10.1.1.1/24", device = "eth1" }]', NOBODY, "10.1.1.1"),
        ("", Surroundings(devices=(eth("eth1", "10.1.1.3/24"),)), "10.1.1.3"),
        ("", NOBODY, None),
        ('gateway = ["fd00:2::1"]', NOBODY, None),
    ],
)  # fmt: skip
def test_the_gateway_is_what_is_stated_or_the_directors_own_address(
    machine, director, expected
):
    text = f"[machine]\n{machine}\n" + service(f"{VIP}:80", "10.1.1.2", "nat")
    found = gateway_of(ip_address("10.1.1.2"), config_of(text), director)

    assert found == (expected and ip_address(expected))
