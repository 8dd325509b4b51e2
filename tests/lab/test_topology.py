"""The machines and addresses of the LVS-HOWTO, sections 7 to 10."""

import pytest

from monlvs.lab.topology import Kind, lay_out


def test_nat_has_the_howto_s_addresses() -> None:
    topology = lay_out(Kind.NAT)
    addresses = {
        (cable.host, cable.device): cable.addresses[0] for cable in topology.cables
    }
    assert addresses == {
        ("client", "eth0"): "192.168.1.5/24",
        ("director", "eth0"): "192.168.1.1/24",
        ("director", "eth1"): "10.1.1.1/24",
        ("rs1", "eth0"): "10.1.1.2/24",
        ("rs2", "eth0"): "10.1.1.3/24",
        ("rs3", "eth0"): "10.1.1.4/24",
    }
    assert topology.vip == "192.168.1.1"
    assert topology.bridges == ("outside", "inside")


@pytest.mark.parametrize("kind", [Kind.DR, Kind.TUN, Kind.LOCALNODE])
def test_the_others_have_all_machines_on_one_wire(kind: Kind) -> None:
    topology = lay_out(kind)
    assert topology.bridges == ("outside",)
    assert topology.vip == "192.168.1.110"
    assert [server.address for server in topology.servers] == [
        "192.168.1.2",
        "192.168.1.3",
        "192.168.1.4",
    ]
    assert topology.local == (kind is Kind.LOCALNODE)


@pytest.mark.parametrize("kind", Kind)
def test_a_hundred_servers_share_no_address(kind: Kind) -> None:
    topology = lay_out(kind, servers=100)
    addresses = [address for cable in topology.cables for address in cable.addresses]
    assert len(set(addresses)) == len(addresses) >= 204
    assert not any(address.startswith(topology.vip + "0") for address in addresses)
    assert "192.168.1.110/24" not in addresses


@pytest.mark.parametrize("servers", [0, 101])
def test_a_number_of_servers_that_cannot_be_is_refused(servers: int) -> None:
    with pytest.raises(ValueError, match="1 to 100"):
        lay_out(Kind.DR, servers=servers)


@pytest.mark.parametrize("kind", Kind)
def test_names_of_devices_fit_the_kernel(kind: Kind) -> None:
    longest = max(len(c.socket) for c in lay_out(kind, servers=100).cables)
    assert longest <= 15  # IFNAMSIZ with its terminating null is 16


def test_a_bare_host_that_there_is_not_is_refused() -> None:
    hosts = "client, director, rs1, rs2"
    with pytest.raises(ValueError, match=f"no host rs3; there are: {hosts}"):
        lay_out(Kind.DR, servers=2, bare={"director", "rs3"})


@pytest.mark.parametrize("kind", [Kind.DR, Kind.TUN])
def test_two_directors_share_what_one_has(kind: Kind) -> None:
    one, two = lay_out(kind, servers=100), lay_out(kind, servers=100, pair=True)
    assert two.hosts == ("client", "dirA", "dirB", *(s.host for s in one.servers))
    assert (two.vip, two.servers) == (one.vip, one.servers)


@pytest.mark.parametrize("kind", [Kind.NAT, Kind.DR, Kind.TUN])
def test_what_two_directors_share_is_nobody_s_own(kind: Kind) -> None:
    topology = lay_out(kind, servers=100, pair=True)
    own = [a.partition("/")[0] for cable in topology.cables for a in cable.addresses]
    assert len(set(own)) == len(own)
    moving = {topology.vip, topology.vip6, topology.gateway, topology.gateway6}
    assert moving.isdisjoint(own)


def test_two_directors_of_nat_are_in_both_networks() -> None:
    topology = lay_out(Kind.NAT, pair=True)
    assert {
        (cable.host, cable.device): cable.addresses[0]
        for cable in topology.cables
        if cable.host in topology.directors
    } == {
        ("dirA", "eth0"): "192.168.1.1/24",
        ("dirA", "eth1"): "10.1.1.1/24",
        ("dirB", "eth0"): "192.168.1.111/24",
        ("dirB", "eth1"): "10.1.1.111/24",
    }
    assert topology.vip == "192.168.1.110"
    assert topology.gateway == "10.1.1.254"


def test_two_directors_of_a_localnode_are_refused() -> None:
    with pytest.raises(ValueError, match="two directors"):
        lay_out(Kind.LOCALNODE, pair=True)
