"""Whatever a file says, there is an answer."""

from hypothesis import given, settings
from hypothesis import strategies as st

from monlvs.config.importers.formats import Format
from tests.config.importers.converting import imported

KEEPALIVED = [
    "virtual_server", "real_server", "virtual_server_group", "group", "fwmark", "{", "}",
    "\n", "\n", "10.0.0.1", "10.0.0.1-3", "fd00::1", "80", "0", "-1", "protocol", "TCP",
    "UDP", "lb_kind", "NAT", "DR", "TUN", "type", "gue", "port", "TCP_CHECK", "HTTP_GET",
    "url", "path", "/", "status_code", "200-299", "regex", "(", "MISC_CHECK", "misc_path",
    "'", '"', "\\", "$A=", "$A", "${A}", "~SEQ(A,1,3)", "~LST(A,1)", "@x", "@^x", "include",
    "SMTP_CHECK", "host", "connect_ip", "connect_port", "sorry_server", "quorum", "weight",
    "delay_loop", "retry", "notify_up", "global_defs", "notification_email", "a@b", "#", "!",
    "smtp_server", "persistence_timeout", "lvs_sched", "sh", "sh-port", "PING_CHECK",
]  # fmt: skip
LDIRECTORD = [
    "virtual", "virtual6", "=", "\n", "\n    ", "\n\t", "10.0.0.1:80", "10.0.0.1", "7",
    "[fd00::1]:80", "real", "real6", "gate", "masq", "ipip", "0", "->", "10.0.0.9", "->10.0.0.9",
    "fallback", "checktype", "connect", "ping", "external", "negotiate", "3", "service",
    "http", "https", "sip", "mysql", "simpletcp", "request", "receive", '"', '"x"', '"(',
    "protocol", "udp", "fwm", "persistent", "netmask", "255.255.0.0", "emailalert", "a@b",
    "checkcommand", "/bin/x", "quiescent", "yes", "no", "#", ",", "l:3", "u:4", "scheduler",
    "wlc", "checkinterval", "checkport", "login", "supervised", "ops", "schedflags",
]  # fmt: skip


def soup(words: list[str]) -> st.SearchStrategy[str]:
    """Make texts of a file's own words, which get further than mere noise."""
    return st.lists(st.sampled_from(words), max_size=60).map(" ".join)


VIRTUAL = [
    "delay_loop 3", "delay_loop 0", "lb_kind DR", "lb_kind TUN", "lvs_method TUN type gre",
    "lvs_sched sh", "sh-port", "mh-port", "ops", "persistence_timeout", "protocol UDP",
    "persistence_granularity 255.255.0.0", "persistence_granularity 64", "quorum 3",
    "sorry_server 10.1.1.2 80", "sorry_server 10.9.9.9", "inhibit_on_failure", "retry 0",
    "delay_before_retry 0", "connect_timeout 0", "ip_family inet6", "pe sip", "virtualhost a b",
    "persistence_engine sip", "persistence_engine other", "lvs_sched nonsense", "snmp_name Ä b",
]  # fmt: skip
REAL = [
    "weight 0", "weight 70000", "uthreshold 3", "lthreshold 9", "inhibit_on_failure no",
    "notify_up /x", "TCP_CHECK { }", "PING_CHECK { }", "HTTP_GET { url { path ä } }",
    "HTTP_GET { url { path x\n regex a(b } }", "SSL_GET { }", "MISC_CHECK { misc_path /x }",
    "SMTP_CHECK { host { connect_ip fd00::1 } }", "TCP_CHECK { connect_port 81 }",
    "HTTP_GET { url { status_code 200 399-201 } }", "lvs_method NAT", "delay_loop 9",
    "MISC_CHECK { misc_path \"/x 'a b' c\" }", "virtualhost 10.0.0.1:81", "UDP_CHECK { }",
]  # fmt: skip


def some(lines: list[str]) -> st.SearchStrategy[str]:
    """Take some lines."""
    return st.lists(st.sampled_from(lines), max_size=6).map("\n".join)


@st.composite
def virtual_servers(draw: st.DrawFn) -> str:
    """Make a keepalived.conf whose braces match."""
    heads = ["10.0.0.1 80", "fd00::1 80", "fwmark 3", "group g", "10.0.0.2"]
    text = ["virtual_server_group g {\n10.0.0.8-9 80\nfwmark 4 inet6\n}"]
    for head in draw(st.lists(st.sampled_from(heads), min_size=1, unique=True)):
        servers = [
            f"real_server {address} {{\n{draw(some(REAL))}\n}}"
            for address in draw(
                st.lists(
                    st.sampled_from(
                        ["10.1.1.2 80", "10.1.1.3", "127.0.0.1 80", "fd00::2 8"]
                    ),
                    max_size=3,
                )
            )
        ]
        inner = "\n".join([draw(some(VIRTUAL)), *servers])
        text.append(f"virtual_server {head} {{\n{inner}\n}}")
    return "\n".join(text)


def answered(text: str, format_: Format) -> None:
    found = imported(text, format_)
    if found.failed:
        assert found.text is None
        assert all(problem.message for problem in found.problems)
    elif found.text is None:
        assert "no virtual service" in found.report[0]
    else:
        assert found.equal, found.text


@settings(max_examples=200, deadline=None)
@given(soup(KEEPALIVED) | st.text(max_size=200))
def test_any_keepalived_conf_has_an_answer(text: str) -> None:
    answered(text, Format.KEEPALIVED)


@settings(max_examples=200, deadline=None)
@given(virtual_servers())
def test_any_virtual_server_has_an_answer(text: str) -> None:
    answered(text, Format.KEEPALIVED)


@settings(max_examples=200, deadline=None)
@given(soup(LDIRECTORD) | st.text(max_size=200))
def test_any_ldirectord_cf_has_an_answer(text: str) -> None:
    answered(text, Format.LDIRECTORD)
