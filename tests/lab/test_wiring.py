"""The texts that ip(8) and ipvsadm(8) are given."""

import pytest

from monlvs.lab import Cut, Kind, LabError, lay_out
from monlvs.lab.wiring import (
    host_script,
    plug_batch,
    pull_batch,
    table_script,
    wire_script,
)
from monlvs.model.lvs import TunnelType

METHODS = {Kind.NAT: "-m", Kind.DR: "-g", Kind.TUN: "-i", Kind.LOCALNODE: "-g"}


@pytest.mark.parametrize("kind", Kind)
def test_the_table_forwards_by_the_method_of_the_kind(kind: Kind) -> None:
    lines = table_script(lay_out(kind)).splitlines()
    servers = [line for line in lines if line.startswith("-a")]
    assert len(servers) == (8 if kind is Kind.LOCALNODE else 6)
    assert all(line.split()[5] == METHODS[kind] for line in servers)


def test_the_director_serves_itself_without_translation() -> None:
    local = [
        line
        for line in table_script(lay_out(Kind.LOCALNODE)).splitlines()
        if "127.0.0.1" in line
    ]
    assert local == [
        "-a -t 192.168.1.110:80 -r 127.0.0.1:80 -g -w 1",
        "-a -t 192.168.1.110:23 -r 127.0.0.1:23 -g -w 1",
    ]


def test_a_host_s_cables_are_pulled_together_or_one_by_one() -> None:
    topology = lay_out(Kind.NAT)
    assert pull_batch(topology, "director", None, Cut.SEEN) == (
        "link set director-eth0 down\nlink set director-eth1 down\n"
    )
    assert pull_batch(topology, "director", "eth1", Cut.UNSEEN) == (
        "link set director-eth1 nomaster\n"
    )
    assert plug_batch(topology, "director", "eth1") == (
        "link set director-eth1 master inside up\n"
    )


def test_a_cable_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(LabError, match="no cable at rs1 eth1; there are: client eth0"):
        plug_batch(lay_out(Kind.NAT), "rs1", "eth1")


@pytest.mark.parametrize("kind", Kind)
def test_a_bare_host_has_the_addresses_of_its_cables_and_no_more(kind: Kind) -> None:
    topology = lay_out(kind, bare={"director", "rs1", "rs2", "rs3"})
    assert "modprobe" not in wire_script(topology)
    for host in topology.bare:
        _, *lines, _ = host_script(topology, host).splitlines()
        assert [line.removesuffix(" nodad") for line in lines] == [
            "link set lo up",
            *(
                line
                for cable in topology.cables_of(host)
                for line in (
                    f"link set {cable.device} up",
                    *(f"addr add {a} dev {cable.device}" for a in cable.addresses),
                )
            ),
        ]


def test_servers_take_packets_out_of_the_tunnels_of_each_type() -> None:
    topology = lay_out(Kind.TUN, tunnels=TunnelType)
    assert wire_script(topology).startswith("/run/modprobe -a ipip fou ip_gre\n")
    script = host_script(topology, "rs1")
    for device in ("tunl0", "gre0"):
        assert f"link set {device} up\n" in script
        assert f"echo 0 >/proc/sys/net/ipv4/conf/{device}/rp_filter\n" in script
    assert "fou add port 6080 gue\n" in script
    assert script.count("addr add 192.168.1.110/32 dev tunl0\n") == 1


def test_of_two_directors_none_has_the_vip_from_the_start() -> None:
    topology = lay_out(Kind.DR, pair=True)
    scripts = [host_script(topology, host) for host in topology.directors]
    assert all("192.168.1.110/32" not in script for script in scripts)
    assert "192.168.1.110/32" in host_script(topology, "rs1")


def test_servers_of_nat_answer_through_what_goes_from_one_director_to_the_other() -> (
    None
):
    topology = lay_out(Kind.NAT, pair=True)
    assert "route add default via 10.1.1.254\n" in host_script(topology, "rs1")
    for host in topology.directors:
        script = host_script(topology, host)
        assert "10.1.1.254" not in script
        assert "192.168.1.110" not in script
        assert "echo 1 >/proc/sys/net/ipv4/ip_forward\n" in script
