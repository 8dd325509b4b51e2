"""Limits of TCP segments in the rules of a host, by whichever program it has."""

import subprocess
import sys
from ipaddress import ip_address

import pytest

from monlvs.director.machine.commands import Rules, making, unmaking
from monlvs.director.machine.settings import SegmentLimit
from monlvs.director.remote.segments import LOOK, Limits, read_limits

LIMITS = (
    SegmentLimit(address=ip_address("192.168.1.110"), size=1440),
    SegmentLimit(address=ip_address("fd00:1::110"), size=1400),
)


def looks(*between):
    """Look, run lines of sh, and look again, in a network of its own."""
    script = "\n".join(
        ["echo", LOOK, *(f"{line}\necho ====\n{LOOK}" for line in between)]
    )
    done = subprocess.run(
        ["unshare", "-r", "-n", "sh", "-s"],
        input=script,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return [read_limits(part) for part in done.stdout.split("====")]


@pytest.mark.parametrize("rules", [Rules.NFT, Rules.IPTABLES, Rules.IPTABLES_LEGACY])
def test_a_limit_that_is_made_is_seen_and_gone_when_it_is_undone(rules):
    made = [making(each, rules) for each in LIMITS]
    undone = [unmaking(each, None, rules) for each in LIMITS]

    bare, first, both, one, none = looks(*made, *undone)

    assert bare.rules is Rules.NFT  # this machine's kernel has it
    assert set(bare.found) == set(none.found) == set()
    assert set(first.found) == {LIMITS[0]}
    assert dict(both.found) == dict.fromkeys(LIMITS, rules)
    assert set(one.found) == {LIMITS[1]}
    assert both.program(LIMITS[0]) is rules


@pytest.mark.parametrize("rules", [Rules.NFT, Rules.IPTABLES, Rules.IPTABLES_LEGACY])
def test_who_connects_is_asked_for_smaller_segments(rules):
    limits = [
        SegmentLimit(address=ip_address("192.0.2.110"), size=1440),
        SegmentLimit(address=ip_address("2001:db8::110"), size=1400),
    ]
    lines = [
        "ip link set lo up",
        "ip address add 192.0.2.110/32 dev lo",
        "ip address add 2001:db8::110/128 dev lo nodad",
        *(making(each, rules) for each in limits),
        f"exec {sys.executable} -c '{CONNECT}'",
    ]

    done = subprocess.run(
        ["unshare", "-r", "-n", "sh", "-ec", "\n".join(lines)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert list(map(int, done.stdout.split())) == [1440, 1400]


CONNECT = """
import socket
open("/proc/sys/net/ipv4/tcp_timestamps", "w").write("0")
for host in "192.0.2.110", "2001:db8::110":
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as door:
        with socket.create_connection(door.getsockname()[:2]) as line:
            print(line.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG))
"""


def test_rules_about_other_packets_or_of_other_shapes_are_not_ours():
    text = (
        "can iptables-legacy\n"
        "iptables -A OUTPUT -o eth0 -p tcp -j TCPMSS --clamp-mss-to-pmtu\n"
        "iptables -A OUTPUT -s 10.1.1.0/24 -p tcp -m tcp --tcp-flags SYN,RST SYN "
        "-j TCPMSS --set-mss 1440\n"
        "nft \t\ttcp option maxseg size set rt mtu\n"
    )

    found = read_limits(text)

    assert (found.rules, dict(found.found)) == (Rules.IPTABLES_LEGACY, {})
    assert read_limits("") == Limits()


def test_where_nothing_is_known_nft_is_what_is_told():
    assert Limits().program(LIMITS[0]) is Rules.NFT
