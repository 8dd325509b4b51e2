"""When monlvs's own monitors and alerts run for mon's programs, and with which options."""

import logging
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from monlvs.alerts.external import External as ExternalAlert
from monlvs.alerts.file import File
from monlvs.alerts.log import Log
from monlvs.alerts.mail import Mail
from monlvs.alerts.trap import Trap
from monlvs.config import stock
from monlvs.monitors.dns import Dns
from monlvs.monitors.external import External
from monlvs.monitors.fping import Fping
from monlvs.monitors.ftp import Ftp
from monlvs.monitors.http import Http
from monlvs.monitors.imap import Imap
from monlvs.monitors.nntp import Nntp
from monlvs.monitors.pop3 import Pop3
from monlvs.monitors.smtp import Smtp
from monlvs.monitors.tcp import Tcp
from monlvs.monitors.telnet import Telnet
from tests.config.moncfs import Site

STOCK = Path("/usr/lib/mon/mon.d/tcp.monitor")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


MONITORS = {
    "fping.monitor": Fping(retries=3, interval=timedelta(seconds=2)),
    "fping.monitor -r 5 -t 500": Fping(retries=5, interval=timedelta(milliseconds=500)),
    "ping.monitor": Fping(retries=0),
    "ping.monitor -c 3": Fping(retries=2),
    "tcp.monitor": Tcp(port=23),
    "tcp.monitor -p 1935 -t 5": Tcp(port=1935),
    "telnet.monitor": Telnet(prompt="(?i)ogin:"),
    "telnet.monitor -p 80 -l //": Telnet(port=80, prompt=""),
    "telnet.monitor -l '/^Name:/i'": Telnet(prompt="(?i)^Name:"),
    "telnet.monitor -l /x/": Telnet(prompt="x"),
    "http.monitor": Http(port=80, user_agent="mon.d/http.monitor"),
    "http.monitor -p 8080 -u /a?b -a me -o -m 'Wel.ome'": Http(
        port=8080, path="/a?b", user_agent="me", body="Wel.ome", whole_reply=True
    ),
    "smtp.monitor -p smtp": Smtp(),
    "smtp.monitor -p 2525": Smtp(port=2525),
    "pop3.monitor": Pop3(),
    "imap.monitor -t 3": Imap(),
    "nntp.monitor": Nntp(),
    "nntp.monitor -f -p 1119": Nntp(port=1119, feeder=True),
    "nntp.monitor -g misc.test -u joe -a secret": Nntp(
        group="misc.test", username="joe", password="secret"
    ),
    "ftp.monitor": Ftp(),
    "dns.monitor -zone a.org --zone=b.org -master 10.1.1.9 -serial_threshold 2 -tcp": Dns(
        zone=("a.org", "b.org"),
        masters=("10.1.1.9",),
        masters_needed=True,
        serial_threshold=2,
        tcp=True,
    ),
    "dns.monitor -caching_only -query a.org -query a.org:MX -retry 3": Dns(
        query=("a.org", "a.org:MX"), retries=2
    ),
}


@pytest.mark.parametrize("words", MONITORS)
def test_a_monitor_that_is_absent_is_ours(site: Site, words: str) -> None:
    assert site.monitor(words) == MONITORS[words]
    assert site.problems == ()


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("tcp.monitor", 10),
        ("tcp.monitor -t 5", 5),
        ("http.monitor", 30),
        ("ping.monitor", 180),
        ("dns.monitor -caching_only -query a.org", 15),
        ("dns.monitor -caching_only -query a.org -retransmit 2", 6),
        ("dns.monitor -zone a.org -master 10.1.1.9 -timeout 4", 8),
    ],
)
def test_a_host_has_the_time_that_the_program_gives(
    site: Site, words: str, seconds: int
) -> None:
    service = site.service(f"    interval 1m\n    monitor {words}\n")

    assert service.timeout == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("fping.monitor -a", "option -a not recognized"),
        ("fping.monitor -t soon", "-t: expected a number"),
        ("ping.monitor -6", "option -6 not recognized"),
        ("tcp.monitor -p", "option -p requires argument"),
        ("tcp.monitor -p no-such-port", "-p: expected a port"),
        ("tcp.monitor 10.1.1.9", "expected options, not '10.1.1.9'"),
        ("telnet.monitor -l login", "-l: expected /…/ or /…/i"),
        ("telnet.monitor -l '/(/'", "prompt: expected a regular expression"),
        ("http.monitor -u http://elsewhere/", "path: expected a path"),
        ("imap.monitor -m INBOX", "option -m not recognized"),
        ("smtp.monitor ;;", "it is given no hosts"),
        ("dns.monitor -zone a.org", "expected -master with -zone"),
        ("dns.monitor -master 10.1.1.9", "expected -zone and -master, or"),
        ("dns.monitor -caching_only -query a -zone b", "expected -zone and -master, or"),
        ("dns.monitor -caching_only -query a:A:b", "-query: expected NAME or NAME:TYPE"),
        ("dns.monitor -caching_only -query a..b", "query: expected a domain name"),
        ("dns.monitor -zone a -master ns1", "masters: expected an IPv4 or IPv6"),
        ("dns.monitor -zone a -master", "option -master requires argument"),
        ("dns.monitor -zone a -failsingle", "option -failsingle not recognized"),
        ("dns.monitor -zone a -master 10.1.1.9 -retry 0", "-retry: expected 1 to 10"),
        ("dns.monitor -zone a -master 10.1.1.9 -timeout x", "-timeout: expected a number"),
    ],
)  # fmt: skip
def test_an_argument_that_is_not_understood_leaves_it_to_the_program(
    site: Site, words: str, why: str
) -> None:
    assert site.monitor(words) is None
    (problem,) = site.problems
    assert f"and monlvs's own does not take these arguments: {why}" in problem


@pytest.mark.parametrize("words", MONITORS)
def test_a_stock_program_is_ours_and_runs_with_arguments_that_are_strange(
    site: Site, words: str
) -> None:
    name = words.split()[0]
    shutil.copy(STOCK.with_name(name), site.program(name))

    assert site.monitor(words) == MONITORS[words]
    strange = site.monitor(f"{name} -Z")
    assert isinstance(strange, External)
    assert strange.args == ("-Z",)


def test_a_program_that_the_site_has_edited_runs_itself(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    path = site.program("http.monitor", "#!/bin/sh\n# our own\n")
    caplog.set_level(logging.INFO, "monlvs.config")

    assert site.monitor("http.monitor -p 8080") == External(
        command=path, args=("-p", "8080")
    )
    assert caplog.messages == [
        "http.monitor: runs itself: it is no stock version (1 line)"
    ]


def test_native_no_turns_everything_off(site: Site) -> None:
    config = site.read(
        "native = no\nwatch web\n  service s\n    monitor tcp.monitor\n    period\n"
        "      alert mail.alert root\n      alert lvs.alert -V 10.0.0.1:80 -R 10.1.1.2\n"
    )

    assert config is not None
    assert config.guards == ()
    assert [p.split(": ")[1].split()[0] for p in site.problems if "not found" in p] == [
        "tcp.monitor", "mail.alert", "lvs.alert",
    ]  # fmt: skip


def test_the_log_tells_what_was_taken_and_why(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "monlvs.config")
    site.service(
        "    monitor tcp.monitor\n    period\n      alert mail.alert a\n"
        "      upalert mail.alert a\n"
    )

    assert caplog.messages == [
        "tcp.monitor: monlvs's own runs, absent (1 line)",
        "mail.alert: monlvs's own runs, absent (2 lines)",
    ]


def test_alerts_that_are_absent_are_ours(site: Site) -> None:
    log = str(site.root / "log")

    assert site.alert("mail.alert -S down -f ops root a@b.example,c") == Mail(
        to=("root", "a@b.example", "c"), subject="down", sender="ops"
    )
    assert site.alert("test.alert x 'y z'") == Log(
        file="/var/log/mon/test.alert.log", args=("x", "y z")
    )
    assert site.alert("file.alert records") == File(file=f"{log}/records")
    assert site.alert("file.alert -d /tmp records") == File(file="/tmp/records")
    assert site.alert("trap.alert -U joe -P secret -o 6 mon2 10.0.0.9") == Trap(
        to=("mon2", "10.0.0.9"), username="joe", password="secret", opstatus=6
    )
    assert site.problems == ()


@pytest.mark.parametrize(
    "words",
    ["mail.alert", "mail.alert 'a b'", "file.alert", "file.alert a b", "trap.alert",
     "trap.alert -T 3 mon2", "mail.alert -x root"],
)  # fmt: skip
def test_alerts_with_strange_arguments_run_themselves(site: Site, words: str) -> None:
    assert site.alert(words) is None
    assert "does not take these arguments" in site.problems[0]
    if STOCK.exists():
        name = words.split()[0]
        stocked = STOCK.parent.parent / "alert.d" / name
        shutil.copy(stocked, site.program(name))
        assert isinstance(site.alert(words), ExternalAlert)


def test_the_digests_are_those_of_the_packages() -> None:
    root = STOCK.parent.parent
    kinds = [
        "fping",
        "ping",
        "tcp",
        "telnet",
        "http",
        "smtp",
        "pop3",
        "imap",
        "nntp",
        "ftp",
        "dns",
    ]
    found = {stock.version(str(root / "mon.d" / f"{name}.monitor")) for name in kinds}
    alerts = ["mail", "test", "file", "trap"]
    found |= {stock.version(str(root / "alert.d" / f"{name}.alert")) for name in alerts}

    assert found == {"mon 1.3.6-4"}
    assert stock.version(str(root / "alert.d" / "qpage.alert")) is None
