"""What an audit finds on a director."""

from ipaddress import ip_address

import pytest

from monlvs.director.audit.lvs import Wire
from monlvs.director.machine.findings import Severity
from tests.director.audit.sights import (
    DEFAULT,
    DIRECTOR6,
    DR,
    DR6,
    MACHINE,
    NAT,
    ONE_NET,
    POLICY,
    TUN,
    VIP,
    director_findings,
    dr,
    held,
    link,
    lo,
    names,
    nat,
    outside,
    route,
    sight,
)
from tests.director.machine.test_director_side import service

FINE = [
    (DR, dr()),
    (DR, dr(routes=[DEFAULT])),
    (TUN, dr()),
    (NAT, nat()),
    (NAT, nat(routes=[DEFAULT])),
    (MACHINE + NAT, nat(sysctls=POLICY)),
    (DR6, sight(lo(), DIRECTOR6)),
    # VIPs that are not on the clients' device by a plain prefix of full length
    (DR, dr(outside("192.168.1.1/24", f"{VIP}/24"))),
    (NAT, nat(outside(f"{VIP}/24"))),
    (DR, sight(lo(f"{VIP}/32"), outside("192.168.1.1/24"))),
    (DR, dr(outside("192.168.1.1/24"), link("dummy0", f"{VIP}/32", arp=False))),
    (service(f"{VIP}:80", "tun", "172.16.0.9"), dr(routes=[DEFAULT])),
    # loose filters, with routes
    (DR, dr(routes=[DEFAULT], sysctls={"net.ipv4.conf.all.rp_filter": "2"})),
    (NAT, nat(routes=[DEFAULT], sysctls={"net.ipv4.conf.all.rp_filter": "1"})),
]


@pytest.mark.parametrize(("text", "director"), FINE)
def test_nothing_is_found_where_nothing_is_wrong(text, director):
    assert director_findings(text, director) == ()


STRICT = {"net.ipv4.conf.eth0.rp_filter": "1"}
CONNTRACK = {"net.ipv4.vs.conntrack": "1"}
FAULTS = [
    ("vip-missing", DR, dr(outside("192.168.1.1/24"))),
    ("vip-device-down", DR, dr(outside("192.168.1.1/24", f"{VIP}/24", carrier=False))),
    (
        "vip-device",
        MACHINE + 'device = "eth1"\n' + NAT,
        nat(sysctls=POLICY),
    ),
    ("vip-prefix", DR, dr(outside("192.168.1.1/24", f"{VIP}/16"))),
    (
        "vip-dad-failed",
        DR6,
        sight(lo(), outside("fd00:1::1/64", held("fd00:1::110/128", dad_failed=True))),
    ),
    (
        "vip-tentative",
        DR6,
        sight(lo(), outside("fd00:1::1/64", held("fd00:1::110/128", tentative=True))),
    ),
    (
        "vip-silent",
        DR,
        sight(
            lo(f"{VIP}/32"),
            outside("192.168.1.1/24"),
            sysctls={"net.ipv4.conf.all.arp_ignore": "1"},
        ),
    ),
    ("vip-silent", DR, dr(sysctls={"net.ipv4.conf.eth0.arp_ignore": "8"})),
    ("vip-silent", DR6, sight(lo("fd00:1::110/128"), outside("fd00:1::1/64"))),
    (
        "vip-as-source",
        service(f"{VIP}:80", "dr", "192.168.1.2"),
        dr(outside(f"{VIP}/24", "192.168.1.1/24")),
    ),
    ("forwarding-off", NAT, nat(sysctls={"net.ipv4.ip_forward": "0"})),
    ("forwarding-off", NAT, nat(sysctls={"net.ipv4.conf.eth1.forwarding": "0"})),
    (
        "forwarding-off",
        service("[fd00:1::110]:80", "nat", "fd00:2::2"),
        sight(
            lo(),
            DIRECTOR6,
            link("eth1", "fd00:2::1/64"),
            sysctls={"net.ipv6.conf.all.forwarding": "0"},
        ),
    ),
    (
        "redirects-sent",
        ONE_NET,
        nat(sysctls={"net.ipv4.conf.all.send_redirects": "1"}),
    ),
    ("no-route-to-server", service(f"{VIP}:80", "nat", "10.9.9.9"), nat()),
    (
        "server-behind-gateway",
        service(f"{VIP}:80", "dr", "10.9.9.9"),
        dr(routes=[DEFAULT]),
    ),
    (
        "rp-filter",
        NAT,
        nat(routes=[route("0.0.0.0/0", "10.1.1.254", "eth1")], sysctls=STRICT),
    ),
    ("rp-filter", DR, dr(sysctls=STRICT)),
    (
        "module-missing",
        DR,
        dr(missing_modules=frozenset({"ip_vs_wlc"})),
    ),
    ("module-missing", service(f"{VIP}:21", "nat", "10.1.1.2"), nat()),
    (
        "sysctl-differs",
        MACHINE + DR,
        dr(sysctls={**POLICY, "net.ipv4.vs.expire_nodest_conn": "0"}),
    ),
    (
        "translation-idle",
        NAT,
        nat(rules="-A POSTROUTING -m ipvs --vaddr 192.168.1.110 -j MASQUERADE\n"),
    ),
    (
        "clients-translated",
        service(f"{VIP}:80", "dr", "192.168.1.2"),
        dr(sysctls=CONNTRACK, rules="-A POSTROUTING -o eth0 -j MASQUERADE\n"),
    ),
    (
        "nobody-listens",
        service(f"{VIP}:80", "local", "127.0.0.1"),
        dr(listening=["192.168.1.1:80"]),
    ),
]


@pytest.mark.parametrize(("name", "text", "director"), FAULTS)
def test_one_thing_wrong_is_found_and_nothing_else(name, text, director):
    assert names(director_findings(text, director)) == [name]


def test_a_kernel_without_ipvs_is_one_thing():
    assert names(director_findings(DR, dr(), without_ipvs=True)) == ["ipvs-missing"]


def test_a_vip_on_a_device_that_is_down_is_said_to_be_there():
    down = link("eth9", f"{VIP}/32", up=False)
    (finding,) = director_findings(DR, dr(outside("192.168.1.1/24"), down))

    assert finding.name == "vip-device-down"
    assert finding.fix == ("ip link set eth9 up",)


PAIR = (
    '[pair]\nlisten = "192.168.1.1"\npeer = "192.168.1.3"\n'
    'secret_file = "/etc/monlvs/pair.secret"\n'
)
REAL = Wire(
    asked=frozenset({ip_address(VIP)}),
    answers={ip_address(VIP): frozenset({"02:00:00:00:00:02"})},
    servers={ip_address("192.168.1.2"): frozenset({"02:00:00:00:00:02"})},
)
STRANGER = Wire(
    asked=frozenset({ip_address(VIP)}),
    answers={ip_address(VIP): frozenset({"02:00:00:00:00:99"})},
    servers={ip_address("192.168.1.2"): frozenset({"02:00:00:00:00:02"})},
)


def test_a_real_server_that_answers_for_the_vip_is_named():
    (finding,) = director_findings(DR, dr(), wire=REAL)

    assert (finding.name, finding.machine) == ("answers-for-vip", "192.168.1.2")
    assert "02:00:00:00:00:02" in finding.what


def test_another_machine_that_answers_for_the_vip_is_told_by_its_hardware_address():
    (finding,) = director_findings(DR, dr(), wire=STRANGER)

    assert (finding.name, finding.machine) == ("vip-claimed", "director")
    assert "02:00:00:00:00:99" in finding.what


def test_a_director_in_waiting_misses_no_vip():
    """keepalived moves the VIPs, and the other director has them."""
    waiting = dr(outside("192.168.1.1/24"))

    assert director_findings(DR, waiting, wire=STRANGER) == ()
    assert names(director_findings(DR, waiting, wire=REAL)) == [
        "answers-for-vip",
        "vip-missing",
    ]
    kept = dr(outside("192.168.1.1/24"), sysctls=POLICY)
    moved = f"{MACHINE}vips = false\n{PAIR}{DR}"
    assert director_findings(moved, kept, wire=STRANGER) == ()
    assert names(director_findings(MACHINE + DR, kept, wire=STRANGER)) == [
        "vip-claimed",
        "vip-missing",
    ]


def test_where_monlvs_leaves_the_machine_alone_its_variables_are_not_compared():
    assert director_findings(DR, dr(sysctls={})) == ()


def test_variables_that_are_stated_are_compared_even_so():
    text = MACHINE + 'sysctls = false\nsysctl = { "net.ipv4.vs.sloppy_tcp" = 1 }\n' + DR
    (finding,) = director_findings(text, dr(sysctls={"net.ipv4.vs.sloppy_tcp": "0"}))

    assert finding.severity is Severity.RISK
    assert finding.fix == ("sysctl -q -w net.ipv4.vs.sloppy_tcp=1",)


def test_a_strict_filter_names_the_loose_one_where_all_is_strict():
    (finding,) = director_findings(
        NAT,
        nat(
            routes=[route("0.0.0.0/0", "10.1.1.254", "eth1")],
            sysctls={"net.ipv4.conf.all.rp_filter": "1"},
        ),
    )
    assert finding.fix == ("sysctl -q -w net.ipv4.conf.eth0.rp_filter=2",)


def test_clients_that_are_named_need_a_way_back_under_nat():
    findings = director_findings(NAT, nat(), named=["10.9.0.7"])

    assert names(findings) == ["no-route-to-clients"]
    assert "10.9.0.7" in findings[0].what
    assert director_findings(DR, dr(), named=["10.9.0.7"]) == ()


def test_a_client_that_is_known_to_sit_beside_nats_servers_is_told():
    findings = director_findings(NAT, nat(), known=["10.1.1.77"])

    assert names(findings) == ["client-beside-servers"]
    assert director_findings(DR, dr(), known=["192.168.1.77"]) == ()
