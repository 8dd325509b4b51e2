"""What works and is odd is warned about, and the configuration holds."""

import pytest

from monlvs.config.reading import parse
from tests.config.spelled import DEFAULTS, config, lvs, warnings, watch

LINE = '{ name = "virtualserver", virtual = "192.168.1.1:80"'
BOTH = f"alert = [{LINE} }}]\nupalert = [{LINE} }}]"
DECLARED = (
    '[[virtual_service]]\naddress = "192.168.1.1"\nport = 80\nservers = ["10.1.1.9"]\n'
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            lvs() + '[hostgroups]\nspare = ["10.1.1.9"]\n',
            ["11: host group spare is not watched"],
        ),
        (
            lvs(timeout='"20s"'),
            [
                "10: timeout (20s) is longer than interval (15s): a check is left out "
                "while one still runs"
            ],
        ),
        (
            lvs().replace('timeout = "5s"', 'timeout = "60s"'),
            [
                "3: timeout (60s) is longer than interval (15s): a check is left out "
                "while one still runs"
            ],
        ),
        (
            watch(service='exclude_hosts = ["10.1.1.3"]'),
            [
                "8: 10.1.1.3 is not a host of the group: expected one of 10.1.1.2",
            ],
        ),
        (watch('when = "wd {}"'), ["10: wd {} is never: expected a range in it"]),
        (
            watch(BOTH) + DECLARED,
            [
                "10: 10.1.1.2:80 is no real server of the virtual service TCP "
                "192.168.1.1:80: this line alone puts it in"
            ],
        ),
        (
            watch(f"alert = [{LINE}, delete_service = true }}]")
            + DECLARED.replace('"10.1.1.9"', '"10.1.1.9", "10.1.1.2"'),
            [
                "10: delete_service withholds the whole virtual service TCP "
                "192.168.1.1:80, which has 2 real servers"
            ],
        ),
        (
            watch(BOTH.replace("80", '80", real = "10.1.1.9')),
            [
                "10: the real server 10.1.1.9 is not a host of the group: its entry "
                "follows the state of the whole group",
                "11: the real server 10.1.1.9 is not a host of the group: its entry "
                "follows the state of the whole group",
            ],
        ),
        (
            watch(f"startupalert = [{LINE} }}]"),
            [
                "10: virtualserver does nothing as startupalert: expected alert or "
                "upalert"
            ],
        ),
        (
            lvs(servers='["127.0.0.1"]'),
            [
                "8: 127.0.0.1 is the director itself, and packets to it are not "
                'translated: expected forwarding "local", which is what happens'
            ],
        ),
        (
            lvs() + '[[virtual_service]]\nfwmark = 1\n',
            ["10: this virtual service has no real servers"],
        ),
        (
            lvs(netmask="24"),
            ["10: netmask does nothing without persistence"],
        ),
    ],
)  # fmt: skip
def test_a_warning(text: str, told: list[str]) -> None:
    assert warnings(text) == told


def test_an_empty_group_may_be_meant() -> None:
    text = watch(hosts="[]", service="allow_empty_group = true")

    assert config(text).watches[0].group.hosts == ()


def test_a_tunnel_may_carry_one_family_inside_the_other() -> None:
    config(lvs(kind='"tun"', servers='["fd00::2"]'))


def test_one_group_is_watched_by_several_services() -> None:
    text = (
        f'{DEFAULTS}[hostgroups]\nweb = ["10.1.1.2"]\n'
        '[watch.web.service.a]\nmonitor = "http"\n[watch.web.service.b]\nmonitor = "fping"\n'
    )
    (only,) = config(text).watches
    assert [service.key.service for service in only.services] == ["a", "b"]


def test_a_refused_table_does_not_make_others_look_wrong() -> None:
    text = watch().replace('web = ["10.1.1.2"]', "web = 3") + "[virtual]\n"

    _, problems = parse(text, "f")
    assert [p.place.key for p in problems] == ["hostgroups.web", "virtual"]
