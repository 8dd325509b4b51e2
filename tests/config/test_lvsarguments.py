"""The spellings of LVS alerts in mon.cf, and the guards that they become."""

from ipaddress import ip_address
from pathlib import Path

import pytest

from monlvs.alerts.virtualserver import ForwardingWord, Transport, Virtualserver
from monlvs.config.lvsarguments import read
from monlvs.config.native import NotUnderstoodError
from monlvs.model.guard import Effect, Guard
from monlvs.model.lvs import Forwarding, Fwmark, Listener, Protocol, RealServer
from tests.config.moncfs import Site


def declared(words: str, *, recovers: bool = False) -> Virtualserver:
    return read(words.split(), recovers=recovers).alert


@pytest.mark.parametrize(
    ("word", "method"),
    [("g", Forwarding.ROUTE), ("dr", Forwarding.ROUTE), ("i", Forwarding.TUNNEL),
     ("tun", Forwarding.TUNNEL), ("tunnel", Forwarding.TUNNEL), ("m", Forwarding.MASQ),
     ("nat", Forwarding.MASQ), ("masq", Forwarding.MASQ), ("NAT", Forwarding.MASQ)],
)  # fmt: skip
def test_every_word_for_a_forwarding_method(word: str, method: Forwarding) -> None:
    alert = declared(f"-P tcp -V 10.0.0.1:80 -R 10.1.1.2:80 -W 3 -F {word}")
    entry = alert.entry()

    assert entry is not None
    assert (entry.forwarding, entry.weight) == (method, 3)


def test_mons_own_options_mean_nothing() -> None:
    bare = declared("-P udp -V 10.0.0.1:53 -R 10.1.1.2")
    told = declared(
        "-s dns -g web -h 10.1.1.2 -t 123 -l 60 -u -T -O -a -P udp -V 10.0.0.1:53 "
        "-R 10.1.1.2"
    )

    assert (
        told
        == bare
        == Virtualserver(protocol=Transport.UDP, virtual="10.0.0.1:53", real="10.1.1.2")
    )


def test_b_is_a_flag_or_has_an_address() -> None:
    build = declared("-V 10.0.0.1:80 -R 10.1.1.2 -B -S rr")
    last = declared("-V 10.0.0.1:80 -R 10.1.1.2 -B")
    stand_in = declared("-M 3 -R 10.1.1.2 -F dr -B 10.1.1.9")

    assert (build.build, build.scheduler, last.build) == (True, "rr", True)
    assert (stand_in.build, stand_in.backup, stand_in.fwmark) == (False, "10.1.1.9", 3)


def test_letters_may_be_written_together_and_values_attached() -> None:
    assert declared("-Ptcp -V10.0.0.1:80 -R10.1.1.2 -uX") == Virtualserver(
        virtual="10.0.0.1:80", real="10.1.1.2", plain=True
    )


def test_ports_may_have_names() -> None:
    assert declared("-V 10.0.0.1:http -R 10.1.1.2:https").virtual == "10.0.0.1:80"
    assert declared("-P udp -V 10.0.0.1:domain -R 10.1.1.2").virtual == "10.0.0.1:53"
    assert declared("-V [fd00::1]:http -R fd00::2").virtual == "[fd00::1]:80"


def test_ipvs_alert_looks_at_d_only_when_it_takes_out() -> None:
    words = "-P tcp -V 10.0.0.1:80 -R 10.1.1.2:80 -W 1 -F nat -S wlc -B -D"

    assert declared(words) == Virtualserver(
        virtual="10.0.0.1:80", real="10.1.1.2:80", weight=1,
        forwarding=ForwardingWord.NAT, delete_service=True,
    )  # fmt: skip
    assert declared(words, recovers=True).build
    assert not declared(words, recovers=True).delete_service


def test_an_untranslated_port_is_the_virtual_services_as_in_ipvsadm() -> None:
    found = read(
        ["-V", "10.0.0.1:80", "-R", "10.1.1.2:8080", "-F", "dr"], recovers=False
    )
    entry = found.alert.entry()

    assert entry is not None
    assert entry.server == RealServer(ip_address("10.1.1.2"), 80)
    assert "the port of 10.1.1.2:8080 is the virtual service's, 80" in found.notices[0]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("-V 10.0.0.1:80 -R web1", "real: expected ADDRESS"),
        ("-V 10.0.0.1:80 -R 10.1.1.2 -W heavy", "-W: 'heavy' was not expected"),
        ("-V 10.0.0.1:80 -R 10.1.1.2 -F x", "-F: 'x' was not expected"),
        ("-V 10.0.0.1:80 -R 10.1.1.2 -Q", "unknown option -Q"),
        ("-V 10.0.0.1:80 10.1.1.2", "expected an option, not '10.1.1.2'"),
        ("-V 10.0.0.1:80 -R", "-R: expected a value"),
        ("-R 10.1.1.2", "virtual, fwmark: expected one"),
    ],
)
def test_what_is_not_understood_is_told(words: str, why: str) -> None:
    with pytest.raises(NotUnderstoodError) as found:
        declared(words)

    assert why in str(found.value)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def guards(site: Site, hosts: str, lines: str) -> tuple[Guard, ...]:
    config = site.read(
        f"hostgroup web {hosts}\n\nwatch web\n  service s\n    period P:\n{lines}"
    )
    assert config is not None, site.problems
    return config.guards


def pair(words: str, program: str = "lvs.alert") -> str:
    return f"      alert {program} {words}\n      upalert {program} {words}\n"


@pytest.mark.parametrize("program", ["virtualserver.alert", "lvs.alert", "ipvs.alert"])
def test_a_pair_of_lines_is_a_guard_of_the_host(site: Site, program: str) -> None:
    words = "-P tcp -V 10.0.0.1:80 -R 10.1.1.2 -W 1 -F g"
    (guard,) = guards(site, "10.1.1.2", pair(words, program))

    assert site.problems == ()
    assert (guard.host, guard.effect, guard.period) == (
        "10.1.1.2",
        Effect.TAKES_OUT,
        "P",
    )
    assert guard.key == Listener(Protocol.TCP, ip_address("10.0.0.1"), 80)
    assert guard.entry is not None
    assert guard.entry.server == RealServer(ip_address("10.1.1.2"), 80)


def test_in_a_group_of_several_hosts_the_groups_state_decides(site: Site) -> None:
    words = "-M 3 -R 10.1.1.2 -F dr"
    (guard,) = guards(site, "10.1.1.2 10.1.1.3", pair(words))

    assert guard.host is None
    assert guard.key == Fwmark(3)
    assert site.problems == ()


def test_a_server_that_is_not_watched_is_warned_about(site: Site) -> None:
    (guard,) = guards(site, "10.1.1.2", pair("-M 3 -R 10.9.9.9 -F dr"))

    assert guard.host is None
    assert all("10.9.9.9 is not a host of the group" in p for p in site.problems)
    assert [p.split(":")[0] for p in site.problems] == ["11", "12"]


def test_a_backup_stands_in(site: Site) -> None:
    found = guards(site, "10.1.1.2", pair("-M 3 -R 10.1.1.2 -F dr -B 10.1.1.9"))

    assert [guard.effect for guard in found] == [Effect.TAKES_OUT, Effect.STANDS_IN]


def test_a_host_that_is_a_name_guards_nothing_without_r(site: Site) -> None:
    assert guards(site, "web1", pair("-V 10.0.0.1:80")) == ()
    assert all("this line counts for nothing" in p for p in site.problems)
    assert len(site.problems) == 2


def test_lines_that_change_nothing_are_warned_about(site: Site) -> None:
    words = "lvs.alert -V 10.0.0.1:80 -R 10.1.1.2"
    lines = f"      startupalert {words}\n"

    assert guards(site, "10.1.1.2", lines) == ()
    assert site.problems == ("11: lvs.alert changes nothing as startupalert",)


def test_a_script_of_the_site_runs_itself(site: Site) -> None:
    site.program("lvs.alert")

    assert guards(site, "10.1.1.2", pair("-V 10.0.0.1:80 -R 10.1.1.2")) == ()


def test_without_guards_the_table_is_left_alone(site: Site) -> None:
    none = site.read("watch web\n  service s\n")
    some = site.read(
        "watch web\n  service s\n    period\n" + pair("-V 10.0.0.1:80 -R 10.1.1.2")
    )

    assert none is not None
    assert some is not None
    assert (none.settings.table, some.settings.table) == ("memory", "auto")
