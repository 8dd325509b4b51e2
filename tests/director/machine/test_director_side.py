"""What a configuration wants of the director around its table."""

from dataclasses import replace
from ipaddress import ip_interface, ip_network

import pytest

from monlvs.config.reading import parse
from monlvs.director.machine.director_side import director_settings
from monlvs.director.machine.settings import (
    DeviceAddress,
    LinkUp,
    Masquerade,
    Module,
    Sysctl,
)
from monlvs.director.machine.surroundings import Device, Surroundings

OUTSIDE = Device(
    name="eth0",
    addresses=(ip_interface("192.168.1.1/24"), ip_interface("fd00:1::1/64")),
)
INSIDE = Device(
    name="eth1", addresses=(ip_interface("10.1.1.1/24"), ip_interface("fd00:2::1/64"))
)
LOOPBACK = Device(name="lo", loopback=True, addresses=(ip_interface("127.0.0.1/8"),))
TWO_SIDES = Surroundings(devices=(LOOPBACK, OUTSIDE, INSIDE))
ONE_SIDE = Surroundings(devices=(LOOPBACK, OUTSIDE))


def read(text):
    config, problems = parse(text, "machine.toml")
    assert [str(problem) for problem in problems] == []
    return config


def service(vip, kind, *servers, **more):
    address, _, port = vip.rpartition(":")
    listed = ", ".join(
        f'{{ address = "{server}", forwarding = "{kind}" }}' for server in servers
    )
    told = "".join(f'{key} = "{value}"\n' for key, value in more.items())
    return (
        f'[[virtual_service]]\naddress = "{address.strip("[]")}"\nport = {port}\n'
        f"servers = [{listed}]\n{told}"
    )


def wanted(text, around=TWO_SIDES):
    return director_settings(read(text), around)


def of(kind, settings):
    return [each for each in settings if isinstance(each, kind)]


NAT = service("192.168.1.110:80", "nat", "10.1.1.2", "10.1.1.3", scheduler="rr")
DR = service("192.168.1.110:80", "dr", "192.168.1.2", scheduler="wlc")
NAT6 = service("[fd00:1::110]:80", "nat", "fd00:2::2")


def test_nat_forwards_translates_and_has_the_vip():
    settings = wanted(NAT)

    assert Sysctl(name="net.ipv4.ip_forward", value="1") in settings
    assert of(Masquerade, settings) == [
        Masquerade(source=ip_network("10.1.1.0/24"), device="eth0")
    ]
    assert settings[-2:] == (
        LinkUp(device="eth0"),
        DeviceAddress(
            interface=ip_interface("192.168.1.110/32"), device="eth0", virtual=True
        ),
    )


@pytest.mark.parametrize("kind", ["dr", "tun"])
def test_direct_routing_and_tunnels_forward_nothing_and_translate_nothing(kind):
    settings = wanted(service("192.168.1.110:80", kind, "192.168.1.2"))

    assert of(Masquerade, settings) == []
    assert not [each for each in of(Sysctl, settings) if "forward" in each.name]


def test_nat_in_ipv6_has_its_own_words():
    settings = wanted(NAT6)

    assert Sysctl(name="net.ipv6.conf.all.forwarding", value="1") in settings
    assert Sysctl(name="net.ipv4.ip_forward", value="1") not in settings
    assert Masquerade(source=ip_network("fd00:2::/64"), device="eth0") in settings
    assert settings[-1].interface == ip_interface("fd00:1::110/128")


def test_nat_in_one_network_sends_no_redirects_and_says_why():
    settings = wanted(service("192.168.1.110:80", "nat", "192.168.1.2"), ONE_SIDE)

    silent = [each for each in of(Sysctl, settings) if "redirects" in each.name]
    assert [each.name for each in silent] == [
        "net.ipv4.conf.all.send_redirects",
        "net.ipv4.conf.eth0.send_redirects",
    ]
    assert "share a network" in silent[0].because
    assert [each.device for each in of(Masquerade, settings)] == [None]


def test_nat_between_two_networks_leaves_redirects_alone():
    assert "redirects" not in str(wanted(NAT))


def test_modules_are_those_of_the_services():
    ftp = service("192.168.1.110:21", "nat", "10.1.1.2", scheduler="wrr")
    sip = service(
        "192.168.1.110:5060", "dr", "192.168.1.2", persistence="60s", pe="sip"
    )
    names = [each.name for each in of(Module, wanted(NAT + ftp + sip))]

    assert names == [
        "ip_vs", "ip_vs_rr", "ip_vs_wrr", "ip_vs_ftp", "ip_vs_wlc", "ip_vs_pe_sip",
    ]  # fmt: skip


def test_ftp_that_is_not_translated_needs_no_help():
    ftp = service("192.168.1.110:21", "dr", "192.168.1.2")

    assert Module(name="ip_vs_ftp") not in wanted(ftp)


def test_without_a_look_around_the_vips_device_is_not_known():
    settings = director_settings(read(NAT))

    assert settings[-1].device is None
    assert of(Masquerade, settings) == [Masquerade(source=ip_network("10.1.1.2/31"))]


def test_a_vip_that_is_there_is_wanted_as_it_is():
    around = Surroundings(
        devices=(
            Device(name="eth0", addresses=(ip_interface("192.168.1.110/24"),)),
            INSIDE,
        )
    )
    assert wanted(NAT, around)[-1].interface == ip_interface("192.168.1.110/24")


def test_real_servers_with_public_addresses_are_not_translated():
    public = service("192.168.1.110:80", "nat", "8.8.4.4")

    assert of(Masquerade, wanted(public)) == []


@pytest.mark.parametrize("version", [4, 6])
def test_a_sorry_server_by_nat_alone_is_forwarded_for_and_translated(version):
    vip, server, sorry, name, network = {
        4: ("192.168.1.110:80", "192.168.1.2", "10.1.1.9", "ipv4.ip_forward", "10.1.1.0/24"),
        6: ("[fd00:1::110]:80", "fd00:1::2", "fd00:2::9", "ipv6.conf.all.forwarding", "fd00:2::/64"),
    }[version]  # fmt: skip
    text = service(vip, "dr", server)
    told = f'fallback = {{ address = "{sorry}", forwarding = "nat" }}\n'
    settings = wanted(text + told)

    assert Sysctl(name=f"net.{name}", value="1") in settings
    assert [each.source for each in of(Masquerade, settings)] == [ip_network(network)]
    assert of(Masquerade, wanted(text)) == []


def forwards_ipv4(text):
    """Whether it does, though the configuration gets warnings."""
    config, _ = parse(text, "machine.toml")
    wanted = director_settings(config, TWO_SIDES)
    return Sysctl(name="net.ipv4.ip_forward", value="1") in wanted


def test_a_backup_of_an_alert_by_nat_alone_is_forwarded_for():
    line = '{ name = "virtualserver", virtual = "192.168.1.110:80", forwarding = "nat"'
    around = f'[{line}, real = "192.168.1.2:80", backup = "10.1.1.9" }}]'
    assert forwards_ipv4(
        '[hostgroup.web]\nhosts = ["192.168.1.2"]\n[watch.web.service.http]\n'
        'interval = "10s"\nmonitor = "http"\n[[watch.web.service.http.period]]\n'
        f"alert = {around}\nupalert = {around}\n" + DR
    )
    assert not forwards_ipv4(DR)


def test_an_address_by_two_ways_counts_for_each():
    assert forwards_ipv4(
        '[[virtual_service]]\naddress = "192.168.1.110"\nport = 80\nservers = [\n'
        '{ address = "10.1.1.2", port = 8080, forwarding = "nat" },\n'
        '{ address = "10.1.1.2", forwarding = "dr" }]\n'
    )


def test_one_vip_of_several_services_is_given_once():
    addresses = of(DeviceAddress, wanted(DR + DR.replace("port = 80", "port = 23")))

    assert len(addresses) == 1


def test_nothing_to_balance_wants_nothing():
    assert wanted('[settings]\nstate_dir = "/tmp"\n') == ()


PAIRED = """
[pair]
listen = "192.168.1.1"
peer = "192.168.1.2"
secret_file = "/s"
"""
SYNC = '[pair.sync]\ndevice = "eth0"\nid = 1\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PAIRED + SYNC + "[machine]\nvips = false\n", {"0 0", "10"}),
        (PAIRED + "[machine]\nvips = false\n", set()),
        (
            PAIRED
            + SYNC
            + '[machine]\nvips = false\nsysctl = { "net.ipv4.vs.sync_threshold" = "0 1" }\n',
            {"0 1", "10"},
        ),
    ],
)
def test_two_directors_tell_each_other_even_idle_connections(text, expected):
    settings = of(Sysctl, wanted(text + DR))
    assert {each.value for each in settings if "vs.sync_" in each.name} == expected


def test_a_director_that_learns_its_ipv6_routes_goes_on_to_when_it_forwards() -> None:
    learning = replace(OUTSIDE, name="eth0.7", hears_routers=True)
    around = Surroundings(devices=(LOOPBACK, learning, INSIDE))
    names = [each.name for each in of(Sysctl, wanted(NAT6, around))]
    assert names[:2] == [
        "net.ipv6.conf.eth0/7.accept_ra",
        "net.ipv6.conf.all.forwarding",
    ]
    assert not any("accept_ra" in each.name for each in of(Sysctl, wanted(NAT, around)))
