"""The long form to the model, and that both forms can say the same."""

from dataclasses import replace
from datetime import timedelta

from monlvs.alerts.log import Log
from monlvs.alerts.mail import Mail
from monlvs.core import timeperiod
from monlvs.model.lvs import ServiceFlags, Tunnel, TunnelFlags, TunnelType
from monlvs.model.watch import (
    AfterCountWithin,
    AlertEvery,
    AlertEveryMode,
    AlertLine,
    ExitRange,
    HostGroup,
    Period,
    Service,
    ServiceKey,
)
from monlvs.monitors.http import Http
from tests.config.spelled import DEFAULTS, config, lvs, watch


def test_a_service_with_everything() -> None:
    text = watch(
        'label = "day"\nwhen = "hr {9am-5pm}"\nalertevery = "1h strict"\n'
        'alertafter = "3 30m"\nnumalerts = 5\nupalertafter = "1m"\n'
        "no_comp_alerts = true\n"
        'alert = ["log", { name = "mail", to = ["root"], exits = "1-3" }]\n'
        'upalert = ["log"]\nstartupalert = ["log"]\nackalert = ["log"]',
        hosts='["10.1.1.2", "10.1.1.3"]',
        service='description = "pages"\nfailure_interval = "5s"\nrandskew = "1s"\n'
        'rise = 2\nfall = 3\nexclude_hosts = ["10.1.1.3"]\n'
        'exclude_period = "wd {Sun}"\nvariables = { SITE = "north", A = "" }\n'
        "allow_empty_group = true\nunack_summary = true\nupalert_first = true",
    )
    log = AlertLine(alert=Log())
    expected = Service(
        key=ServiceKey("web", "http"),
        monitor=Http(),
        interval=timedelta(seconds=15),
        timeout=timedelta(seconds=5),
        description="pages",
        failure_interval=timedelta(seconds=5),
        randskew=timedelta(seconds=1),
        rise=2,
        fall=3,
        exclude_hosts=frozenset(("10.1.1.3",)),
        exclude_period=timeperiod.parse("wd {Sun}"),
        variables=(("SITE", "north"), ("A", "")),
        allow_empty_group=True,
        unack_summary=True,
        upalert_first=True,
        periods=(
            Period(
                label="day",
                when=timeperiod.parse("hr {9-17}"),
                alerts=(
                    log,
                    AlertLine(alert=Mail(to=("root",)), exits=ExitRange(1, 3)),
                ),
                upalerts=(log,),
                startupalerts=(log,),
                ackalerts=(log,),
                alertevery=AlertEvery(
                    interval=timedelta(hours=1), mode=AlertEveryMode.STRICT
                ),
                alertafter=AfterCountWithin(3, timedelta(minutes=30)),
                numalerts=5,
                upalertafter=timedelta(minutes=1),
                no_comp_alerts=True,
            ),
        ),
    )
    assert config(text).watches[0].services == (expected,)


def test_host_groups_are_said_briefly_or_at_length() -> None:
    text = (
        DEFAULTS + '[hostgroups]\na = ["x"]\n[hostgroup.b]\nhosts = ["y", "z"]\n'
        'disabled = ["z"]\n[watch.a.service.ping]\nmonitor = "fping"\n'
        '[watch.b.service.ping]\nmonitor = "fping"\n'
    )
    assert [each.group for each in config(text).watches] == [
        HostGroup(name="a", hosts=("x",)),
        HostGroup(name="b", hosts=("y", "z"), disabled=frozenset(("z",))),
    ]


def test_a_period_without_a_label_is_named_by_its_time() -> None:
    text = watch('when = " hr  {9am-5pm} "')

    assert config(text).watches[0].services[0].periods[0].label == "hr {9am-5pm}"


def test_both_forms_can_say_the_same() -> None:
    short = config(lvs(mail='"root"', check='{ name = "http", path = "/x" }'))
    line = '{ name = "virtualserver", virtual = "192.168.1.1:80", forwarding = "nat" }'
    long = config(
        DEFAULTS + '[hostgroups]\n"http-10.1.1.2" = ["10.1.1.2"]\n'
        '[watch."http-10.1.1.2".service.http]\n'
        'monitor = { name = "http", path = "/x", port = 80 }\n'
        '[[watch."http-10.1.1.2".service.http.period]]\n'
        f'alert = [{{ name = "mail", to = ["root"] }}, {line}]\n'
        f'upalert = [{{ name = "mail", to = ["root"] }}, {line}]\n'
        '[[virtual_service]]\naddress = "192.168.1.1"\nport = 80\n'
        'servers = [{ address = "10.1.1.2", forwarding = "nat" }]\n'
    )
    # What a period gates is all that the short form leaves out.
    ungated = tuple(replace(guard, period=None) for guard in long.guards)
    assert replace(long, guards=ungated) == short


def test_virtual_services_have_flags_and_tunnels() -> None:
    text = lvs() + (
        '[[virtual_service]]\nfwmark = 3\nscheduler = "mh"\n'
        'flags = ["mh-fallback", "mh-port", "flag-3", "ops"]\n'
        'servers = [{ address = "10.1.2.2", forwarding = "tunnel", tunnel = "gue", '
        'tunnel_port = 6080, tunnel_checksum = "remcsum" }]\n'
    )
    declared = config(text).virtual_services[0]

    assert declared.service.flags == (
        ServiceFlags.SCHED1 | ServiceFlags.SCHED2 | ServiceFlags.SCHED3
        | ServiceFlags.ONE_PACKET
    )  # fmt: skip
    assert declared.servers[0].tunnel == Tunnel(
        type=TunnelType.GUE, port=6080, flags=TunnelFlags.REMCSUM
    )
