"""What an audit finds in the director's table, and who its clients are."""

from datetime import timedelta
from ipaddress import ip_address

import pytest

from monlvs.director.audit.duties import duties_of
from monlvs.director.machine.findings import Severity
from monlvs.model.config import Config
from monlvs.model.lvs import (
    DeclaredService,
    EntrySpec,
    Forwarding,
    Fwmark,
    RealServer,
    ServiceSpec,
)
from monlvs.model.sync import SyncDaemon, SyncRole
from monlvs.model.traffic import Connection, Endpoint
from tests.director.audit.sights import (
    DR,
    LISTENER,
    NAT,
    OUTSIDE,
    VIP,
    director_findings,
    dr,
    link,
    names,
    nat,
    pool,
)


def connection(client, server="192.168.1.2"):
    return Connection(
        protocol="TCP",
        client=Endpoint(ip_address(client), 1234),
        virtual=Endpoint(ip_address(VIP), 80),
        server=Endpoint(ip_address(server), 80),
        state="SYN_RECV",
        expires=timedelta(seconds=50),
    )


@pytest.mark.parametrize(
    ("text", "director", "client", "found"),
    [
        (DR, dr(), "192.168.1.1", ["director-is-client"]),
        (DR, dr(), VIP, ["director-is-client"]),
        (DR, dr(), "192.168.1.9", []),
        (NAT, nat(), "192.168.1.1", []),
        (DR, dr(sysctls={"net.ipv4.conf.all.accept_local": "1"}), "192.168.1.1", []),
    ],
)
def test_the_director_is_its_own_client_where_answers_are_not_translated(
    text, director, client, found
):
    talking = (connection(client),)

    assert names(director_findings(text, director, connections=talking)) == found


WATCH = """
[hostgroups]
{0} = ["{1}"]
[watch.{0}.service.http]
interval = "10s"
monitor = "http"
"""


def test_a_check_of_the_vip_is_told_where_it_cannot_work():
    text = DR + WATCH.format("front", VIP)

    (finding,) = director_findings(text, dr())
    assert (finding.name, finding.severity) == (
        "vip-checked-from-director",
        Severity.RISK,
    )
    assert director_findings(NAT + WATCH.format("front", VIP), nat()) == ()
    assert director_findings(DR + WATCH.format("rs", "192.168.1.2"), dr()) == ()


def test_table_entries_are_looked_at_whoever_made_them():
    table = {LISTENER: pool(("192.168.1.2", 8080), ("192.168.1.3", 80))}

    (finding,) = director_findings(DR, dr(), table=table)
    assert finding.name == "port-not-translated"
    assert "192.168.1.2:8080" in finding.what


def test_localnode_by_translation_serves_nobody():
    table = {LISTENER: pool(("127.0.0.1", 80), forwarding=Forwarding.MASQ)}

    assert names(director_findings(DR, dr(), table=table)) == ["loopback-translated"]


def test_a_service_that_is_not_there_or_has_nobody_is_told():
    assert names(director_findings(DR, dr(), table={})) == ["service-missing"]
    for empty in (pool(), pool(("192.168.1.2", 80), weight=0)):
        found = director_findings(DR, dr(), table={LISTENER: empty})
        assert names(found) == ["service-empty"]


MARKED = """[[virtual_service]]
fwmark = 101
servers = [{ address = "192.168.1.2", forwarding = "dr" }]
"""


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ("", ["mark-not-set"]),
        ("-A PREROUTING -d 10.0.0.1/32 -j MARK --set-xmark 0x66/0xffffffff\n", ["mark-not-set"]),
        ("-A PREROUTING -d 10.0.0.1/32 -j MARK --set-xmark 0x65/0xffffffff\n", []),
        ("ip daddr 10.0.0.1 meta mark set 0x00000065\n", []),
        (None, []),
    ],
)  # fmt: skip
def test_a_mark_that_nobody_sets_is_told(rules, found):
    assert names(director_findings(MARKED, dr(rules=rules))) == found
    assert Fwmark(101).mark == 0x65


@pytest.mark.parametrize(
    ("device", "words"),
    [
        (link("eth2", up=False), "is down"),
        (link("eth2", carrier=False), "has no carrier"),
        (link("eth3"), "is not there"),
    ],
)
def test_a_sync_daemon_without_a_device_is_told(device, words):
    sync = (SyncDaemon(role=SyncRole.MASTER, interface="eth2"),)

    (finding,) = director_findings(DR, dr(OUTSIDE, device), sync=sync)
    assert finding.name == "sync-device-down"
    assert words in finding.what
    assert director_findings(DR, dr(OUTSIDE, link("eth2")), sync=sync) == ()


def test_forwarding_that_is_not_stated_is_as_the_table_has_it():
    left_open = EntrySpec(server=RealServer(ip_address("192.168.1.2"), 80))
    declared = DeclaredService(service=ServiceSpec(key=LISTENER), servers=(left_open,))
    config = Config(virtual_services=(declared,))

    (duty,) = duties_of(config)
    assert duty.translated
    (duty,) = duties_of(config, {LISTENER: pool(("192.168.1.2", 80))})
    assert not duty.translated
