"""Texts of ipvsadm commands to tables, and what is said of what is left out."""

from datetime import timedelta
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.director import rules
from monlvs.director.codec import Timeouts
from monlvs.model.lvs import (
    Entry,
    Family,
    Forwarding,
    Fwmark,
    Listener,
    Protocol,
    RealServer,
    ServiceFlags,
    Tunnel,
    TunnelFlags,
    TunnelType,
    VirtualService,
)
from monlvs.model.sync import SyncDaemon, SyncRole
from tests.director.strategies import pool, table

NAT = """\
#rc.ipvs_natdirector
VIP="192.168.1.1"
/sbin/ipfwadm -F -a m -S 10.1.1.0/24 -D 0.0.0.0/0
#map a request to LVS:80 to server2:8080
/sbin/ipvsadm -A -t ${VIP}:80 -R 10.1.1.2:8080
/sbin/ipvsadm -A -t ${VIP}:80 -R 10.1.1.3:80
/sbin/ipvsadm -A -t ${VIP}:23 \\
        -R 10.1.1.2:23
/sbin/ipvsadm -L
"""
TUN = """\
#rc.ipvs_tundirector
VIP_ADDRESS="192.168.1.110"
/sbin/ipvsadm -L
SERVER1="192.168.1.2"
SERVER2="192.168.1.3"
/sbin/ippfvsadm -A -t ${VIP_ADDRESS}:23 -R ${SERVER1}
/sbin/ippfvsadm -A -t ${VIP_ADDRESS}:80 -R ${SERVER1}
/sbin/ippfvsadm -A -t ${VIP_ADDRESS}:80 -R ${SERVER2} -w 2
/sbin/ipvsadm
"""


def told(read):
    """The table as rules, and the problems as (line, text), warnings in brackets."""
    problems = []
    for each in read.problems:
        text = f"({each.message})" if each.warning else each.message
        problems.append((each.place.line, text))
    return rules.write(read.table).splitlines(), problems


def test_the_nat_script_of_1999_becomes_a_table():
    lines, problems = told(rules.read(NAT, "script"))
    assert lines == [
        "-A -t 192.168.1.1:23 -s wlc",
        "-a -t 192.168.1.1:23 -r 10.1.1.2:23 -m -w 1",
        "-A -t 192.168.1.1:80 -s wlc",
        "-a -t 192.168.1.1:80 -r 10.1.1.2:8080 -m -w 1",
        "-a -t 192.168.1.1:80 -r 10.1.1.3:80 -m -w 1",
    ]
    ((line, text),) = problems
    assert line == 5
    assert "VS-NAT, because a port is remapped" in text


def test_the_tunnel_script_of_1999_becomes_a_table():
    lines, problems = told(rules.read(TUN, "script"))
    assert lines == [
        "-A -t 192.168.1.110:23 -s wlc",
        "-a -t 192.168.1.110:23 -r 192.168.1.2:23 -i -w 1 --tun-type ipip",
        "-A -t 192.168.1.110:80 -s wlc",
        "-a -t 192.168.1.110:80 -r 192.168.1.2:80 -i -w 1 --tun-type ipip",
        "-a -t 192.168.1.110:80 -r 192.168.1.3:80 -i -w 2 --tun-type ipip",
    ]
    assert [line for line, _ in problems] == [6]


def test_localnode_of_1999_serves_at_the_virtual_services_port():
    text = "ipvsadm -A -t 192.168.1.1:80 -R 127.0.0.1:8080 -w 1\n"
    read = rules.read(text + "ipvsadm -A -t 192.168.1.1:80 -R 10.1.1.2:80", "script")
    (found,) = read.table.values()
    local, other = found.entries.values()
    assert (str(local.server), local.forwarding) == ("127.0.0.1:80", Forwarding.LOCAL)
    assert other.forwarding is Forwarding.MASQ
    assert any("port 8080 becomes 80" in text for _, text in told(read)[1])


def test_a_server_of_1999_is_deleted_and_changed_by_its_service():
    text = (
        "$ipvsadm -A -t 192.168.1.110:80 -R 192.168.1.2\n"
        "$ ippfvsadm -A -t 192.168.1.110:80 -R 192.168.1.3\n"
        "ippfvsadm -E -t 192.168.1.110:80 -R 192.168.1.3 -w 7\n"
        "ippfvsadm -D -t 192.168.1.110:80 -R 192.168.1.2\n"
    )
    assert told(rules.read(text, "x", stated=Forwarding.ROUTE))[0] == [
        "-A -t 192.168.1.110:80 -s wlc",
        "-a -t 192.168.1.110:80 -r 192.168.1.3:80 -g -w 7",
    ]


WEB = Listener(Protocol.TCP, ip_address("192.168.1.110"), 80)
EVERYTHING = """\
-A -t 192.168.1.110:80 -s mh -p 60 -M 255.255.255.0 -b mh-port,mh-fallback
-a -t 192.168.1.110:80 -r 192.168.1.2:80 -g -w 3 -x 500 -y 400
-a -t 192.168.1.110:80 -r [fd00::2]:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-csum
-a -t 192.168.1.110:80 -r 10.2.0.1 -i --tun-type=ipip
-A -f -1 -6 -p
-a -f -1 -6 -r [fd00::11]:0 -m
-A -u 192.168.1.110:5060 -o --pe sip -p 30
-A --sctp-service 192.168.1.110:22
ipvsadm --set 900 120 300
ipvsadm --start-daemon master --mcast-interface eth1 --syncid 7
ipvsadm --start-daemon backup --mcast-group ff02::81 --mcast-port 9 --mcast-ttl 3
"""


def _entry(address, port, forwarding, **attributes):
    server = RealServer(ip_address(address), port)
    return Entry(server=server, forwarding=forwarding, **attributes)


def test_everything_that_can_be_said_is_read():
    read = rules.read(EVERYTHING, "x")
    mark = Fwmark(2**32 - 1, Family.IPV6)
    address = ip_address("192.168.1.110")
    gue = Tunnel(type=TunnelType.GUE, port=6080, flags=TunnelFlags.CSUM)
    assert read.problems == ()
    assert read.table == table(
        pool(
            VirtualService(
                key=WEB,
                scheduler="mh",
                flags=ServiceFlags.SCHED1 | ServiceFlags.SCHED2,
                persistence=timedelta(minutes=1),
                netmask=24,
            ),
            _entry("192.168.1.2", 80, Forwarding.ROUTE, weight=3, upper=500, lower=400),
            _entry("fd00::2", 80, Forwarding.TUNNEL, tunnel=gue),
            _entry("10.2.0.1", 80, Forwarding.TUNNEL),
        ),
        pool(
            VirtualService(key=mark, persistence=timedelta(minutes=6)),
            _entry("fd00::11", 0, Forwarding.MASQ),
        ),
        pool(
            VirtualService(
                key=Listener(Protocol.UDP, address, 5060),
                flags=ServiceFlags.ONE_PACKET,
                persistence=timedelta(seconds=30),
                persistence_engine="sip",
            )
        ),
        pool(VirtualService(key=Listener(Protocol.SCTP, address, 22))),
    )
    assert read.timeouts == Timeouts(
        tcp=timedelta(minutes=15),
        tcp_fin=timedelta(minutes=2),
        udp=timedelta(minutes=5),
    )
    assert read.daemons == (
        SyncDaemon(role=SyncRole.MASTER, interface="eth1", sync_id=7),
        SyncDaemon(
            role=SyncRole.BACKUP,
            interface="eth0",
            group=ip_address("ff02::81"),
            port=9,
            ttl=3,
        ),
    )


A = "-A -t 192.168.1.110:80\n"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (A + A, 2, "there is a virtual service TCP 192.168.1.110:80"),
        ("-E -t 1.2.3.4:80", 1, "there is no virtual service"),
        ("-a -t 1.2.3.4:80 -r 1.2.3.5", 1, "there is no virtual service"),
        ("-A -t 1.2.3.4", 1, "port 0 (every port) needs persistence"),
        ("-A -t 1.2.3.4:80 -o", 1, "-o (one packet) is for UDP only"),
        ("-A -t 1.2.3.4:http", 1, "known tcp service, not 'http'"),
        ("-A -t www:80", 1, "an address or a known host, not 'www'"),
        ("-A -t 1.2.3.4:80 -u 1.2.3.4:80", 1, "expected one of -t, -u"),
        ("-A -t 1.2.3.4:80 -s rr -b sh-port", 1, "sh-port is for the scheduler sh"),
        ("-A -t 1.2.3.4:80 -p 9 -M 255.0.255.0", 1, "a netmask of leading ones"),
        (r"-A -f 7 -s \\\\wlc", 1, r"up to 15 letters, digits, - and _, not '\\\\wlc'"),
        ("-A -t 1.2.3.4:80 -s longer-than-that", 1, "not 'longer-than-that'"),
        ("-A -u 1.2.3.4:80 --pe 'sip x' -p", 1, "not 'sip x'"),
        ("-A -f 0", 1, "a firewall mark, which is not 0"),
        ("-A -t 1.2.3.4:80 -w 3", 1, "-w is not for -A"),
        (A + "-a -t 192.168.1.110:80 -r fd00::1 -g", 2, "expected an IPv4 address"),
        (A + "-a -t 192.168.1.110:80 -r 224.0.0.1", 2, "is no real server's address"),
        (A + "-a -t 192.168.1.110:80 -r 1.2.3.4 -y 3", 2, "to be 0 or less, not 3"),
        (A + "-a -t 192.168.1.110:80 -r 1.2.3.4 -g -m", 2, "more than one forwarding"),
        (A + "-a -t 192.168.1.110:80 -r 1.2.3.4 -w -1", 2, "from 0 to 2147483647"),
        (A + "-a -t 192.168.1.110:80 -r 1.2.3.4 --tun-csum", 2, "--tun-csum is for -i"),
        (A + "-a -t 192.168.1.110:80 -i -r 1.2.3.4 --tun-type gue", 2, "--tun-port"),
        (A + "-a -t 192.168.1.110:80", 2, "expected -r"),
        (
            A + "-a -t 192.168.1.110:80 -i -r 1.2.3.4 --tun-csum",
            2,
            "not for --tun-type",
        ),
        (A + "-d -t 192.168.1.110:80 -r 1.2.3.4", 2, "there is no 1.2.3.4:80 in TCP"),
        ("ipvsadm -A -t $VIP:80", 1, "what $VIP stands for is not known"),
        ("ipvsadm --set 1 2", 1, "--set takes three times"),
        ("ipvsadm --start-daemon chief", 1, "master or backup, not 'chief'"),
        ("ipvsadm -A -t '1.2.3.4:80", 1, "the quotation that begins here"),
    ],
)
def test_what_would_be_refused_is_left_out_with_its_place(text, line, message):
    (found,) = rules.read(text, "rules").problems
    assert (found.place.file, found.place.line, found.warning) == ("rules", line, False)
    assert found.place.column
    assert message in found.message


def test_names_are_looked_up():
    def host(name, family):
        known = {("www", Family.IPV4): "1.2.3.4", ("www", Family.IPV6): "fd00::1"}
        found = known.get((name, family))
        return found and ip_address(found)

    names = rules.Names(
        host=host, port=lambda name, protocol: {"http": 80}[name] + protocol
    )
    text = "-A -t www:http\n-A -u www:http\n-A -t [www]:http\n"
    assert told(rules.read(text, "x", names=names))[0] == [
        "-A -t 1.2.3.4:86 -s wlc",
        "-A -u 1.2.3.4:97 -s wlc",
        "-A -t [fd00::1]:86 -s wlc",
    ]


def test_an_init_scripts_stop_does_not_undo_its_start():
    text = (
        "IPVSADM=/sbin/ipvsadm\n$IPVSADM -C\ncase $1 in\n"
        "start)\n $IPVSADM -A -t 1.2.3.4:80;;\nstop)\n $IPVSADM -C;;\nesac\n"
    )
    lines, problems = told(rules.read(text, "init"))
    assert lines == ["-A -t 1.2.3.4:80 -s wlc"]
    assert problems == [(7, "(-C in a branch, a loop or a function is passed over)")]


def test_commands_take_away_what_came_before():
    text = A + "-A -t 1.2.3.4:80\n-a -t 1.2.3.4:80 -r 5.6.7.8\n-C\n" + A
    text += (
        "-a -t 192.168.1.110:80 -r 1.2.3.4 -w 2\n-e -t 192.168.1.110:80 -r 1.2.3.4\n"
    )
    text += "-A -f 3\n-D -f 3\n"
    assert told(rules.read(text, "x"))[0] == [
        "-A -t 192.168.1.110:80 -s wlc",
        "-a -t 192.168.1.110:80 -r 1.2.3.4:80 -g -w 1",
    ]


@given(st.text(max_size=200))
def test_every_text_is_read_or_told_of(text):
    rules.read(text, "x")


WORDS = st.sampled_from(
    [
        "ipvsadm",
        "-A",
        "-a",
        "-E",
        "-D",
        "-t",
        "-f",
        "-u",
        "-r",
        "-R",
        "-s",
        "-p",
        "-M",
        "-b",
        "-6",
        "-w",
        "1.2.3.4:80",
        "fd00::1",
        "[fd00::1]:80",
        "7",
        "rr",
        "sh-port",
        "255.255.255.0",
        "--set",
        "--start-daemon",
        "master",
        "-C",
        "\n",
        ";",
        "'",
        "$X",
        "if",
        "fi",
    ]
)


@given(st.lists(WORDS, max_size=30).map(" ".join))
def test_every_heap_of_options_is_read_or_told_of(text):
    rules.read(text, "x")


def test_only_nat_remaps_a_port():
    text = A + "-a -t 192.168.1.110:80 -r 1.2.3.4:81 -g\n"
    assert told(rules.read(text, "x"))[0][1] == (
        "-a -t 192.168.1.110:80 -r 1.2.3.4:80 -g -w 1"
    )
    assert "port 81 becomes 80" in rules.read(text, "x").problems[0].message
