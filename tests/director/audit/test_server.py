"""What an audit finds on a real server."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from monlvs.director.audit.lvs import Wire
from monlvs.director.audit.sight import Way
from monlvs.director.machine.findings import Severity
from tests.director.audit.sights import (
    DIRECTOR6,
    DR,
    DR6,
    LISTENER,
    NAT,
    ONE_NET,
    TUN,
    VIP,
    dr,
    held,
    link,
    lo,
    names,
    nat,
    route,
    server_findings,
    sight,
)
from tests.director.audit.test_director import REAL
from tests.director.machine.test_director_side import service

RS, RS6, INNER = "192.168.1.2", "fd00:1::2", "10.1.1.2"
SILENT = {"net.ipv4.conf.all.arp_ignore": "1", "net.ipv4.conf.all.arp_announce": "2"}
WIRE = link("eth0", f"{RS}/24")
ROUTED = route("0.0.0.0/0", "192.168.1.254")
LISTENS = ["*:80"]
TUNL = link("tunl0", f"{VIP}/32", kind="ipip", arp=False, mtu=1480)
LARGE = dr(link("eth0", "192.168.1.1/24", f"{VIP}/32", mtu=1600))
LARGE_WIRE = link("eth0", f"{RS}/24", mtu=1600)
AS_VIP = Way(device="eth0", source=ip_address(VIP))
BY_DIRECTOR = route("0.0.0.0/0", "10.1.1.1")


def of_dr(*links, sysctls=None, listening=LISTENS, **more):
    links = links or (lo(f"{VIP}/32"), WIRE)
    wanted = {**SILENT, **(sysctls or {})}
    return sight(*links, sysctls=wanted, listening=listening, **more)


def of_tun(*links, **more):
    return of_dr(*(links or (lo(), LARGE_WIRE, TUNL)), **more)


def of_nat(*links, listening=LISTENS, routes=(BY_DIRECTOR,), **more):
    links = links or (lo(), link("eth0", f"{INNER}/24"))
    return sight(*links, listening=listening, routes=routes, **more)


def gue(address=RS):
    return service(f"{VIP}:80", "tun", address).replace(
        'forwarding = "tun"',
        'forwarding = "tun", tunnel = "gue", tunnel_port = 5555',
    )


FINE = [
    (DR, dr(), RS, of_dr()),
    (DR, dr(routes=[ROUTED]), RS, of_dr(routes=[ROUTED])),
    (DR, dr(), RS, of_dr(lo(), link("dummy0", f"{VIP}/32", arp=False), WIRE)),
    (DR, dr(), RS, of_dr(sysctls={"net.ipv4.conf.eth0.arp_ignore": "2"})),
    (DR, dr(), RS, of_dr(sysctls={"net.ipv4.conf.all.rp_filter": "1"})),
    (DR, dr(), RS, of_dr(listening=[f"{VIP}:80", f"{RS}:80"])),
    (
        DR,
        dr(),
        RS,
        sight(lo(), WIRE, listening=LISTENS, rules=f"-A PREROUTING -d {VIP}/32 -p tcp -j REDIRECT\n"),
    ),
    (TUN, LARGE, RS, of_tun()),
    (TUN, LARGE, RS, of_tun(sysctls={"net.ipv4.conf.tunl0.rp_filter": "2"})),
    (
        gue(),
        LARGE,
        RS,
        of_tun(gue_ports=frozenset({5555})),
    ),
    (NAT, nat(), INNER, of_nat()),
    (NAT, nat(routes=[ROUTED]), INNER, of_nat()),
    # What it has of a VIP that nobody asks for on its wire harms nobody.
    (NAT, nat(), INNER, of_nat(lo(f"{VIP}/32"), link("eth0", f"{INNER}/24"))),
    # One network, but its clients come from elsewhere.
    (
        ONE_NET,
        nat(routes=[ROUTED]),
        RS,
        of_nat(lo(), WIRE, routes=[route("0.0.0.0/0", "192.168.1.1")]),
    ),
    (
        DR6,
        sight(lo(), DIRECTOR6),
        RS6,
        sight(
            lo(held("fd00:1::110/128", deprecated=True)),
            link("eth0", f"{RS6}/64"),
            listening=LISTENS,
        ),
    ),
    # Its answers go to the director in any case, which has put itself in the clients'
    # place.
    (
        NAT,
        nat(
            sysctls={"net.ipv4.vs.conntrack": "1"},
            rules="-A POSTROUTING -m ipvs --vaddr 192.168.1.110/32 -j MASQUERADE\n",
            routes=[ROUTED],
        ),
        INNER,
        of_nat(routes=[route("0.0.0.0/0", "10.1.1.254")]),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "director", "address", "server"), FINE)
def test_nothing_is_found_where_nothing_is_wrong(text, director, address, server):
    assert server_findings(text, director, address, server) == ()


ALL_STRICT = {"net.ipv4.conf.all.rp_filter": "1"}
FAULTS = [
    ("vip-missing", DR, dr(), RS, of_dr(lo(), WIRE)),
    ("vip-missing", TUN, LARGE, RS, of_tun(lo(), LARGE_WIRE, link("tunl0", kind="ipip"))),
    ("vip-prefix", DR, dr(), RS, of_dr(lo(f"{VIP}/24"), WIRE)),
    (
        "vip-prefix",
        TUN,
        LARGE,
        RS,
        of_tun(
            lo(), LARGE_WIRE, replace(TUNL, held=(held(f"{VIP}/24"),))
        ),
    ),
    ("vip-on-wire", DR, dr(), RS, of_dr(lo(), link("eth0", f"{RS}/24", f"{VIP}/32"))),
    (
        "vip-on-wire",
        DR6,
        sight(lo(), DIRECTOR6),
        RS6,
        sight(
            lo(),
            link("eth0", f"{RS6}/64", held("fd00:1::110/128", deprecated=True)),
            listening=LISTENS,
        ),
    ),
    (
        "vip-dad-failed",
        DR6,
        sight(lo(), DIRECTOR6),
        RS6,
        sight(
            lo(),
            link("eth0", f"{RS6}/64", held("fd00:1::110/128", dad_failed=True)),
            listening=LISTENS,
        ),
    ),
    ("arp-ignore", DR, dr(), RS, of_dr(sysctls={"net.ipv4.conf.all.arp_ignore": "0"})),
    ("arp-ignore", DR, dr(), RS, of_dr(sysctls={"net.ipv4.conf.eth0.arp_ignore": "3"})),
    (
        "arp-announce",
        DR,
        dr(),
        RS,
        of_dr(sysctls={"net.ipv4.conf.all.arp_announce": "1"}),
    ),
    (
        "server-speaks-as-vip",
        DR,
        dr(),
        RS,
        of_dr(ways={(ip_address("192.168.1.4"), None): AS_VIP}),
    ),
    ("tunnel-missing", TUN, LARGE, RS, of_tun(lo(f"{VIP}/32"), LARGE_WIRE)),
    (
        "tunnel-missing",
        TUN,
        LARGE,
        RS,
        of_tun(lo(), LARGE_WIRE, replace(TUNL, remote=ip_address("10.0.0.9"))),
    ),
    (
        "tunnel-down",
        TUN,
        LARGE,
        RS,
        of_tun(lo(f"{VIP}/32"), LARGE_WIRE, link("tunl0", kind="ipip", up=False)),
    ),
    ("tunnel-down", TUN, LARGE, RS, of_tun(lo(), LARGE_WIRE, replace(TUNL, up=False))),
    ("gue-port-missing", gue(), LARGE, RS, of_tun()),
    ("tunnel-mtu", TUN, dr(), RS, of_tun(lo(), WIRE, TUNL)),
    ("tunnel-mtu", TUN, LARGE, RS, of_tun(lo(), WIRE, TUNL)),
    ("rp-filter", TUN, LARGE, RS, of_tun(sysctls=ALL_STRICT)),
    (
        "rp-filter",
        DR,
        dr(routes=[ROUTED]),
        RS,
        of_dr(
            lo(f"{VIP}/32"),
            WIRE,
            link("eth1", "10.9.0.2/24"),
            routes=[route("0.0.0.0/0", "10.9.0.1", "eth1")],
            sysctls=ALL_STRICT,
        ),
    ),
    ("no-route-to-clients", DR, dr(routes=[ROUTED]), RS, of_dr()),
    ("no-route-to-clients", NAT, nat(), INNER, of_nat(routes=())),
    (
        "gateway-not-director",
        NAT,
        nat(),
        INNER,
        of_nat(routes=[route("0.0.0.0/0", "10.1.1.254")]),
    ),
    (
        "answers-bypass-director",
        NAT,
        nat(),
        INNER,
        of_nat(lo(), link("eth0", f"{INNER}/24"), link("eth1", "192.168.1.22/24")),
    ),
    (
        "answers-bypass-director",
        NAT,
        nat(),
        INNER,
        of_nat(routes=[BY_DIRECTOR, route("192.168.1.0/24", "10.1.1.254")]),
    ),
    (
        "answers-bypass-director",
        ONE_NET,
        nat(),
        RS,
        of_nat(lo(), WIRE, routes=[route("0.0.0.0/0", "192.168.1.1")]),
    ),
    ("nobody-listens", DR, dr(), RS, of_dr(listening=[f"{RS}:80", "*:81"])),
    ("nobody-listens", NAT, nat(), INNER, of_nat(listening=["127.0.0.1:80"])),
    ("nobody-listens", DR, dr(), RS, of_dr(listening=["udp *:80"])),
    ("balances-again", DR, dr(), RS, of_dr(balanced=frozenset({LISTENER}))),
    ("wrong-machine", DR, dr(), RS, of_dr(lo(), link("eth0", "192.168.1.9/24"))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "director", "address", "server"), FAULTS)
def test_one_thing_wrong_is_found_and_nothing_else(
    name, text, director, address, server
):
    assert names(server_findings(text, director, address, server)) == [name]


def the(text, director, address, server, **more):
    (finding,) = server_findings(text, director, address, server, **more)
    return finding


def test_the_cure_of_a_missing_vip_is_where_the_kind_of_lvs_has_it():
    assert the(DR, dr(), RS, of_dr(lo(), WIRE)).fix == (
        f"ip address add {VIP}/32 dev lo",
    )
    bare = of_tun(lo(), LARGE_WIRE, link("tunl0", kind="ipip"))
    assert the(TUN, LARGE, RS, bare).fix == (f"ip address add {VIP}/32 dev tunl0",)


def test_a_machine_is_kept_from_answering_before_it_gets_the_vip():
    loud = sight(lo(), WIRE, listening=LISTENS)

    assert the(DR, dr(), RS, loud).fix == (
        "sysctl -q -w net.ipv4.conf.all.arp_ignore=1",
        "sysctl -q -w net.ipv4.conf.all.arp_announce=2",
        f"ip address add {VIP}/32 dev lo",
    )


def test_a_vip_on_the_wire_is_moved_not_only_deleted():
    wired = of_dr(lo(), link("eth0", f"{RS}/24", f"{VIP}/24"))

    assert the(DR, dr(), RS, wired).fix == (
        f"ip address del {VIP}/24 dev eth0",
        f"ip address add {VIP}/32 dev lo",
    )


def test_a_service_at_another_address_is_told_where_it_listens():
    finding = the(DR, dr(), RS, of_dr(listening=[f"{RS}:80"]))

    assert f"nobody listens at TCP {VIP}:80, but at {RS}:80" == finding.what


def test_rules_that_were_not_read_may_lower_segments():
    words = "segments of more than 1440"
    unless = ", unless one of its rules lowers that: they were not read (as root?)"

    def told(rules):
        return the(TUN, LARGE, RS, of_tun(lo(), WIRE, TUNL, rules=rules)).what

    assert told("").endswith(words)
    assert told(None).endswith(words + unless)


def test_silence_that_was_seen_is_believed():
    """arptables, say, keeps it silent; with arp_ignore alone it would answer."""
    loud = of_dr(sysctls={"net.ipv4.conf.all.arp_ignore": "0"})
    silent = replace(REAL, answers={})

    assert server_findings(DR, dr(), RS, loud, wire=silent) == ()
    assert the(DR, dr(), RS, loud, wire=REAL).name == "arp-ignore"
    assert the(DR, dr(), RS, loud, wire=Wire()).name == "arp-ignore"


def test_the_way_to_the_director_is_the_cure_of_a_wrong_gateway():
    wrong = of_nat(routes=[route("0.0.0.0/0", "10.1.1.254")])
    stated = '[machine]\ngateway = ["10.1.1.9"]\n' + NAT

    assert the(NAT, nat(), INNER, wrong).fix == (
        "ip route replace 0.0.0.0/0 via 10.1.1.1",
    )
    assert the(stated, nat(), INNER, wrong).fix == (
        "ip route replace 0.0.0.0/0 via 10.1.1.9",
    )
    floating = of_nat(routes=[route("0.0.0.0/0", "10.1.1.9")])
    assert server_findings(stated, nat(), INNER, floating) == ()


def test_a_director_in_waiting_does_not_know_the_gateway_unless_it_is_stated():
    waiting = nat(link("eth0", "192.168.1.1/24"))
    floating = of_nat(routes=[route("0.0.0.0/0", "10.1.1.9")])
    stated = '[machine]\ngateway = ["10.1.1.8"]\n' + NAT

    assert server_findings(NAT, waiting, INNER, floating) == ()
    assert the(stated, waiting, INNER, floating).name == "gateway-not-director"


def test_a_second_way_past_the_director_is_deleted_by_its_own_words():
    past = of_nat(routes=[BY_DIRECTOR, route("192.168.1.0/24", "10.1.1.254")])

    assert the(NAT, nat(), INNER, past).fix == (
        "ip route del 192.168.1.0/24 via 10.1.1.254",
    )


def test_segments_that_fit_into_the_tunnel_are_no_risk():
    small = of_tun(lo(), WIRE, TUNL)
    finding = the(TUN, dr(), RS, small)
    assert finding.severity is Severity.RISK
    assert finding.fix == (
        f"ip route change 192.168.1.0/24 dev eth0 src {RS} advmss 1440",
    )

    clamped = replace(small, rules="-A OUTPUT -p tcp -j TCPMSS --set-mss 1400\n")
    assert server_findings(TUN, dr(), RS, clamped) == ()


def test_clients_that_are_known_are_thought_of():
    finding = the(DR, dr(), RS, of_dr(), named=["10.9.0.7"])

    assert finding.name == "no-route-to-clients"
    assert "the client 10.9.0.7" in finding.what


def test_backup_only_keeps_a_director_in_waiting_from_balancing_again():
    waiting = of_dr(
        balanced=frozenset({LISTENER}), sysctls={"net.ipv4.vs.backup_only": "1"}
    )
    assert server_findings(DR, dr(), RS, waiting) == ()
