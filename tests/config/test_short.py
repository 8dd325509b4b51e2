"""The short form says what the HOWTO's mon_lvs.cf says at length."""

from datetime import timedelta
from ipaddress import ip_address

import pytest

from monlvs.alerts.external import External
from monlvs.alerts.log import Log
from monlvs.alerts.mail import Mail
from monlvs.model.guard import Effect, Guard
from monlvs.model.lvs import (
    EntrySpec,
    Forwarding,
    Listener,
    OnFailure,
    Protocol,
    RealServer,
)
from monlvs.model.watch import (
    AfterCount,
    AfterDuration,
    AlertLine,
    ExitRange,
    HostGroup,
    ServiceKey,
)
from monlvs.monitors.fping import Fping
from monlvs.monitors.http import Http
from monlvs.monitors.tcp import Tcp
from tests.config.spelled import DEFAULTS, config, lvs

VIP = Listener(Protocol.TCP, ip_address("192.168.1.1"), 80)


def server(address: str, port: int = 80) -> RealServer:
    return RealServer(ip_address(address), port)


def test_each_real_server_is_a_group_with_a_guarded_entry() -> None:
    read = config(lvs(servers='["10.1.1.2", "10.1.1.3"]'))

    assert [watch.group for watch in read.watches] == [
        HostGroup(name="http-10.1.1.2", hosts=("10.1.1.2",)),
        HostGroup(name="http-10.1.1.3", hosts=("10.1.1.3",)),
    ]
    entry = EntrySpec(server=server("10.1.1.2"), forwarding=Forwarding.MASQ)
    assert read.guards[0] == Guard(
        service=ServiceKey("http-10.1.1.2", "http"),
        host="10.1.1.2",
        key=VIP,
        entry=entry,
        effect=Effect.TAKES_OUT,
    )
    assert len(read.guards) == 2
    (declared,) = read.virtual_services
    assert declared.service.key == VIP
    assert declared.servers[0] == entry


def test_a_remapped_port_is_checked_where_it_listens() -> None:
    read = config(lvs(servers='["10.1.1.2:8080"]', check='["http", "tcp", "fping"]'))

    services = read.watches[0].services
    assert [s.monitor for s in services] == [Http(port=8080), Tcp(port=8080), Fping()]
    assert [s.key.service for s in services] == ["http", "tcp", "fping"]
    assert {g.entry.server for g in read.guards if g.entry} == {
        server("10.1.1.2", 8080)
    }
    assert len(read.guards) == 3


def test_a_check_may_state_its_own_port_and_name() -> None:
    check = '[{ name = "http", service = "status", port = 81 }, "http"]'
    services = config(lvs(check=check)).watches[0].services

    assert [(s.key.service, s.monitor) for s in services] == [
        ("status", Http(port=81)),
        ("http", Http(port=80)),
    ]


@pytest.mark.parametrize(
    ("kind", "address", "forwarding"),
    [
        ("nat", "10.1.1.2", Forwarding.MASQ),
        ("dr", "192.168.1.2", Forwarding.ROUTE),
        ("tun", "10.9.1.2", Forwarding.TUNNEL),
        ("local", "127.0.0.1", Forwarding.LOCAL),
    ],
)
def test_the_howtos_kinds(kind: str, address: str, forwarding: Forwarding) -> None:
    read = config(lvs(kind=f'"{kind}"', servers=f'["{address}"]'))

    (spec,) = read.virtual_services[0].servers
    assert spec == EntrySpec(server=server(address), forwarding=forwarding)


def test_a_server_may_differ_from_its_kind() -> None:
    servers = (
        '["10.1.1.2", { address = "127.0.0.1", forwarding = "local", weight = 0 }]'
    )
    _, other = config(lvs(servers=servers)).virtual_services[0].servers

    assert other == EntrySpec(
        server=server("127.0.0.1"), forwarding=Forwarding.LOCAL, weight=0
    )


def test_one_address_with_two_ports_is_two_groups() -> None:
    read = config(lvs(servers='["10.1.1.2:8080", "10.1.1.2:8081", "10.1.1.3"]'))

    assert [watch.group.name for watch in read.watches] == [
        "http-10.1.1.2-8080", "http-10.1.1.2-8081", "http-10.1.1.3",
    ]  # fmt: skip


def test_ipv6_addresses_make_names_without_colons() -> None:
    read = config(lvs(vip='"[fd00::1]:80"', servers='["fd00::2"]'))

    assert read.watches[0].group == HostGroup(name="http-fd00--2", hosts=("fd00::2",))


def test_mail_and_log_are_told_of_failures_and_recoveries() -> None:
    read = config(lvs(mail='["root", "ops@example.org"]', log="true"))

    (period,) = read.watches[0].services[0].periods
    told = (
        AlertLine(alert=Mail(to=("root", "ops@example.org"))),
        AlertLine(alert=Log()),
    )
    assert period.alerts == told
    assert period.upalerts == told
    assert period.label == "always"


def test_mail_and_log_take_all_their_options() -> None:
    mail = '{ to = ["root"], server = "mail:25", timeout = "500ms" }'
    (period,) = (
        config(lvs(mail=mail, log='"/tmp/x.log"')).watches[0].services[0].periods
    )

    assert [line.alert for line in period.alerts] == [
        Mail(to=("root",), server="mail:25", timeout=timedelta(milliseconds=500)),
        Log(file="/tmp/x.log"),
    ]


def test_log_false_is_no_log() -> None:
    assert config(lvs(log="false")).watches[0].services[0].periods[0].alerts == ()


def test_exit_codes_gate_failures_and_not_recoveries() -> None:
    alert = '[{ name = "external", command = "x", exits = "2-3" }]'
    (period,) = config(lvs(alert=alert)).watches[0].services[0].periods

    line = AlertLine(alert=External(command="x"), exits=ExitRange(2, 3))
    assert period.alerts == (line,)
    assert period.upalerts == (AlertLine(alert=External(command="x")),)


def test_fall_is_alertafter_unless_that_is_stated() -> None:
    assert _alertafter(fall="3") == AfterCount(3)
    assert _alertafter() is None
    stated = _alertafter(fall="3", alertafter='"10m"')
    assert stated == AfterDuration(timedelta(minutes=10))


def _alertafter(**said: str) -> object:
    return config(lvs(**said)).watches[0].services[0].periods[0].alertafter


def test_defaults_count_unless_the_block_says_otherwise() -> None:
    one = config(lvs(rise="2", interval='"30s"')).watches[0].services[0]

    assert (one.interval, one.timeout) == (timedelta(seconds=30), timedelta(seconds=5))
    assert (one.rise, one.fall, one.upalert_first) == (2, 1, False)


def test_the_time_limit_is_the_interval_unless_set() -> None:
    text = lvs(interval='"7s"').removeprefix(DEFAULTS)

    assert config(text).watches[0].services[0].timeout == timedelta(seconds=7)


def test_the_balancing_is_declared() -> None:
    said = {"scheduler": '"rr"', "persistence": '"5m"', "on_failure": '"quiesce"'}
    (declared,) = config(lvs(**said)).virtual_services

    assert declared.service.scheduler == "rr"
    assert declared.service.persistence == timedelta(minutes=5)
    assert declared.on_failure is OnFailure.QUIESCE


def test_people_may_sleep_while_the_table_is_kept() -> None:
    read = config(lvs(when='"hr {9am-5pm}"'))

    assert read.watches[0].services[0].periods[0].label == "hr {9am-5pm}"
    assert read.guards[0].period is None
