"""Rosters and what comes of a sweep, without a network."""

from ipaddress import ip_address
from socket import AF_INET, AF_INET6

from monlvs.model.result import Reason, Verdict
from monlvs.wire.exchange import Echo
from monlvs.wire.finding import Finding
from monlvs.wire.sweep import Roster, Round, Sweep

A, B, SIX = ip_address("192.0.2.1"), ip_address("192.0.2.2"), ip_address("fe80::1%lo")


def test_a_roster_has_each_address_once_and_in_order() -> None:
    roster = Roster([B, SIX, A, B])

    assert roster.addresses == (B, SIX, A)
    assert [family.number for family in roster.families] == [AF_INET, AF_INET6]
    assert [family.positions for family in roster.families] == [(0, 2), (1,)]
    assert roster.families[0].endpoints == (("192.0.2.2", 0), ("192.0.2.1", 0))


def test_a_link_local_sender_is_known_without_its_zone() -> None:
    [family] = Roster([SIX]).families

    assert family.places == {"fe80::1": 0}
    assert family.endpoints == (("fe80::1%lo", 0),)


def test_a_silent_host_gets_what_went_wrong_or_else_what_silence_means() -> None:
    [family] = Roster([A, B, ip_address("192.0.2.3")]).families
    sweep = Sweep(family, Echo(timeout=2))
    sweep.micros[0] = 1500
    Round(sweep, b"").refused("192.0.2.2", "time exceeded")
    up, refused, silent = sweep.outcomes(Finding(Reason.LATE, "late"))

    assert (up.verdict, up.seconds) == (Verdict.UP, 0.0015)
    assert (refused.reason, refused.detail) == (Reason.UNREACHABLE, "time exceeded")
    assert (silent.verdict, silent.seconds) == (Verdict.INCONCLUSIVE, 2)


def test_a_later_round_is_only_for_those_that_are_silent() -> None:
    [family] = Roster([A, B]).families
    sweep = Sweep(family, Echo())
    sweep.micros[0] = 100

    assert Round(sweep, b"").todo == [1]
