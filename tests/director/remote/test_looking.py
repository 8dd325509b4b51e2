"""A host, read by its own commands, is what it is when read through netlink."""

import asyncio
import subprocess
from ipaddress import ip_address, ip_network

import pytest

from monlvs.director.machine import links
from monlvs.director.machine.settings import GuePort
from monlvs.director.remote import looking
from monlvs.director.remote.looking import look, look_around
from monlvs.director.remote.session import CommandError
from tests.director.remote.sshd import logged_in


async def test_a_look_over_ssh_sees_what_netlink_tells_here(tmp_path):
    async with logged_in(tmp_path) as session:
        found = await look(session)
    here = await asyncio.to_thread(links.look_around)

    assert found.state.around.devices == here.devices
    assert set(found.state.around.routes) == set(here.routes)
    assert found.hostname == subprocess.check_output(["uname", "-n"], text=True).strip()
    assert found.came_from == ip_address("127.0.0.1")
    assert found.state.sysctls["net.ipv4.conf.all.arp_ignore"] in "0123"
    assert found.state.sysctls["net.ipv4.conf.lo.rp_filter"] in "012"
    assert found.state.ports == frozenset()


async def test_a_host_without_iproute2_is_told(tmp_path):
    programs = tmp_path / "bin"
    programs.mkdir()
    busybox = programs / "ip"
    busybox.write_text("#!/bin/sh\necho 'ip: unrecognized option: json' >&2\nexit 1\n")
    busybox.chmod(0o755)
    async with logged_in(tmp_path, path=str(programs)) as session:
        with pytest.raises(CommandError, match=r"ip -json .*unrecognized option"):
            await look_around(session)


def test_variables_of_devices_with_dots_keep_their_names():
    text = "/proc/sys/net/ipv4/conf/eth0.100/arp_ignore:1\n/proc/sys/net/ipv4/ip_forward:0\n"

    assert looking.read_sysctls(text) == {
        "net.ipv4.conf.eth0/100.arp_ignore": "1",
        "net.ipv4.ip_forward": "0",
    }


def test_modules_are_those_loaded_and_those_built_in():
    text = "ip_vs\nipip\nkernel/net/ipv4/ip_tunnel.ko\nkernel/net/sch-x.ko.xz\n"

    assert looking.read_modules(text) == {"ip_vs", "ipip", "ip_tunnel", "sch_x"}


def test_routes_are_told_as_they_have_to_be_made_again():
    told = [
        {"dst": "default", "gateway": "10.0.0.1", "dev": "eth0", "protocol": "dhcp",
         "prefsrc": "10.0.0.9", "metric": 100, "flags": ["onlink"]},
        {"dst": "10.0.0.0/24", "dev": "eth0", "scope": "link", "flags": []},
        {"type": "blackhole", "dst": "10.9.0.0/16", "flags": []},
        {"dst": "10.1.0.0/16", "nexthops": [
            {"gateway": "10.0.0.2", "dev": "eth0", "weight": 1, "flags": []},
            {"gateway": "10.0.0.3", "dev": "eth1", "weight": 2, "flags": []}]},
    ]  # fmt: skip

    found = looking._routes(told, 4)

    assert [each.told for each in found] == [
        "10.0.0.0/24 scope link dev eth0",
        "10.1.0.0/16 nexthop via 10.0.0.2 dev eth0 weight 1 "
        "nexthop via 10.0.0.3 dev eth1 weight 2",
        "default proto dhcp src 10.0.0.9 metric 100 via 10.0.0.1 dev eth0 onlink",
    ]
    assert found[-1].to == ip_network("0.0.0.0/0")
    assert found[-1].via == ip_address("10.0.0.1")


def test_ports_of_gue_are_told_apart_from_others():
    text = (
        '[{"port":5555,"gue":null,"family":"inet"},{"port":5556,"ipproto":4},'
        '{"port":5557,"gue":null,"family":"inet6"}]'
    )

    assert looking.read_gue_ports(text) == {
        GuePort(port=5555),
        GuePort(port=5557, version=6),
    }


@pytest.mark.parametrize("text", ["", "sudo: no", " "])
def test_who_came_from_nowhere_that_is_told(text):
    assert looking.read_came_from(text) is None
