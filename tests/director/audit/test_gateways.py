"""What an audit finds of the gateway that VS-NAT's real servers are stated to have."""

from ipaddress import ip_address

import pytest

from monlvs.director.audit.gateways import gateway_questions
from monlvs.director.audit.lvs import Wire
from tests.director.audit.sights import (
    DEFAULT,
    DR,
    FORWARDS,
    INSIDE,
    MACHINE,
    NAT,
    OUTSIDE,
    POLICY,
    VIP,
    director_findings,
    link,
    lo,
    lvs,
    names,
    outside,
    route,
    sight,
)
from tests.director.audit.test_director import PAIR
from tests.director.machine.test_director_side import service

GATEWAY = "10.1.1.254"
BARE = outside("192.168.1.1/24")
WITH_GATEWAY = link("eth1", "10.1.1.1/24", f"{GATEWAY}/24")
STATED = f'{MACHINE}gateway = "{GATEWAY}"\n'
ALONE = STATED + NAT
PAIRED = f"{STATED}vips = false\n{PAIR}{NAT}"
OWN = f'{STATED}addresses = [{{ address = "{GATEWAY}/16", device = "eth2" }}]\n{NAT}'
MARKED = f"""{STATED}
[[virtual_service]]
fwmark = 7
servers = [{{ address = "10.1.1.2", forwarding = "nat" }}]
"""
HIDDEN = "-A POSTROUTING -m ipvs --vaddr 192.168.1.110/32 -j MASQUERADE\n"
SET = {**FORWARDS, **POLICY}
OTHER, STRANGER = "02:00:00:00:00:77", "02:00:00:00:00:99"


def nat(eth0=OUTSIDE, eth1=INSIDE, *, sysctls=None, **more):
    return sight(lo(), eth0, eth1, sysctls={**SET, **(sysctls or {})}, **more)


def wire(gateway=(), vip=(), other=OTHER):
    """The wire where these answer, by their hardware addresses."""
    answers = {ip_address(VIP): frozenset(vip)} if vip else {}
    return Wire(
        asked=frozenset({ip_address(VIP)}),
        answers=answers,
        gateways={ip_address(GATEWAY): frozenset(gateway)},
        other=frozenset({other}),
    )


FINE = [
    # it has both, or, in waiting, neither
    (ALONE, nat(OUTSIDE, WITH_GATEWAY), wire()),
    (PAIRED, nat(OUTSIDE, WITH_GATEWAY), wire()),
    (PAIRED, nat(BARE), wire(vip=[OTHER], gateway=[OTHER])),
    (PAIRED, nat(BARE), wire(vip=[OTHER])),
    # a router is the gateway, beside a single director or beside two
    (ALONE, nat(), wire(gateway=[STRANGER])),
    (PAIRED, nat(), wire(gateway=[STRANGER])),
    # or behind a router of its own
    (
        STATED + service(f"{VIP}:80", "nat", "10.2.0.2"),
        nat(routes=[route("10.2.0.0/16", GATEWAY, "eth1")]),
        wire(),
    ),
    # nobody was asked
    (ALONE, nat(), None),
    # none is stated, or none of the servers' family, or nobody needs one
    (MACHINE + NAT, nat(), Wire()),
    (f'{MACHINE}gateway = "fd00:2::254"\n{NAT}', nat(), wire()),
    (STATED + DR, nat(), wire()),
    # real servers answer the director's own address
    (ALONE, nat(sysctls={"net.ipv4.vs.conntrack": "1"}, rules=HIDDEN), wire()),
]


@pytest.mark.parametrize(("text", "director", "heard"), FINE)
def test_nothing_is_found_where_the_gateway_is_as_stated(text, director, heard):
    assert director_findings(text, director, wire=heard) == ()


MISSING = [
    (ALONE, nat(), wire()),
    (PAIRED, nat(), wire()),
    (PAIRED, nat(), wire(gateway=[OTHER])),
    (MARKED, nat(), wire()),
    (OWN, nat(), None),
    (OWN, nat(routes=[DEFAULT]), wire(gateway=[STRANGER])),
]


@pytest.mark.parametrize(("text", "director", "heard"), MISSING)
def test_a_vip_without_the_stated_gateway_is_found(text, director, heard):
    found = director_findings(text, director, wire=heard)

    assert names(found) == ["gateway-missing"]


def the(text, director, heard):
    (finding,) = director_findings(text, director, wire=heard)
    return finding


def test_the_gateway_is_added_beside_the_directors_own_address_or_as_stated():
    finding = the(ALONE, nat(), wire())

    assert finding.what == (
        f"{GATEWAY}, the gateway of 10.1.1.2, 10.1.1.3, is on no device"
    )
    assert finding.fix == (f"ip address add {GATEWAY}/24 dev eth1",)
    assert the(OWN, nat(), wire()).fix == (f"ip address add {GATEWAY}/16 dev eth2",)


def test_a_gateway_that_is_the_directors_is_missed_though_the_way_leads_elsewhere():
    """With its only address in the real servers' network, the director lost the way."""
    gone = nat(OUTSIDE, link("eth1"), routes=[DEFAULT])

    assert the(OWN, gone, wire()).name == "gateway-missing"


def test_the_other_director_that_has_the_gateway_is_named_and_nothing_is_added():
    finding = the(PAIRED, nat(), wire(gateway=[OTHER]))

    assert f"the other director ({OTHER}) answers for it" in finding.what
    assert finding.fix == ()


def test_a_gateway_on_a_device_that_is_down_is_said_to_be_there():
    down = link("eth9", f"{GATEWAY}/24", up=False)
    finding = the(ALONE, sight(lo(), OUTSIDE, INSIDE, down, sysctls=SET), wire())

    assert finding.what.endswith("is on eth9, which is down")
    assert finding.fix == ("ip link set eth9 up",)


def test_a_director_in_waiting_that_has_the_gateway_is_found():
    kept = nat(BARE, WITH_GATEWAY)
    finding = the(PAIRED, kept, wire(vip=[OTHER]))

    assert finding.name == "gateway-without-vip"
    assert finding.fix == (f"ip address del {GATEWAY}/24 dev eth1",)
    # Without the VIP on the other one, too, that is what is missing.
    assert names(director_findings(PAIRED, kept, wire=wire())) == ["vip-missing"]


def test_an_address_that_others_go_with_is_not_told_to_be_deleted():
    first = nat(BARE, link("eth1", f"{GATEWAY}/24", "10.1.1.1/24"))

    assert the(PAIRED, first, wire(vip=[OTHER])).fix == ()


def test_who_has_a_gateway_is_asked_where_the_director_lacks_it():
    lacking, other = lvs(PAIRED, nat()), ip_address("192.168.1.3")

    assert set(gateway_questions(lacking)) == {
        ("eth1", ip_address(GATEWAY)),
        ("eth1", other),
    }
    assert list(gateway_questions(lvs(PAIRED, nat(OUTSIDE, WITH_GATEWAY)))) == []
    cut = link("eth1", "10.1.1.1/24", carrier=False)
    assert list(gateway_questions(lvs(PAIRED, nat(OUTSIDE, cut)))) == []
