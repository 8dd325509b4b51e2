"""virtualserver lines to guards: every row of the table at the top of `guards`."""

from ipaddress import ip_address
from typing import Any

import pytest

from monlvs.alerts.virtualserver import ForwardingWord, Virtualserver
from monlvs.config.guards import Line, compile_guards
from monlvs.model.guard import Effect, Guard
from monlvs.model.lvs import (
    EntrySpec,
    Family,
    Forwarding,
    Fwmark,
    Listener,
    Protocol,
    RealServer,
    VirtualService,
)
from monlvs.model.watch import ExitRange, ServiceKey

WEB = ServiceKey("web", "http")
VIP = Listener(Protocol.TCP, ip_address("192.168.1.1"), 80)
ONE, TWO = "10.1.1.2", "10.1.1.3"


def alert(period: str = "always", exits: ExitRange | None = None, **said: Any) -> Line:
    declares = Virtualserver(**{"virtual": "192.168.1.1:80"} | said)
    return Line(declares=declares, period=period, path=("alert",), exits=exits)


def upalert(period: str = "always", **said: Any) -> Line:
    declares = Virtualserver(**{"virtual": "192.168.1.1:80"} | said)
    return Line(declares=declares, period=period, path=("upalert",), recovers=True)


def entry(host: str, port: int = 80, **said: Any) -> EntrySpec:
    return EntrySpec(server=RealServer(ip_address(host), port), **said)


def guard(host: str | None = ONE, **said: Any) -> Guard:
    told: dict[str, Any] = {"entry": entry(host or ONE), "period": "always"}
    return Guard(service=WEB, host=host, key=VIP, **told | said)


def test_alert_and_upalert_take_the_entry_out() -> None:
    guards, notices = compile_guards(WEB, [ONE], [alert(real=ONE), upalert(real=ONE)])

    assert list(guards) == [guard(effect=Effect.TAKES_OUT)]
    assert notices == ()


def test_the_upalerts_attributes_win_and_fill_in() -> None:
    lines = [
        alert(real=ONE, weight=1, forwarding=ForwardingWord.DR),
        upalert(real=ONE, weight=5),
    ]
    guards, notices = compile_guards(WEB, [ONE], lines)

    expected = entry(ONE, weight=5, forwarding=Forwarding.ROUTE)
    assert list(guards) == [guard(entry=expected)]
    assert [n.message for n in notices] == [
        "the upalert states another weight, and it counts"
    ]


def test_an_alert_alone_latches() -> None:
    guards, notices = compile_guards(WEB, [ONE], [alert(real=ONE)])

    assert list(guards) == [guard(effect=Effect.LATCHES_OUT)]
    assert "until an operator enables it" in notices[0].message


def test_an_upalert_alone_only_adds() -> None:
    guards, notices = compile_guards(WEB, [ONE], [upalert(real=ONE)])

    assert list(guards) == [guard(effect=Effect.ONLY_ADDS)]
    assert "only ever put in" in notices[0].message


def test_lines_about_different_entries_are_kept_apart_and_warned_about() -> None:
    lines = [alert(real=f"{ONE}:80"), upalert(real=f"{ONE}:81")]
    guards, notices = compile_guards(WEB, [ONE], lines)

    assert list(guards) == [
        guard(effect=Effect.LATCHES_OUT),
        guard(effect=Effect.ONLY_ADDS, entry=entry(ONE, 81)),
    ]
    assert all("about another entry" in n.message and n.warning for n in notices)
    assert len(notices) == 2


def test_the_alerts_period_and_exit_codes_gate_the_guard() -> None:
    lines = [
        alert("night", ExitRange(2, 3), real=ONE),
        upalert("day", real=ONE),
    ]
    guards, _ = compile_guards(WEB, [ONE], lines)

    assert list(guards) == [guard(period="night", exits=ExitRange(2, 3))]


def test_an_entry_taken_out_in_two_periods_has_two_guards() -> None:
    lines = [alert("a", real=ONE), alert("b", real=ONE), upalert("a", real=ONE)]
    guards, _ = compile_guards(WEB, [ONE], lines)

    assert list(guards) == [guard(period="a"), guard(period="b")]


def test_each_host_of_a_group_guards_its_own_entry() -> None:
    guards, notices = compile_guards(WEB, [ONE, TWO], [alert(), upalert()])

    assert list(guards) == [guard(ONE), guard(TWO)]
    assert notices == ()


def test_a_named_host_of_a_larger_group_guards_by_its_own_health() -> None:
    guards, _ = compile_guards(WEB, [ONE, TWO], [alert(real=TWO), upalert(real=TWO)])

    assert list(guards) == [guard(TWO)]


def test_a_stranger_follows_the_groups_state_and_is_warned_about() -> None:
    lines = [alert(real="10.1.1.9"), upalert(real="10.1.1.9")]
    guards, notices = compile_guards(WEB, [ONE], lines)

    assert list(guards) == [guard(None, entry=entry("10.1.1.9"))]
    assert "10.1.1.9 is not a host of the group" in notices[0].message


def test_delete_service_withholds_the_virtual_service() -> None:
    lines = [alert(delete_service=True), upalert(delete_service=True)]
    guards, notices = compile_guards(WEB, [ONE], lines)

    assert list(guards) == [guard(entry=None, effect=Effect.WITHHOLDS)]
    assert notices == ()


def test_delete_service_with_an_upalert_that_builds_and_adds() -> None:
    lines = [alert(delete_service=True), upalert(real=ONE, build=True, scheduler="rr")]
    guards, notices = compile_guards(WEB, [ONE], lines)

    service = VirtualService(key=VIP, scheduler="rr")
    assert list(guards) == [
        guard(entry=None, effect=Effect.WITHHOLDS),
        guard(effect=Effect.ONLY_ADDS, builds=service),
    ]
    assert notices == ()


def test_delete_service_on_an_upalert_alone_does_nothing() -> None:
    guards, notices = compile_guards(WEB, [ONE], [upalert(delete_service=True)])

    assert guards == {}
    assert "does nothing" in notices[0].message


def test_a_backup_stands_in() -> None:
    lines = [alert(real=ONE, backup="10.1.1.9"), upalert(real=ONE, backup="10.1.1.9")]
    guards, _ = compile_guards(WEB, [ONE], lines)

    assert list(guards) == [
        guard(effect=Effect.TAKES_OUT),
        guard(entry=entry("10.1.1.9"), effect=Effect.STANDS_IN),
    ]


def test_build_names_the_service_to_create() -> None:
    lines = [alert(real=ONE), upalert(real=ONE, build=True)]
    guards, _ = compile_guards(WEB, [ONE], lines)

    assert list(guards) == [guard(builds=VirtualService(key=VIP))]


def test_a_firewall_mark_names_the_service_by_the_hosts_family() -> None:
    said: dict[str, Any] = {"virtual": None, "fwmark": 3}
    guards, _ = compile_guards(WEB, ["fd00::2"], [alert(**said), upalert(**said)])

    assert [each.key for each in guards] == [Fwmark(3, Family.IPV6)]


@pytest.mark.parametrize("line", [alert(), upalert()])
def test_a_host_that_is_a_name_cannot_be_an_entry(line: Line) -> None:
    guards, notices = compile_guards(WEB, ["www1"], [line])

    assert guards == {}
    assert not notices[0].warning
    assert "the watched host 'www1' is a name" in notices[0].message


def test_a_guard_knows_the_line_that_declares_it() -> None:
    guards, _ = compile_guards(WEB, [ONE], [alert(real=ONE), upalert(real=ONE)])

    assert list(guards.values()) == [("alert",)]
