"""What the rules of iptables and nftables say, as far as audits ask."""

from ipaddress import ip_address, ip_network

import pytest

from monlvs.director.audit import rules


@pytest.mark.parametrize(
    ("line", "source", "device", "ipvs"),
    [
        ("-A POSTROUTING -o eth0 -j MASQUERADE", None, "eth0", False),
        ("-A POSTROUTING -s 10.1.1.0/24 -o eth0 -j MASQUERADE", "10.1.1.0/24", "eth0", False),
        ("-A POSTROUTING -s 10.1.1.0/24 -j SNAT --to-source 192.0.2.1", "10.1.1.0/24", None, False),
        ("-A POSTROUTING -m ipvs --vaddr 192.0.2.9/32 --vport 80 -j MASQUERADE", None, None, True),
        ('    ip saddr 10.1.1.0/24 oifname "eth0" masquerade comment "10.1.1.0/24 eth0"', "10.1.1.0/24", "eth0", False),
        ('oifname "eth1" snat to 192.0.2.1', None, "eth1", False),
        ("ip6 saddr fd00:2::/64 masquerade", "fd00:2::/64", None, False),
    ],
)  # fmt: skip
def test_a_rule_that_translates_says_whom(line, source, device, ipvs):
    (found,) = rules.translations(f"*nat\n{line}\nCOMMIT\n")

    assert found.source == (None if source is None else ip_network(source))
    assert (found.device, found.ipvs) == (device, ipvs)


@pytest.mark.parametrize(
    "line",
    [
        "-A POSTROUTING ! -s 10.1.1.0/24 -j MASQUERADE",
        "-A POSTROUTING -d 10.0.0.0/8 -j MASQUERADE",
        "-A POSTROUTING -p tcp -m tcp --dport 25 -j MASQUERADE",
        "-A POSTROUTING -s 10.1.1.0/24 -j ACCEPT",
        "ip saddr != 10.1.1.0/24 masquerade",
        "ip saddr @servers masquerade",
        "-A DOCKER -o eth0 -j MASQUERADE",
    ],
)
def test_a_rule_with_more_conditions_says_nothing(line):
    assert list(rules.translations(line)) == []


def test_a_mark_is_known_however_it_is_spelled():
    text = "--set-xmark 0x65/0xffffffff\n--set-mark 7\nct mark set 0x0000000a\n"

    assert [n for n in range(1, 200) if rules.sets_mark(text, n)] == [7, 10, 0x65]
    assert not rules.sets_mark("meta mark set ct mark\n", 0)


@pytest.mark.parametrize(
    "line",
    [
        "-A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080",
        "-A DOCKER ! -i docker0 -p tcp -m tcp --dport 80 -j DNAT --to-destination 172.17.0.2:80",
        "tcp dport 80 redirect to :8080",
    ],
)  # fmt: skip
def test_a_port_that_is_handed_on_needs_no_listener(line):
    assert rules.redirects(line, 80)
    assert not rules.redirects(line, 8)
    assert not rules.redirects(None, 80)
    assert not rules.redirects("-A INPUT -p tcp --dport 80 -j ACCEPT", 80)


def test_an_address_that_is_taken_in_by_a_rule_is_known():
    vip = ip_address("192.0.2.9")

    assert rules.takes_over("-A PREROUTING -d 192.0.2.9/32 -p tcp -j REDIRECT", vip)
    assert rules.takes_over("ip daddr 192.0.2.9 tcp dport 80 redirect", vip)
    assert not rules.takes_over("-A PREROUTING -d 192.0.2.99/32 -j REDIRECT", vip)
    assert not rules.takes_over("-A INPUT -d 192.0.2.9/32 -j ACCEPT", vip)
    assert not rules.takes_over(None, vip)


def test_rules_that_make_segments_smaller_are_known():
    assert rules.clamps("-A OUTPUT -p tcp -j TCPMSS --clamp-mss-to-pmtu")
    assert rules.clamps("tcp flags syn tcp option maxseg size set rt mtu")
    assert not rules.clamps("-A OUTPUT -p tcp -j ACCEPT")
