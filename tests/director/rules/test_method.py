"""How 1999's real servers were meant to be reached: each rule in its turn."""

import pytest

from monlvs.director.rules.method import choose
from monlvs.model.lvs import Forwarding

NAT, TUN, DR = Forwarding.MASQ, Forwarding.TUNNEL, Forwarding.ROUTE
SAME, REMAPPED, UNWRITTEN = (80, 80), (8080, 80), (None, 80)


@pytest.mark.parametrize(
    ("text", "file", "ports", "stated", "method"),
    [
        ("rc.ipvs_tundirector", "x", [REMAPPED], DR, DR),
        ("rc.ipvs_tundirector", "rc.ipvs_drdirector", [REMAPPED], None, NAT),
        ("rc.ipvs_natdirector", "/etc/rc.ipvs_tundirector", [SAME], None, TUN),
        ("#rc.ipvs_tundirector", "x", [SAME], None, TUN),
        ("#rc.ipvs_drdirector", "x", [UNWRITTEN], None, DR),
        ("/sbin/ipfwadm -F -a m -S 10.1.1.0/24", "x", [UNWRITTEN], None, NAT),
        ("ipchains -A forward -j MASQ", "x", [UNWRITTEN], None, NAT),
        ("iptables -t nat -A POSTROUTING -j MASQUERADE", "x", [UNWRITTEN], None, NAT),
        ("#iptables -t nat -A POSTROUTING -j MASQUERADE", "x", [UNWRITTEN], None, DR),
        ("/sbin/ipfwadm -Ff", "x", [UNWRITTEN], None, DR),
        ("ifconfig tunl0 up", "x", [UNWRITTEN], None, TUN),
        ("", "x", [SAME], None, NAT),
        ("", "x", [SAME, UNWRITTEN], None, DR),
    ],
)
def test_the_first_rule_that_holds_decides(text, file, ports, stated, method):
    assert choose(text, file, ports, stated)[0] is method
