"""The functions of the scripts, in a network of their own on this machine's kernel."""

import subprocess

from tests.commandline import ROOT

FUNCTIONS = ROOT / "monlvs" / "director" / "scripts" / "functions.sh"
# The lab's kernel has iptables alone; this machine's has what it has.
SHOW = """
show() {
    nft list ruleset 2>/dev/null | grep masquerade
    iptables-legacy -t nat -S 2>/dev/null | grep MASQ
    true
}
"""


def alone(tmp_path, body):
    """Run functions where nobody is disturbed; return the lines that were printed."""
    script = tmp_path / "body.sh"
    memory = tmp_path / "memory"
    memory.mkdir(exist_ok=True)
    script.write_text(
        f"NAME=rc.ipvs_test; RC_IPVS_MEMORY={memory}; PATH=$PATH:/usr/sbin:/sbin\n"
        f". {FUNCTIONS}\n: >>$MEMORY/$NAME\n{SHOW}\n{body}\n"
    )
    done = subprocess.run(
        ["unshare", "-r", "-n", "sh", str(script)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_translation_is_made_once_and_gone_afterwards(tmp_path):
    told = alone(
        tmp_path,
        "masquerade ip 10.1.1.2/31 10.1.1.4/32\nshow; echo --\n"
        "masquerade ip 10.1.1.2/31 10.1.1.4/32\nshow; echo --\nundo_all; show",
    )

    first, second = (" ".join(told).split("--"))[:2]
    assert first.strip() == second.strip()
    assert first.lower().count("masquerade") == 2
    assert "10.1.1.2/31" in first
    assert told[-1] == "--"


def test_segments_are_limited_once_and_as_large_as_ever_afterwards(tmp_path):
    told = alone(
        tmp_path,
        "show() { nft list ruleset | grep maxseg; true; }\n"
        "limit_segments 192.168.1.110 1440; limit_segments fd00:1::110 1400; show\n"
        "limit_segments 192.168.1.110 1440; show | wc -l\n"
        "WIRE_MTU=1450; limit_segments 192.168.1.110 1440; show; undo_all; show",
    )

    lines = [" ".join(each.split()) for each in told]
    syn = "tcp flags & (syn | rst) == syn tcp option maxseg size set"
    assert [
        line.replace("syn / syn,rst", "& (syn | rst) == syn") for line in lines
    ] == [
        f"ip saddr 192.168.1.110 {syn} 1440",
        f"ip6 saddr fd00:1::110 {syn} 1400",
        "2",
        f"ip6 saddr fd00:1::110 {syn} 1400",
        f"ip saddr 192.168.1.110 {syn} 1390",
    ]


def test_where_there_is_no_nft_iptables_limits_segments(tmp_path):
    told = alone(
        tmp_path,
        "nft() { return 1; }\nshow() { iptables-save -t mangle | grep TCPMSS; "
        "ip6tables-save -t mangle | grep -c TCPMSS; true; }\n"
        "limit_segments 192.168.1.110 1440; limit_segments fd00:1::110 1400\n"
        "limit_segments 192.168.1.110 1440; show; undo_all; show",
    )

    assert told == [
        "-A OUTPUT -s 192.168.1.110/32 -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS "
        "--set-mss 1440",
        "1",
        "0",
    ]


def test_of_a_wire_that_changed_no_limit_is_left(tmp_path):
    told = alone(
        tmp_path,
        "nft() { return 1; }\nshow() { iptables-save -t mangle | grep -c TCPMSS; true; }\n"
        "WIRE_MTU=1450; limit_segments 192.168.1.110 1440\n"
        "WIRE_MTU=1500; limit_segments 192.168.1.110 1440; show; undo_all; show",
    )

    assert told == ["2", "0"]


def test_what_two_scripts_need_is_undone_with_the_last(tmp_path):
    variable = "net.ipv4.conf.all.arp_ignore"
    told = alone(
        tmp_path,
        f"set_variable {variable} 1\nNAME=rc.ipvs_other; : >$MEMORY/$NAME\n"
        f"set_variable {variable} 1\nNAME=rc.ipvs_test; undo_all\n"
        f"sysctl -n {variable}\nNAME=rc.ipvs_other; undo_all; sysctl -n {variable}",
    )

    assert told == ["1", "0"]


def test_of_all_and_a_devices_own_value_the_larger_keeps_quiet(tmp_path):
    told = alone(
        tmp_path,
        "ip link add eth0.1 type veth peer name eth1\n"
        "sysctl -q -w net.ipv4.conf.eth0/1.arp_ignore=3 net.ipv4.conf.eth1.arp_ignore=2\n"
        "keep_quiet\n"
        "for each in all eth0/1 eth1; do sysctl -n net.ipv4.conf.$each.arp_ignore; done\n"
        "sysctl -n net.ipv4.conf.all.arp_announce; undo_all\n"
        "for each in all eth0/1 eth1; do sysctl -n net.ipv4.conf.$each.arp_ignore; done\n",
    )

    assert told == ["1", "1", "2", "2", "0", "3", "2"]


def test_a_gateway_is_replaced_and_comes_back_or_stands_beside(tmp_path):
    told = alone(
        tmp_path,
        "ip link add eth0 type veth peer name eth1; ip link set eth1 up; ip link set eth0 up; ip addr add 10.1.1.2/24 dev eth0\n"
        "ip route add default via 10.1.1.9 proto static src 10.1.1.2\n"
        "have_route -4 default 'via 10.1.1.1'; ip route show default\n"
        "undo_all; ip route show default; ip route del default\n"
        "ip route add default via 10.1.1.9 metric 100; : >$MEMORY/$NAME\n"
        "have_route -4 default 'via 10.1.1.1'; ip route show default\n"
        "undo_all; ip route show default",
    )

    assert [line.strip() for line in told] == [
        "default via 10.1.1.1 dev eth0",
        "default via 10.1.1.9 dev eth0 proto static src 10.1.1.2",
        "default via 10.1.1.1 dev eth0",
        "default via 10.1.1.9 dev eth0 metric 100",
        "default via 10.1.1.9 dev eth0 metric 100",
    ]


def test_a_vip_where_others_ask_for_it_is_not_hidden(tmp_path):
    told = alone(
        tmp_path,
        "ip link add eth0 type veth peer name eth1; ip addr add 10.1.1.2/24 dev eth0\n"
        "hidden_vip 10.1.1.2/32 lo 2>&1; echo $FAILED\n"
        "hidden_vip 10.1.1.3/32 lo; device_with 10.1.1.3; undo_all; device_with 10.1.1.3",
    )

    assert told == [
        "rc.ipvs_test: 10.1.1.2/32 is on eth0, where others ask for it: expected it on "
        "no such device",
        "1",
        "lo",
    ]
