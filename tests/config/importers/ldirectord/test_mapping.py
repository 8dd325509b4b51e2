"""An ldirectord.cf says in TOML what it said."""

import pytest

from monlvs.config.importers.conversion import Imported
from monlvs.config.importers.formats import Format
from tests.config.importers.converting import errors, imported, same, told


def convert(text: str) -> Imported:
    return imported(text, Format.LDIRECTORD)


EVERYTHING = """\
# About the daemon
checktimeout = 3
checkinterval = 7
failurecount = 2
fallback = 127.0.0.1:80 gate
quiescent = yes
emailalert = "ops@example.org, root"
emailalertfrom = "Director" <lvs@example.org>
emailalertfreq = 600
smtp = mail.example.org

# The shop
virtual = 10.0.0.1:http
    servicename = The shop
    comment = runs in two rooms
    # the old one
    real = web1:8080 masq 3 l:5 u:10
    real = 10.1.1.3:8080 masq
    service = http
    scheduler = wrr
    persistent = 600
    netmask = 255.255.255.0
    request = "status?x=1"
    receive = "all (is )?well"
    virtualhost = shop.example.org
"""


def test_everything_that_a_web_service_says_survives() -> None:
    given = convert(EVERYTHING)

    assert same(
        given,
        """
        [[lvs]]
        name = "The-shop"
        vip = "10.0.0.1:80"
        kind = "nat"
        scheduler = "wrr"
        persistence = "10m"
        netmask = 24
        on_failure = "quiesce"
        fallback = { address = "127.0.0.1", forwarding = "local", weight = 1 }
        servers = [
          { address = "10.1.1.2", port = 8080, weight = 3, lower = 5, upper = 10 },
          { address = "10.1.1.3", port = 8080, weight = 1 },
        ]
        check = { name = "http", path = "/status?x=1", host = "shop.example.org", status = ["2xx", "3xx"], body = "all (is )?well" }
        interval = "7s"
        timeout = "3s"
        fall = 2
        description = "The shop: runs in two rooms"
        mail = { to = ["ops@example.org", "root"], sender = "lvs@example.org", server = "mail.example.org" }
        alertevery = "10m ignore_summary"
        """,
    )
    assert given.report[0] == (
        "carried: 1 virtual service, 2 real servers, 2 checks, 3 comments"
    )
    assert given.lost == 0


def test_each_comment_stands_before_what_it_is_about() -> None:
    lines = (convert(EVERYTHING).text or "").splitlines()
    after = {
        line.strip(): lines[at + 1].strip()
        for at, line in enumerate(lines)
        if line.lstrip().startswith("#")
    }

    assert lines[0] == "# About the daemon"
    assert after["# The shop"] == "[[lvs]]"
    assert after["# the old one"].startswith('{ address = "10.1.1.2"')


def test_a_firewall_mark_takes_the_long_form() -> None:
    given = convert(
        "virtual = 7\n    real = 10.1.1.2 gate\n    real = 10.1.1.3 ipip 0\n"
        "    checktype = connect\n    checkport = 443\n"
    )

    assert same(
        given,
        """
        [[virtual_service]]
        fwmark = 7
        scheduler = "wrr"
        servers = [
          { address = "10.1.1.2", forwarding = "dr", weight = 1 },
          { address = "10.1.1.3", forwarding = "tun", weight = 0 },
        ]
        [hostgroups]
        fwmark-7-10.1.1.2 = ["10.1.1.2"]
        fwmark-7-10.1.1.3 = ["10.1.1.3"]
        [watch."fwmark-7-10.1.1.2".service.tcp]
        monitor = { name = "tcp", port = 443 }
        interval = "10s"
        timeout = "5s"
        [[watch."fwmark-7-10.1.1.2".service.tcp.period]]
        numalerts = 1
        alert = [{ name = "virtualserver", fwmark = 7, real = "10.1.1.2" }]
        upalert = [{ name = "virtualserver", fwmark = 7, real = "10.1.1.2" }]
        [watch."fwmark-7-10.1.1.3".service.tcp]
        monitor = { name = "tcp", port = 443 }
        interval = "10s"
        timeout = "5s"
        [[watch."fwmark-7-10.1.1.3".service.tcp.period]]
        numalerts = 1
        alert = [{ name = "virtualserver", fwmark = 7, real = "10.1.1.3" }]
        upalert = [{ name = "virtualserver", fwmark = 7, real = "10.1.1.3" }]
        """.replace("fwmark-7-10.1.1.2 =", '"fwmark-7-10.1.1.2" =').replace(
            "fwmark-7-10.1.1.3 =", '"fwmark-7-10.1.1.3" ='
        ),
    )


BASE = "virtual = 10.0.0.1:{port}\n    real = 10.1.1.2:{port} masq\n"


@pytest.mark.parametrize(
    ("port", "said", "check"),
    [
        (443, "", '{ name = "http", service = "https", https = true, verify = false, status = ["2xx", "3xx"] }'),
        (80, 'httpmethod = HEAD', '{ name = "http", method = "HEAD", status = ["2xx", "3xx"] }'),
        (3128, 'request = "http://www.example.org/x"\n    receive = "y"', '{ name = "http", service = "http_proxy", url = "http://www.example.org/x", status = ["2xx", "3xx"], body = "y" }'),
        (25, "", '"smtp"'),
        (587, "", '{ name = "smtp", service = "submission" }'),
        (110, "", '{ name = "pop3", service = "pop" }'),
        (993, "", '{ name = "imap", service = "imaps", tls = true, verify = false }'),
        (995, "", '{ name = "pop3", service = "pops", tls = true, verify = false }'),
        (636, "", '{ name = "tcp", service = "ldaps", tls = true, verify = false }'),
        (143, "", '"imap"'),
        (119, "", '{ name = "nntp", feeder = true }'),
        (21, "", '"ftp"'),
        (23, "checktype = connect", '"tcp"'),
        (23, "checktype = connect\n    checkport = 24", '{ name = "tcp", port = 24 }'),
        (7, 'service = simpletcp\n    request = "hi\\n"\n    receive = "^ho"', '{ name = "tcp", service = "simpletcp", send = "hi\\n", expect = "^ho" }'),
        (53, 'request = "www.example.org"\n    receive = "10[.]1"\n    protocol = tcp', '{ name = "dns", query = ["www.example.org"], answer = "10[.]1", tcp = true }'),
        (54, 'service = dns\n    request = "10.1.1.9"', '{ name = "dns", query = ["9.1.1.10.in-addr.arpa:PTR"], tcp = true }'),
        (1521, "service = oracle", '"tcp"'),
        (1812, "service = radius\n    secret = \"s\"", '{ name = "external", service = "radius", command = "/usr/lib/mon/mon.d/radius.monitor", args = ["--port=1812", "--secret=s"] }'),
        (3306, 'login = "u"\n    passwd = "p"\n    database = "d"', '{ name = "external", service = "mysql", command = "/usr/lib/mon/mon.d/msql-mysql.monitor", args = ["--mode", "mysql", "--port=3306", "--username=u", "--password=p", "--database=d"] }'),
    ],
)  # fmt: skip
def test_each_service_has_its_check(port: int, said: str, check: str) -> None:
    given = convert(BASE.format(port=port) + (f"    {said}\n" if said else ""))
    wanted = f"""
        [[lvs]]
        name = "10.0.0.1-{port}"
        vip = "10.0.0.1:{port}"
        kind = "nat"
        scheduler = "wrr"
        servers = [{{ address = "10.1.1.2", weight = 1 }}]
        check = {check}
        interval = "10s"
        timeout = "{5 if "connect" in said else 30}s"
        """
    # A substitute that only connects has the time limit of connections.
    wanted = wanted.replace("30s", "5s") if "oracle" in said else wanted

    assert same(given, wanted.replace('"tcp"\n', '"tcp"\n'))


def test_what_is_balanced_over_udp_is_asked_over_udp() -> None:
    given = convert(
        BASE.format(port=53) + '    request = "a.example.org"\n'
        + BASE.format(port=5060) + "    protocol = udp\n"
        + BASE.format(port=7) + '    protocol = udp\n    service = simpletcp\n    request = "x"\n'
    )  # fmt: skip
    assert given.equal
    assert given.lost == 0
    assert 'check = { name = "dns", query = ["a.example.org"] }' in (given.text or "")
    assert '{ name = "udp", service = "sip", send = "OPTIONS ' in (given.text or "")
    assert '{ name = "udp", service = "simpletcp", send = "x"' in (given.text or "")


def test_a_ping_tries_as_often_as_is_asked_for() -> None:
    given = convert(
        "checktimeout = 2\nvirtual = 10.0.0.1:53\n    real = 10.1.1.2:53 gate\n"
        "    checktype = ping\n    checkcount = 3\n"
    )
    assert given.text is not None
    assert 'protocol = "udp"' in given.text
    assert 'check = { name = "fping", retries = 2, interval = "2s" }' in given.text
    assert 'timeout = "6s"' in given.text


def test_connections_and_a_negotiation_now_and_then_are_two_checks() -> None:
    given = convert(BASE.format(port=80) + "    checktype = 3\n")

    assert given.equal
    assert given.text is not None
    assert "service.connect]" in given.text
    assert "service.http]" in given.text
    assert given.text.count('interval = "10s"') == 1
    assert given.text.count('interval = "40s"') == 1


def test_an_external_check_gets_ldirectords_four_arguments() -> None:
    given = convert(
        BASE.format(port=80)
        + "    checktype = external\n    checkcommand = /opt/check.sh\n"
    )
    assert given.text is not None
    assert (
        '{ name = "external", service = "check.sh", command = "/opt/check.sh", args = '
        '["10.0.0.1", "80", "10.1.1.2", "80"], hosts = false }'
    ) in given.text


def test_servers_that_are_always_on_are_declared_and_not_checked() -> None:
    given = convert(BASE.format(port=80) + "    checktype = on\n")

    assert same(
        given,
        """
        [[virtual_service]]
        address = "10.0.0.1"
        port = 80
        scheduler = "wrr"
        servers = [{ address = "10.1.1.2", forwarding = "nat", weight = 1 }]
        """
    )  # fmt: skip


def test_a_requests_whole_url_names_another_place_to_ask() -> None:
    given = convert(
        "virtual = 10.0.0.1:80\n"
        '    real = 10.1.1.2:80 masq "http://10.7.7.7:81/x", "y"\n'
    )
    assert given.text is not None
    assert 'path = "/x", address = "10.7.7.7"' in given.text
    assert "port = 81" in given.text
    assert 'body = "y"' in given.text


def test_ipv6_has_words_of_its_own() -> None:
    given = convert(
        "fallback6 = [::1]:119\nvirtual6 = [2001:db8::5]:119\n"
        "    real6 = [2001:db8::6]:119 masq\n    service = nntp\n"
    )
    assert given.text is not None
    assert 'vip = "[2001:db8::5]:119"' in given.text
    assert 'name = "2001-db8--5-119"' in given.text
    assert 'fallback = { address = "::1", forwarding = "local"' in given.text


def test_what_is_not_carried_is_told_with_its_line() -> None:
    given = convert(
        "autoreload = yes\nmaintenancedir = /etc/off\nfork = no\n"
        + BASE.format(port=389)
        + "    fallbackcommand = /bin/x\n    cleanstop = yes\n"
    )
    said = told(given)

    assert [each.split(": ")[:3] for each in said] == [
        ["1", "carried otherwise", "autoreload"],
        ["2", "not carried", "maintenancedir"],
        ["4", "not carried", "service = ldap"],
        ["6", "not carried", "fallbackcommand"],
        ["7", "carried otherwise", "cleanstop"],
    ]
    assert given.lost == 3


BAD = """\
checktimeout = none
timeout = 3
nonsense
    real = 10.1.1.2:80 gate
chekinterval = 4
virtual = 10.0.0.1
virtual = 10.0.0.1:80
    real = 10.1.1.2:80
    real = nowhere.example:80 gate
    real6 = [::1]:80 gate
    request = unquoted
    checktype = sometimes
    service = gopher
    netmask = 255.255.255.0
    persistent = 0
    protocol = fwm
virtual = 10.0.0.2:80
    real = 10.1.1.9->10.1.1.2:80 gate
    emailalert = a b@@c
    quiescent = perhaps
virtual = 10.0.0.2:80
    real = 10.1.1.2:80 gate
    receive = "x"
"""


def test_all_that_is_wrong_is_told_and_nothing_is_written() -> None:
    given = convert(BAD)
    lines = [int(each.partition(":")[0]) for each in errors(given)]

    assert given.text is None
    assert given.failed
    assert lines == [1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 15, 18, 19, 20, 21]
    assert any("did you mean 'checkinterval'" in each for each in errors(given))
