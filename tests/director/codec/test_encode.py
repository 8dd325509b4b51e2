"""What we send against what ipvsadm was recorded sending (record_ipvsadm.py)."""

from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest

from monlvs.director import codec
from monlvs.director.codec.decode import attributes
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

LINES = (
    (Path(__file__).parents[1] / "recorded" / "ipvsadm.txt")
    .read_text(encoding="ascii")
    .splitlines()
)
RECORDED = {
    command.removeprefix("ipvsadm "): bytes.fromhex(sent)
    for command, sent in zip(LINES[::2], LINES[1::2], strict=True)
}

WEB = Listener(Protocol.TCP, ip_address("192.168.1.110"), 80)
ANY = Listener(Protocol.TCP, ip_address("192.168.1.110"), 0)
DNS = Listener(Protocol.UDP, ip_address("192.168.1.110"), 53)
SIP = Listener(Protocol.UDP, ip_address("192.168.1.110"), 5060)
SCTP = Listener(Protocol.SCTP, ip_address("192.168.1.110"), 5060)
WEB6 = Listener(Protocol.TCP, ip_address("fd00::110"), 80)
MARK = Fwmark(7)
MARK6 = Fwmark(7, Family.IPV6)
ONE = ServiceFlags.SCHED1
TWO = ServiceFlags.SCHED2


def service(key, scheduler="wlc", **attributes):
    return VirtualService(key=key, scheduler=scheduler, **attributes)


def server(address, port):
    return RealServer(ip_address(address), port)


def entry(address, port, forwarding, **attributes):
    return Entry(server=server(address, port), forwarding=forwarding, **attributes)


def daemon(role, interface="eth0", **settings):
    return SyncDaemon(role=role, interface=interface, **settings)


def minute(count=1):
    return timedelta(minutes=count)


ROUTE, MASQ, TUNNEL = Forwarding.ROUTE, Forwarding.MASQ, Forwarding.TUNNEL
GUE = Tunnel(type=TunnelType.GUE, port=6080, flags=TunnelFlags.CSUM)
GUE_REM = Tunnel(type=TunnelType.GUE, port=6080, flags=TunnelFlags.REMCSUM)
GRE = Tunnel(type=TunnelType.GRE, flags=TunnelFlags.CSUM)

SERVICES = {
    "-A -t 192.168.1.110:80 -s rr": service(WEB, "rr"),
    "-A -t 192.168.1.110:80": service(WEB),
    "-A -u 192.168.1.110:53 -s wlc -o": service(DNS, flags=ServiceFlags.ONE_PACKET),
    "-A -t [fd00::110]:80 -s wrr": service(WEB6, "wrr"),
    "-A -t [fd00::110]:80 -s wrr -p 300 -M 64": service(
        WEB6, "wrr", persistence=minute(5), netmask=64
    ),
    "-A -f 7 -s rr": service(MARK, "rr"),
    "-A -f 7 -6 -s sh -b sh-fallback,sh-port -p 60": service(
        MARK6, "sh", flags=ONE | TWO, persistence=minute()
    ),
    "-A -t 192.168.1.110:0 -s rr -p": service(ANY, "rr", persistence=minute(6)),
    "-A -t 192.168.1.110:80 -s mh -b mh-port,mh-fallback -p 60 -M 255.255.255.0": (
        service(WEB, "mh", flags=ONE | TWO, persistence=minute(), netmask=24)
    ),
    "-A -t 192.168.1.110:80 -s rr -b flag-3": service(
        WEB, "rr", flags=ServiceFlags.SCHED3
    ),
    "-A --sctp-service 192.168.1.110:5060 -s lblcr": service(SCTP, "lblcr"),
    "-A -u 192.168.1.110:5060 -s rr --pe sip -p 30": service(
        SIP, "rr", persistence=minute() / 2, persistence_engine="sip"
    ),
}
SET_SERVICES = {
    "-E -t 192.168.1.110:80 -s lc": service(WEB, "lc"),
    "-E -f 7 -6 -s nq": service(MARK6, "nq"),
}
ENTRIES = {
    "-a -t 192.168.1.110:80 -r 192.168.1.2:80 -g -w 1": (
        WEB,
        entry("192.168.1.2", 80, ROUTE),
    ),
    "-a -t 192.168.1.110:80 -r 10.1.1.2:8080 -m -w 100 -x 500 -y 400": (
        WEB,
        entry("10.1.1.2", 8080, MASQ, weight=100, upper=500, lower=400),
    ),
    "-a -t 192.168.1.110:80 -r 10.2.0.1 -i": (WEB, entry("10.2.0.1", 80, TUNNEL)),
    "-a -t 192.168.1.110:80 -r 10.2.0.1 -i --tun-type gue --tun-port 6080 --tun-csum": (
        WEB,
        entry("10.2.0.1", 80, TUNNEL, tunnel=GUE),
    ),
    "-a -t 192.168.1.110:80 -r 10.2.0.1 -i --tun-type gue --tun-port 6080 "
    "--tun-remcsum": (WEB, entry("10.2.0.1", 80, TUNNEL, tunnel=GUE_REM)),
    "-a -t 192.168.1.110:80 -r 10.2.0.1 -i --tun-type gre --tun-csum": (
        WEB,
        entry("10.2.0.1", 80, TUNNEL, tunnel=GRE),
    ),
    "-a -t [fd00::110]:80 -r [fd00::11]:80 -g": (WEB6, entry("fd00::11", 80, ROUTE)),
    "-a -t 192.168.1.110:80 -r [fd00::11]:80 -i": (WEB, entry("fd00::11", 80, TUNNEL)),
    "-a -f 7 -r 192.168.1.2:0 -g": (MARK, entry("192.168.1.2", 0, ROUTE)),
    "-a -f 7 -6 -r [fd00::11]:0 -g": (MARK6, entry("fd00::11", 0, ROUTE)),
}
SET_ENTRIES = {
    "-e -t 192.168.1.110:80 -r 192.168.1.2:80 -g -w 0": (
        WEB,
        entry("192.168.1.2", 80, ROUTE, weight=0),
    ),
    "-e -f 7 -r 192.168.1.2:0 -m -w 65535": (
        MARK,
        entry("192.168.1.2", 0, MASQ, weight=65535),
    ),
}
DAEMONS = {
    "--start-daemon master --mcast-interface eth0": daemon(SyncRole.MASTER),
    "--start-daemon master --mcast-interface eth0 --syncid 7": daemon(
        SyncRole.MASTER, sync_id=7
    ),
    "--start-daemon backup --mcast-interface eth1 --syncid 255 --sync-maxlen 1400": (
        daemon(SyncRole.BACKUP, "eth1", sync_id=255, max_length=1400)
    ),
    "--start-daemon master --mcast-interface eth0 --mcast-group 224.0.0.99 "
    "--mcast-port 9000": daemon(
        SyncRole.MASTER, group=ip_address("224.0.0.99"), port=9000
    ),
    "--start-daemon backup --mcast-interface eth0 --mcast-group ff02::1:99 "
    "--mcast-ttl 3": daemon(SyncRole.BACKUP, group=ip_address("ff02::1:99"), ttl=3),
}
WHOLE = {
    **{line: codec.new_service(value) for line, value in SERVICES.items()},
    **{line: codec.set_service(value) for line, value in SET_SERVICES.items()},
    "-C": codec.flush(),
    "-Z": codec.zero(),
    "--set 900 120 300": codec.set_timeouts(
        codec.Timeouts(tcp=minute(15), tcp_fin=minute(2), udp=minute(5))
    ),
    "-L --timeout": codec.get_timeouts(),
    "-L --daemon": codec.dump_sync(),
    "-L --stats": codec.dump_services(),
    "--stop-daemon master": codec.stop_sync(SyncRole.MASTER),
    "--stop-daemon backup": codec.stop_sync(SyncRole.BACKUP),
    **{line: codec.start_sync(daemon) for line, daemon in DAEMONS.items()},
}
NAMING_A_SERVICE = {
    **{line: codec.new_server(*value) for line, value in ENTRIES.items()},
    **{line: codec.set_server(*value) for line, value in SET_ENTRIES.items()},
    "-D -t 192.168.1.110:80": codec.delete_service(WEB),
    "-D -f 7 -6": codec.delete_service(MARK6),
    "-D -t [fd00::110]:80": codec.delete_service(WEB6),
    "-d -t 192.168.1.110:80 -r 192.168.1.2:80": codec.delete_server(
        WEB, server("192.168.1.2", 80)
    ),
    "-d -f 7 -6 -r [fd00::11]:0": codec.delete_server(MARK6, server("fd00::11", 0)),
    "-Z -t 192.168.1.110:80": codec.zero(WEB),
    "-Z -f 7 -6": codec.zero(MARK6),
}


def test_every_recorded_command_is_compared():
    assert set(RECORDED) == set(WHOLE) | set(NAMING_A_SERVICE)
    assert len(RECORDED) >= 25


@pytest.mark.parametrize("command", WHOLE)
def test_the_bytes_are_those_of_ipvsadm(command):
    assert WHOLE[command] == RECORDED[command]


@pytest.mark.parametrize("command", NAMING_A_SERVICE)
def test_a_request_that_names_a_service_says_no_more_than_ipvsadm(command):
    """Each attribute of ours is one of ipvsadm's; the key and a new entry are whole."""
    ours, theirs = NAMING_A_SERVICE[command], RECORDED[command]
    assert ours[:4] == theirs[:4]
    sent, recorded = dict(attributes(ours[4:])), dict(attributes(theirs[4:]))
    assert sent.keys() == recorded.keys()
    for kind in sent:
        assert dict(attributes(sent[kind])).items() <= (
            dict(attributes(recorded[kind])).items()
        )


@pytest.mark.parametrize("command", ENTRIES | SET_ENTRIES)
def test_an_entry_is_sent_in_the_bytes_of_ipvsadm(command):
    ours, theirs = NAMING_A_SERVICE[command], RECORDED[command]
    assert dict(attributes(ours[4:]))[2] == dict(attributes(theirs[4:]))[2]


def test_a_service_is_named_as_ipvsadm_names_it_when_it_lists_real_servers():
    listed = "08010000300001800600010002000000060002000600000014000300c0a8016e"
    assert codec.dump_servers(WEB).hex() == (
        listed + "00" * 12 + "060004000050" + "0000"
    )
