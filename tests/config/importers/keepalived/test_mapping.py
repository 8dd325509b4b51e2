"""The virtual servers of a keepalived.conf say in TOML what they said."""

import pytest

from monlvs.config.importers.conversion import Imported
from monlvs.config.importers.formats import Format
from tests.config.importers.converting import errors, imported, same, told


def convert(text: str) -> Imported:
    return imported(text, Format.KEEPALIVED)


EVERYTHING = """\
! Who made this
global_defs {
  notification_email { ops@example.org
    root }
  notification_email_from "LVS <lvs@example.org>"
  smtp_server 192.168.1.5 2525
  smtp_connect_timeout 9
  router_id north
  vrrp_strict
}

# The shop
virtual_server 10.0.0.1 80
{
  delay_loop 7
  lvs_sched sh
  sh-port
  lvs_method NAT
  protocol TCP
  persistence_timeout 60
  persistence_granularity 255.255.255.0
  connect_timeout 2 # for all
  retry 0
  sorry_server 10.1.1.9 8080
  inhibit_on_failure
  virtualhost shop.example.org
  # the old one
  real_server 10.1.1.2 8080 {
    weight 3
    uthreshold 10
    lthreshold 5
    HTTP_GET {
      url {
        path /status
        status_code 200 300-302
        regex "all (is )?well"
        regex_options caseless dotall
      }
      url { path /other }
    }
    TCP_CHECK { connect_port 81 }
  }
  real_server 10.1.1.3 8080 {
    HTTP_GET {
      url {
        path /status
        status_code 200 300-302
        regex "all (is )?well"
        regex_options caseless dotall
      }
      url { path /other }
    }
    TCP_CHECK { connect_port 81 }
  }
}
"""


def test_everything_that_a_virtual_server_says_survives() -> None:
    given = convert(EVERYTHING)

    assert same(
        given,
        """
        [[lvs]]
        name = "10.0.0.1-80"
        vip = "10.0.0.1:80"
        kind = "nat"
        scheduler = "sh"
        flags = ["sh-port"]
        persistence = "1m"
        netmask = 24
        on_failure = "quiesce"
        fallback = { address = "10.1.1.9", port = 8080, weight = 1 }
        servers = [
          { address = "10.1.1.2", port = 8080, weight = 3, upper = 10, lower = 5 },
          { address = "10.1.1.3", port = 8080, weight = 1 },
        ]
        check = [
          { name = "http", path = "/status", host = "shop.example.org", status = [200, "300-302"], body = "(?is)all (is )?well" },
          { name = "http", service = "http-2", path = "/other", host = "shop.example.org", status = ["2xx"] },
          { name = "tcp", port = 81 },
        ]
        interval = "7s"
        timeout = "2s"
        mail = { to = ["ops@example.org", "root"], sender = "lvs@example.org", prefix = "[north]", server = "192.168.1.5:2525", timeout = "9s" }
        numalerts = 1
        """,
    )
    assert given.lost == 0
    assert told(given) == ["2: left where it is: global_defs: vrrp_strict"]
    assert given.report == (
        "carried: 1 virtual service, 2 real servers, 6 checks, 4 comments",
        "statements: 1 left where it is (see above)",
    )


def test_each_comment_stands_before_what_it_is_about() -> None:
    lines = (convert(EVERYTHING).text or "").splitlines()
    after = {
        line.strip(): lines[at + 1].strip()
        for at, line in enumerate(lines)
        if line.lstrip().startswith("#")
    }

    assert lines[0] == "# Who made this"
    assert after["# The shop"] == "[[lvs]]"
    assert after["# for all"].startswith("name = ")
    assert after["# the old one"].startswith('{ address = "10.1.1.2"')


GROUP = """\
virtual_server_group shop {
  10.0.0.1-2 80
  10.0.0.8/31 81
  fwmark 5
}
virtual_server group shop {
  protocol TCP
  lb_kind DR
  real_server 10.1.1.2 80 {
    notify_down "/opt/tell.sh down 'a b'"
    notify_up /opt/tell.sh
    MISC_CHECK { misc_path "/opt/check.sh -x 1"
      misc_timeout 4 }
  }
}
"""


def test_a_group_is_checked_once_and_guards_every_virtual_service() -> None:
    given = convert(GROUP)
    keys = [
        'virtual = "10.0.0.1:80"', 'virtual = "10.0.0.2:80"',
        'virtual = "10.0.0.8:81"', 'virtual = "10.0.0.9:81"', "fwmark = 5",
    ]  # fmt: skip
    guards = "".join(
        f'{{ name = "virtualserver", {key}, real = "10.1.1.2:{port}" }},'
        for key, port in zip(keys, (80, 80, 81, 81, 80), strict=True)
    )
    declared = "".join(
        f"""
        [[virtual_service]]
        {key}
        scheduler = "wlc"
        servers = [{{ address = "10.1.1.2", forwarding = "dr", weight = 1{more} }}]
        """
        for key, more in (
            ('address = "10.0.0.1"\nport = 80', ""),
            ('address = "10.0.0.2"\nport = 80', ""),
            ('address = "10.0.0.8"\nport = 81', ""),
            ('address = "10.0.0.9"\nport = 81', ""),
            ("fwmark = 5", ", port = 80"),
        )
    )

    assert same(
        given,
        f"""{declared}
        [hostgroup."shop-10.1.1.2"]
        hosts = ["10.1.1.2"]
        [watch."shop-10.1.1.2".service."check.sh"]
        monitor = {{ name = "external", command = "/opt/check.sh", args = ["-x", "1"], hosts = false }}
        interval = "1m"
        timeout = "4s"
        [[watch."shop-10.1.1.2".service."check.sh".period]]
        numalerts = 1
        alert = [{{ name = "external", command = "/opt/tell.sh", args = ["down", "a b"] }}, {guards}]
        upalert = [{{ name = "external", command = "/opt/tell.sh" }}, {guards}]
        """,
    )


SERVER = """\
virtual_server 10.0.0.1 25 {{
  protocol TCP
  real_server 10.1.1.2 25 {{
    {said}
  }}
}}
"""


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("TCP_CHECK { retry 2\n delay_before_retry 5 }", 'check = "tcp"|fall = 3|failure_interval = "5s"|interval = "1m"|timeout = "5s"'),
        ("TCP_CHECK {\n connect_ip 10.7.7.7\n connect_timeout 1.5 }", 'check = { name = "tcp", address = "10.7.7.7" }|timeout = "1500ms"|fall = 2|failure_interval = "1s"'),
        ("PING_CHECK { retry 4 }", 'check = { name = "fping", retries = 0, interval = "5s" }|fall = 5'),
        ("SMTP_CHECK {\n helo_name me.example.org }", 'check = { name = "smtp", helo = "me.example.org" }'),
        ("SMTP_CHECK {\n host { connect_ip 10.1.1.2 }\n host { connect_ip 10.2.2.2\n connect_port 26 } }", '[{ name = "smtp", address = "10.1.1.2" }, { name = "smtp", service = "smtp-2", port = 26, address = "10.2.2.2" }]'),
        ("SSL_GET { url { path x\n virtualhost a.example.org } }", '{ name = "http", service = "https", path = "/x", host = "a.example.org", status = ["2xx"], https = true, verify = false }|failure_interval = "3s"'),
        ("HTTP_GET { url { digest D41D8CD98F00B204E9800998ECF8427E } }", 'digest = "d41d8cd98f00b204e9800998ecf8427e"'),
        ("HTTP_GET { url { regex a|b\n regex_no_match\n regex_options caseless } }", 'body = "\\\\A(?![\\\\s\\\\S]*(?i:a|b))"'),
        ("DNS_CHECK { type a\n name www.example.org }", 'check = { name = "dns", query = ["www.example.org:A"] }|fall = 4'),
        ("MISC_CHECK { misc_path /x\n misc_dynamic }", 'hosts = false, dynamic = true }|weight_from = "check"'),
        ("DNS_CHECK { }", 'query = [".:SOA"]'),
        ("UDP_CHECK { }", 'check = { name = "udp", patience = "5s", retries = 0 }'),
        ("UDP_CHECK { payload 00ff1\n require_reply aX\n min_reply_length 2 }", r'send_hex = "00ff01", expect = "\\A(?=[\\s\\S]{2,255}\\Z)[\\xa0-\\xaf]"'),
        ("MISC_CHECK { misc_path /opt/x }", 'command = "/opt/x", hosts = false|timeout = "1m"'),
    ],
)  # fmt: skip
def test_each_checker_has_its_check(said: str, wanted: str) -> None:
    given = convert(SERVER.format(said=said))

    assert errors(given) == []
    assert given.equal
    for each in wanted.split("|"):
        assert each in (given.text or "")


@pytest.mark.parametrize(
    ("said", "told_of"),
    [
        ("BFD_CHECK {\n name x }", "BFD_CHECK"),
        ("FILE_CHECK {\n track_file x }", "FILE_CHECK"),
        ("HTTP_GET { url { regex (?|x) } }", "regex"),
        ("TCP_CHECK {\n bindto 10.0.0.9 }", "bindto"),
        ("MISC_CHECK { misc_path /x\n user nobody }", "user"),
        ("TCP_CHECK { someday 3 }", "someday"),
    ],
)
def test_what_is_not_carried_is_told(said: str, told_of: str) -> None:
    given = convert(SERVER.format(said=said))

    assert errors(given) == []
    assert given.equal
    assert given.lost >= 1
    assert any(f"not carried: {told_of}" in each for each in told(given))


def test_tunnels_have_their_types() -> None:
    given = convert(
        "virtual_server 10.0.0.1 80 {\n protocol TCP\n"
        " lvs_method TUN type gue port 6080 csum\n"
        " real_server 10.1.1.2 80 { }\n"
        " real_server fd00::2 80 { lvs_method TUN type gre }\n}\n"
    )
    assert same(
        given,
        """
        [[virtual_service]]
        address = "10.0.0.1"
        port = 80
        scheduler = "wlc"
        servers = [
          { address = "10.1.1.2", forwarding = "tun", weight = 1, tunnel = "gue", tunnel_port = 6080, tunnel_checksum = "csum" },
          { address = "fd00::2", forwarding = "tun", weight = 1, tunnel = "gre", tunnel_checksum = "nocsum" },
        ]
        """,
    )


def test_without_a_protocol_it_is_udp_as_keepalived_says() -> None:
    given = convert(SERVER.format(said="TCP_CHECK { }").replace("protocol TCP", ""))

    assert 'protocol = "udp"' in (given.text or "")
    assert "1: carried otherwise: no protocol is stated" in told(given)[0]


def test_vrrp_stays_where_it_is_with_its_comments() -> None:
    given = convert(
        "# of vrrp\nvrrp_instance V {\n  # inside\n  state MASTER\n}\n"
        + SERVER.format(said="TCP_CHECK { }")
    )
    assert "#" not in (given.text or "")
    assert "2: left where it is: vrrp_instance V" in told(given)


BAD = """\
virtual_server 10.0.0.1 eighty {
}
virtual_server group nobody {
}
virtual_server 10.0.0.2 80 {
  protocol TCP
  lb_kind FOO
  delay_loop soon
  real_server web.example.org 80 {
  }
  real_server 10.1.1.2 80 {
    weight -1
    MISC_CHECK { }
    TCP_CHECK { connect_port 0 }
  }
  real_server 10.1.1.2 80 {
    notify_up "unfinished
  }
}
}
virtual_server 10.0.0.2 80 {
  protocol TCP
  real_server 10.1.1.2 80 {
"""


def test_all_that_is_wrong_is_told_and_nothing_is_written() -> None:
    given = convert(BAD)
    lines = [int(each.partition(":")[0]) for each in errors(given)]

    assert given.text is None
    assert given.failed
    assert lines == [1, 3, 7, 8, 9, 12, 13, 14, 17, 17, 20, 21, 21, 23]


def test_a_mark_of_one_family_may_lead_through_tunnels_of_the_other() -> None:
    given = convert(
        "virtual_server fwmark 3 {\n lb_kind TUN\n ip_family inet6\n"
        " real_server 10.1.1.2 80 { TCP_CHECK { } }\n}\n"
    )
    assert given.equal
    assert (
        '{ name = "virtualserver", fwmark = 3, family = "ipv6", real = "10.1.1.2:80" }'
        in (given.text or "")
    )
