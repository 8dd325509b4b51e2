"""Faults planted one at a time on real kernels: each is found, and nothing else is.

The director looks at itself, asks the wire, and looks at real servers through their
sshd. Where a fault loses what the client sends, that is seen, too; before and after the
faults the same LVS has nothing wrong with it.
"""

from dataclasses import asdict
from ipaddress import ip_address

import pytest

from monlvs.director.machine.commands import Rules, making
from monlvs.director.machine.settings import SegmentLimit
from monlvs.lab import DIRECTOR
from tests.director.audit.faults import (
    ALL,
    Fault,
    found_with,
    judged,
    of_director,
    of_server,
    sound,
)
from tests.director.machine.test_director_side import service

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]

VIP, VIP6 = "192.168.1.110", "fd00:1::110"
POLICY = (
    "sysctl -q -w net.ipv4.vs.expire_nodest_conn=1 "
    "net.ipv4.vs.expire_quiescent_template=1 net.ipv4.vs.conn_reuse_mode=1"
)


async def plant(lab, configuration, url, faults):
    """Plant `faults` and compare with what is to be found."""
    reports = await found_with(lab, configuration, url, faults)

    assert {title: judged(lab, report) for title, report in reports.items()} == {
        each.title: (sorted(map(list, each.found)), each.loses, []) for each in faults
    }
    return reports


NAT = (
    '[machine]\ngateway = "10.1.1.1"\n'
    + service(f"{VIP}:80", "nat", "10.1.1.2", "10.1.1.3", "10.1.1.4")
    + service("[fd00:1::1]:80", "nat", "fd00:2::2", "fd00:2::3", "fd00:2::4")
)
NAT_TABLE = f"""ipvsadm -R <<END
-A -t {VIP}:80 -s rr
-a -t {VIP}:80 -r 10.1.1.2:80 -m
-a -t {VIP}:80 -r 10.1.1.3:80 -m
-a -t {VIP}:80 -r 10.1.1.4:80 -m
-A -t [fd00:1::1]:80 -s rr
-a -t [fd00:1::1]:80 -r [fd00:2::2]:80 -m
-a -t [fd00:1::1]:80 -r [fd00:2::3]:80 -m
-a -t [fd00:1::1]:80 -r [fd00:2::4]:80 -m
END
"""
NAT_FAULTS = [
    sound("before"),
    of_director(
        "forwarding-off",
        "sysctl -q -w net.ipv4.ip_forward=0",
        "sysctl -q -w net.ipv4.ip_forward=1",
        loses=True,
    ),
    of_director(
        "forwarding-off",
        "sysctl -q -w net.ipv6.conf.all.forwarding=0",
        "sysctl -q -w net.ipv6.conf.all.forwarding=1",
        title="forwarding-off, IPv6",
    ),
    of_director(
        "vip-missing",
        f"ip addr del {VIP}/32 dev eth0",
        f"ip addr add {VIP}/32 dev eth0",
        loses=True,
    ),
    of_director(
        "vip-silent",
        f"ip addr del {VIP}/32 dev eth0; ip addr add {VIP}/32 dev lo; "
        "sysctl -q -w net.ipv4.conf.all.arp_ignore=1",
        f"ip addr del {VIP}/32 dev lo; ip addr add {VIP}/32 dev eth0; "
        "sysctl -q -w net.ipv4.conf.all.arp_ignore=0",
    ),
    of_director(
        "rp-filter",
        "ip route add default via 10.1.1.2; "
        "sysctl -q -w net.ipv4.conf.eth0.rp_filter=1",
        "ip route del default; sysctl -q -w net.ipv4.conf.eth0.rp_filter=0",
    ),
    of_director(
        "no-route-to-server",
        "ip route add unreachable 10.1.1.3/32",
        "ip route del unreachable 10.1.1.3/32",
        loses=True,
    ),
    # Who remembers that 10.1.1.1 was the director's is answered for a while yet.
    Fault(
        title="gateway-missing",
        plant=(
            (
                DIRECTOR,
                "ip addr del 10.1.1.1/24 dev eth1; ip addr add 10.1.1.9/24 dev eth1",
            ),
            *((server, "ip neigh flush dev eth0") for server in ALL),
        ),
        cure=(
            (
                DIRECTOR,
                "ip addr del 10.1.1.9/24 dev eth1; ip addr add 10.1.1.1/24 dev eth1",
            ),
        ),
        found=frozenset({("gateway-missing", "director")}),
        loses=True,
    ),
    of_director(
        "sysctl-differs",
        "sysctl -q -w net.ipv4.vs.expire_nodest_conn=0",
        "sysctl -q -w net.ipv4.vs.expire_nodest_conn=1",
        loses=False,
    ),
    Fault(
        title="vip-claimed",
        plant=(("client", f"ip addr add {VIP}/32 dev eth0"),),
        cure=(("client", f"ip addr del {VIP}/32 dev eth0"),),
        found=frozenset({("vip-claimed", "director")}),
    ),
    of_server(
        "no-route-to-clients",
        "ip route del default",
        "ip route add default via 10.1.1.1",
        loses=True,
    ),
    of_server(
        "gateway-not-director",
        "ip route replace default via 10.1.1.3",
        "ip route replace default via 10.1.1.1",
        loses=True,
    ),
    of_server(
        "answers-bypass-director",
        "ip route add 192.168.1.0/24 via 10.1.1.3",
        "ip route del 192.168.1.0/24 via 10.1.1.3",
        loses=True,
    ),
    sound("after"),
]


async def test_faults_of_nat_are_found(nat_lab):
    await nat_lab.run(DIRECTOR, f"{POLICY}\n{NAT_TABLE}", check=True)

    reports = await plant(nat_lab, NAT, f"http://{VIP}/", NAT_FAULTS)

    ((_, _, _, cure),) = reports["rs1: gateway-not-director"]["findings"]
    assert cure == ["ip route replace 0.0.0.0/0 via 10.1.1.1"]
    ((_, _, _, cure),) = reports["gateway-missing"]["findings"]
    assert cure == ["ip address add 10.1.1.1/24 dev eth1"]


SERVERS = ("192.168.1.2", "192.168.1.3", "192.168.1.4")
LOCALNODE = (
    f'[[virtual_service]]\naddress = "{VIP}"\nport = 80\nservers = [\n'
    '  { address = "127.0.0.1", forwarding = "local" },\n'
    + "".join(f'  {{ address = "{a}", forwarding = "dr" }},\n' for a in SERVERS)
    + "]\n"
    + service(f"{VIP}:23", "dr", *SERVERS)
    + service(f"{VIP}:81", "dr", "192.168.1.2", scheduler="rr")
    + service(f"[{VIP6}]:80", "dr", "fd00:1::2", "fd00:1::3", "fd00:1::4")
)
LOCALNODE_TABLE = f"""ipvsadm -R <<END
-A -t {VIP}:81 -s rr
-a -t {VIP}:81 -r 192.168.1.2:81 -g
-A -t [{VIP6}]:80 -s rr
-a -t [{VIP6}]:80 -r [fd00:1::2]:80 -g
-a -t [{VIP6}]:80 -r [fd00:1::3]:80 -g
-a -t [{VIP6}]:80 -r [fd00:1::4]:80 -g
END
"""
SILENT = "sysctl -q -w net.ipv4.conf.all"
SERVE = "sh -c 'echo $$ >/run/81.pid; exec busybox httpd -f -p {0}' >/dev/null 2>&1 &"
LISTENS = "until ss -Hltn | grep -q '{0} '; do sleep 0.02; done"
STOP = "kill $(cat /run/81.pid)"


DR_FAULTS = [
    sound("before"),
    of_director(
        "vip-as-source",
        f"ip route change 192.168.1.0/24 dev eth0 src {VIP}",
        "ip route change 192.168.1.0/24 dev eth0 proto kernel scope link "
        "src 192.168.1.1",
    ),
    of_director(
        "server-behind-gateway",
        "ip route add 192.168.1.3/32 via 192.168.1.4",
        "ip route del 192.168.1.3/32 via 192.168.1.4",
    ),
    of_director(
        "loopback-translated",
        f"ipvsadm -e -t {VIP}:80 -r 127.0.0.1:80 -m",
        f"ipvsadm -e -t {VIP}:80 -r 127.0.0.1:80 -g",
        loses=True,
    ),
    of_server(
        "vip-missing",
        f"ip addr del {VIP}/32 dev lo",
        f"ip addr add {VIP}/32 dev lo",
        loses=True,
    ),
    of_server(
        "vip-prefix",
        f"ip addr del {VIP}/32 dev lo; ip addr add {VIP}/26 dev lo",
        f"ip addr del {VIP}/26 dev lo; ip addr add {VIP}/32 dev lo",
    ),
    of_server("arp-ignore", f"{SILENT}.arp_ignore=0", f"{SILENT}.arp_ignore=1"),
    Fault(
        title="arp-ignore of a server that is not looked at",
        plant=(("rs1", f"{SILENT}.arp_ignore=0"),),
        cure=(("rs1", f"{SILENT}.arp_ignore=1"),),
        found=frozenset({("answers-for-vip", "rs1")}),
    ),
    of_server("arp-announce", f"{SILENT}.arp_announce=0", f"{SILENT}.arp_announce=2"),
    of_server(
        "vip-on-wire",
        f"ip addr del {VIP}/32 dev lo; ip addr add {VIP}/32 dev eth0",
        f"ip addr del {VIP}/32 dev eth0; ip addr add {VIP}/32 dev lo",
    ),
    of_server(
        "vip-on-wire",
        f"ip addr add {VIP6}/128 dev eth0 nodad preferred_lft 0",
        f"ip addr del {VIP6}/128 dev eth0",
        title="vip-on-wire, IPv6",
    ),
    of_server(
        "no-route-to-clients",
        f"ip rule add from {VIP} unreachable",
        f"ip rule del from {VIP} unreachable",
        loses=True,
    ),
    of_server(
        "nobody-listens",
        f"{STOP}; {SERVE.format('192.168.1.2:81')} {LISTENS.format('192.168.1.2:81')}",
        f"{STOP}; {SERVE.format('81')} {LISTENS.format('*:81')}",
    ),
    of_server(
        "balances-again",
        f"ipvsadm -A -t {VIP}:80 -s rr; ipvsadm -a -t {VIP}:80 -r 192.168.1.3:80 -g",
        f"ipvsadm -D -t {VIP}:80",
    ),
    sound("after"),
    of_director(
        "director-is-client",
        f"curl -s -m 1 http://{VIP}:81/ || true",
        "true",
    ),
]


async def test_faults_of_direct_routing_and_localnode_are_found(localnode_lab):
    lab = localnode_lab
    lab.cluster.fill_table()
    await lab.run(DIRECTOR, LOCALNODE_TABLE, check=True)
    await lab.run("rs1", f"{SERVE.format('81')} {LISTENS.format('*:81')}", check=True)

    reports = await plant(lab, LOCALNODE, f"http://{VIP}/", DR_FAULTS)

    ((_, _, what, _),) = reports["rs1: nobody-listens"]["findings"]
    assert what == f"nobody listens at TCP {VIP}:81, but at 192.168.1.2:81"


async def told(lab, configuration):
    """Run `monlvs director audit --servers` as people do."""
    path = lab.write_file("audit.toml", configuration)
    ssh = lab.folder / "ssh"
    argv = [lab.python, "-m", "monlvs", "director", "audit", "-c", str(path)]
    ways = ["-l", "root", "-i", str(ssh / "key"), "--timeout", "90"]
    ways += ["--servers", "--known-hosts", str(ssh / "known_hosts")]
    home = {"HOME": str(lab.folder)}
    return await lab.run(DIRECTOR, [*argv, *ways], timeout=240, env=home)


TUN = service(f"{VIP}:80", "tun", *SERVERS) + service(f"{VIP}:23", "tun", *SERVERS)
ROUTE = "ip route change 192.168.1.0/24 dev eth0 proto kernel scope link src"
TUN_FAULTS = [
    sound("before"),
    of_server(
        "vip-missing",
        f"ip addr del {VIP}/32 dev tunl0",
        f"ip addr add {VIP}/32 dev tunl0",
        loses=True,
    ),
    of_server(
        "tunnel-down", "ip link set tunl0 down", "ip link set tunl0 up", loses=True
    ),
    of_server(
        "rp-filter",
        "sysctl -q -w net.ipv4.conf.all.rp_filter=1",
        "sysctl -q -w net.ipv4.conf.all.rp_filter=0",
        loses=True,
    ),
    of_server(
        "tunnel-mtu",
        f"{ROUTE} 192.168.1.2",
        f"{ROUTE} 192.168.1.2 advmss 1440",
        loses=False,
    ),
]


async def test_faults_of_tunnels_are_found(tun_lab):
    tun_lab.cluster.fill_table()
    for each in tun_lab.topology.servers:
        await tun_lab.run(each.host, f"{ROUTE} {each.address} advmss 1440", check=True)

    await plant(tun_lab, TUN, f"http://{VIP}/", TUN_FAULTS)

    # What `prepare` does in the place of advmss is as good.
    limit = SegmentLimit(address=ip_address(VIP), size=1440)
    for each in tun_lab.topology.servers:
        lines = (f"{ROUTE} {each.address}", making(limit, Rules.IPTABLES_LEGACY))
        await tun_lab.run(each.host, "\n".join(lines), check=True)
    ended = await told(tun_lab, TUN)
    assert ended.status == 0, ended.stderr
    assert ended.stdout == f"nothing found; looked at: director, {', '.join(SERVERS)}\n"


def test_faults_are_many_and_each_has_a_name_of_its_own():
    for faults in (NAT_FAULTS, DR_FAULTS, TUN_FAULTS):
        titles = [each.title for each in faults]
        assert len(set(titles)) == len(titles)
    planted = [each for each in (*NAT_FAULTS, *DR_FAULTS, *TUN_FAULTS) if each.found]
    kinds = {name for each in planted for name, _ in each.found}

    assert len(kinds) >= 16
    assert all(asdict(each)["cure"] for each in planted)
