"""What look.sh prints, on this machine and as recorded in the lab."""

import subprocess
from ipaddress import ip_address, ip_interface, ip_network

import pytest

from monlvs.director.audit.looking import look_script, ways_script
from monlvs.director.audit.printed import UnreadableError, read, read_ways
from monlvs.director.audit.sight import Held, Socket, Way
from monlvs.director.machine.settings import Route, Sysctl
from monlvs.model.lvs import Listener, Protocol

SERVER = r"""== variables
net/ipv4/ip_forward:0
net/ipv4/vs/sync_threshold:3	50
net/ipv4/conf/all/rp_filter:0
net/ipv4/conf/eth0.100/rp_filter:2
== ipv4
[{},{"ifindex":1,"ifname":"lo","flags":["LOOPBACK","UP","LOWER_UP"],"mtu":65536,"link_type":"loopback","addr_info":[{"family":"inet","local":"127.0.0.1","prefixlen":8,"scope":"host","label":"lo"}]},{"ifindex":2,"link":null,"ifname":"tunl0","flags":["NOARP","UP","LOWER_UP"],"mtu":1480,"link_type":"ipip","linkinfo":{"info_kind":"ipip","info_data":{"proto":"any","remote":"any","local":"192.168.1.2"}},"addr_info":[{"family":"inet","local":"192.168.1.110","prefixlen":32,"scope":"global"}]},{"ifindex":3,"ifname":"eth0","flags":["NO-CARRIER","BROADCAST","UP"],"mtu":1500,"linkinfo":{"info_kind":"veth"},"addr_info":[{"family":"inet6","local":"fd00:1::1","prefixlen":64,"scope":"global","dadfailed":true,"tentative":true},{"family":"inet6","local":"fd00:1::110","prefixlen":128,"scope":"global","deprecated":true,"preferred_life_time":0}]}]
[{"dst":"10.9.0.0/16","metric":100,"nexthops":[{"gateway":"192.168.1.254","dev":"eth0","weight":1}]},{"dst":"default","gateway":"192.168.1.1","dev":"eth0"},{"type":"unreachable","dst":"10.8.0.0/16"}]
[{"type":"local","dst":"127.0.0.0/8","dev":"lo"},{"type":"broadcast","dst":"192.168.1.255","dev":"eth0"}]
== ipv6
[{"dst":"default","gateway":"fd00:1::1","dev":"eth0","metric":1024}]
[{"type":"local","dst":"fd00:1::2","dev":"eth0"},{"type":"multicast","dst":"ff00::/8","dev":"eth0"}]
== sockets
tcp   LISTEN 0      128     0.0.0.0:22   0.0.0.0:*
tcp   LISTEN 0      5             *:80         *:*
tcp   LISTEN 0      5    [fe80::1]%eth0:81  [::]:*
udp   UNCONN 0      0      192.168.1.110:53 0.0.0.0:*
== modules
ip_vs ipip
== missing
ip_vs_foo
== rules
*nat
-A POSTROUTING -o eth0 -j MASQUERADE
== capable
1
== table
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  C0A8016E:0050 rr
  -> C0A80104:0050      Route   1      0          0
TCP  [fd00:0001:0000:0000:0000:0000:0000:0110]:0017 wlc
  -> [fd00:0001:0000:0000:0000:0000:0000:0002]:0017      Route   1      0          0
UDP  C0A8016E:0035 rr
FWM  00000065 rr
  -> C0A80104:0000      Route   1      0          0
== gue
port 5555 gue
port 6000 ipproto 4
== end
"""

WAYS = r"""[{"dst":"192.168.1.5","from":"192.168.1.110","dev":"eth0","flags":[],"uid":0,"cache":[]}]
[{"type":"local","dst":"192.168.1.2","dev":"lo","prefsrc":"192.168.1.2","cache":["local"]}]
[{"dst":"fd00:1::5","from":"::","dev":"eth0","prefsrc":"fd00:1::2","metric":256}]
[{"dst":"8.8.8.8","gateway":"192.168.1.1","dev":"eth0","prefsrc":"192.168.1.2","metrics":[{"advmss":1440}]}]
"""


def test_a_recorded_look_is_read_whole():
    found = read(SERVER)

    lo, tunl0, eth0 = found.links
    assert (lo.loopback, tunl0.arp, tunl0.kind, tunl0.mtu) == (
        True,
        False,
        "ipip",
        1480,
    )
    assert (tunl0.local, tunl0.remote) == (ip_address("192.168.1.2"), None)
    assert (eth0.up, eth0.carrier) == (True, False)
    assert eth0.held == (
        Held(interface=ip_interface("fd00:1::1/64"), tentative=True, dad_failed=True),
        Held(interface=ip_interface("fd00:1::110/128"), deprecated=True),
    )
    assert found.routes == (
        Route(to=ip_network("0.0.0.0/0"), via=ip_address("192.168.1.1"), device="eth0"),
        Route(to=ip_network("10.9.0.0/16"), via=ip_address("192.168.1.254"), device="eth0"),
        Route(to=ip_network("::/0"), via=ip_address("fd00:1::1"), device="eth0"),
    )  # fmt: skip
    assert found.own == (ip_network("127.0.0.0/8"), ip_network("fd00:1::2/128"))
    assert found.sysctls["net.ipv4.conf.eth0/100.rp_filter"] == "2"
    assert found.sysctls["net.ipv4.vs.sync_threshold"] == "3 50"
    assert found.modules == {"ip_vs", "ipip"}
    assert found.missing_modules == {"ip_vs_foo"}
    assert found.gue_ports == {5555}
    assert found.rules == "*nat\n-A POSTROUTING -o eth0 -j MASQUERADE\n"


def test_answers_about_ways_are_known_by_their_questions():
    vip, rip = ip_address("192.168.1.110"), ip_address("192.168.1.2")

    assert read_ways(WAYS) == {
        (ip_address("192.168.1.5"), vip): Way(device="eth0"),
        (rip, None): Way(device="lo", source=rip, local=True),
        (ip_address("fd00:1::5"), None): Way(
            device="eth0", source=ip_address("fd00:1::2")
        ),
        (ip_address("8.8.8.8"), None): Way(
            device="eth0", gateway=ip_address("192.168.1.1"), source=rip, advmss=1440
        ),
    }
    assert read_ways("") == {}
    with pytest.raises(UnreadableError):
        read_ways("Error: something")


def test_sockets_take_what_comes_to_their_address():
    vip, rip = ip_address("192.168.1.110"), ip_address("192.168.1.2")
    found = read(SERVER).sockets

    def taken(protocol, address, port):
        return any(each.takes(protocol, address, port) for each in found)

    assert (
        Socket(protocol=Protocol.TCP, address=ip_address("fe80::1"), port=81) in found
    )
    assert taken(Protocol.TCP, vip, 22)
    assert not taken(Protocol.TCP, ip_address("fd00::1"), 22)
    assert taken(Protocol.TCP, ip_address("fd00::1"), 80)
    assert taken(Protocol.UDP, vip, 53)
    assert not taken(Protocol.UDP, rip, 53)
    assert not taken(Protocol.TCP, vip, 53)


def test_a_service_without_real_servers_balances_nothing():
    assert read(SERVER).balanced == {
        Listener(Protocol.TCP, ip_address("192.168.1.110"), 80),
        Listener(Protocol.TCP, ip_address("fd00:1::110"), 23),
    }


def test_rules_that_were_not_read_are_not_taken_for_none():
    hidden = SERVER.replace("== capable\n1", "== capable\n0")

    assert read(hidden).rules is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it ended early, after: it began"),
        (SERVER.replace("== end\n", ""), "it ended early, after: gue"),
        (SERVER.replace('[{},{"ifindex"', "1: lo: <LOOPBACK>"), "iproute2"),
        (SERVER.replace("tcp   LISTEN 0  ", "tcp"), "iproute2"),
        (SERVER.replace('"dst":"default"', '"dst":"1.2.3"'), "iproute2"),
    ],
)
def test_what_is_not_understood_is_said(text, words):
    with pytest.raises(UnreadableError, match=words):
        read(text)


def run(script):
    return subprocess.run(
        ["sh", "-s"], input=script, capture_output=True, text=True, check=True
    ).stdout


def test_this_machine_can_be_looked_at():
    here = ip_address("127.0.0.1")
    nowhere = [(ip_address("127.0.0.2"), ip_address("192.0.2.99"))]

    found = read(
        run(
            look_script(
                ["ip_vs_nothing_of_the_kind"],
                [Sysctl(name="net.ipv4.tcp_syncookies", value="")],
            )
        )
    )
    ways = read_ways(run(ways_script([*nowhere, (here, None)])))

    assert found.link("lo").loopback
    assert found.has(here)
    assert "net.ipv4.tcp_syncookies" in found.sysctls
    assert "net.ipv4.ip_forward" in found.sysctls
    assert list(ways) == [(here, None)]
    assert ways[here, None].local
