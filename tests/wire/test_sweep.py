"""Rosters and what comes of a sweep, without a network."""

from ipaddress import ip_address
from socket import AF_INET, AF_INET6

from hypothesis import given
from hypothesis import strategies as st

from monlvs.model.result import Outcome, Reason, Verdict
from monlvs.model.values import Address
from monlvs.wire.exchange import Echo
from monlvs.wire.finding import Finding
from monlvs.wire.sockname import sockname
from monlvs.wire.sweep import Part, Roster, Round, Sweep

A, B, SIX = ip_address("192.0.2.1"), ip_address("192.0.2.2"), ip_address("fe80::1%lo")
C = ip_address("192.0.2.3")
SILENT = Finding(Reason.TIMED_OUT, "silent")


class Watcher:
    """A sweep, with what it has told of its parts."""

    def __init__(self, *parts: tuple[Address, ...], echo: Echo | None = None) -> None:
        self.ended = 0
        self.told: dict[int, list[Outcome]] = {}
        self.sweep = Sweep(int(AF_INET), echo or Echo(), self._end)
        self.parts = [self._add(at, hosts) for at, hosts in enumerate(parts)]

    def _add(self, at: int, hosts: tuple[Address, ...]) -> Part:
        [family] = Roster(hosts).families
        return self.sweep.add(family, lambda found: self.told.update({at: found}))

    def _end(self) -> None:
        self.ended += 1

    def reasons(self) -> dict[int, list[Reason]]:
        return {at: [o.reason for o in found] for at, found in self.told.items()}


def test_a_roster_has_each_address_once_and_in_order() -> None:
    roster = Roster([B, SIX, A, B])

    assert roster.addresses == (B, SIX, A)
    assert [family.number for family in roster.families] == [AF_INET, AF_INET6]
    assert [family.positions for family in roster.families] == [(0, 2), (1,)]
    assert roster.families[0].names == sockname(B) + sockname(A)
    assert roster.families[0].places == {B.packed: 0, A.packed: 1}


def test_a_link_local_sender_is_known_without_its_zone() -> None:
    [family] = Roster([SIX]).families

    assert family.places == {ip_address("fe80::1").packed: 0}
    assert family.zones == ((0, "lo"),)


def test_hosts_that_differ_in_their_zones_alone_are_told_apart_by_their_sweeps() -> (
    None
):
    other = ip_address("fe80::1%eth0")
    first, second = Roster([SIX, other, ip_address("::1")]).families

    assert (first.positions, second.positions) == ((0, 2), (1,))


def test_a_silent_host_gets_what_went_wrong_or_else_what_silence_means() -> None:
    it = Watcher((A, B, C), echo=Echo(timeout=2))
    it.sweep.hear(0, 1_500_999)
    Round(it.sweep, b"", it.sweep.names).refused(B.packed, "time exceeded")
    it.sweep.end(Finding(Reason.LATE, "late"))
    up, refused, silent = it.told[0]

    assert (up.verdict, up.seconds) == (Verdict.UP, 0.0015)
    assert (refused.reason, refused.detail) == (Reason.UNREACHABLE, "time exceeded")
    assert (silent.verdict, silent.seconds) == (Verdict.INCONCLUSIVE, 2)


def test_the_last_reply_ends_a_part_and_the_last_part_the_sweep() -> None:
    it = Watcher((A, B), (C,))
    it.sweep.hear(2, 1000)

    assert it.reasons() == {1: [Reason.OK]}
    assert (it.ended, it.sweep.over) == (0, False)
    it.sweep.hear(1, 1000)
    it.sweep.hear(0, 1000)
    assert it.reasons() == {1: [Reason.OK], 0: [Reason.OK, Reason.OK]}
    assert (it.ended, it.sweep.over) == (1, True)


def test_a_part_that_is_cut_short_is_told_of_once_and_asked_no_more() -> None:
    it = Watcher((A, B), (C,))
    it.sweep.hear(0, 1000)
    it.parts[0].end(Finding(Reason.STOPPED, ""))

    assert list(Round(it.sweep, b"", it.sweep.names).todo) == [2]
    it.sweep.end(SILENT)
    assert it.reasons() == {0: [Reason.OK, Reason.STOPPED], 1: [Reason.TIMED_OUT]}
    assert it.ended == 1


def test_a_later_round_is_only_for_those_that_are_silent() -> None:
    it = Watcher((A, B, C))
    it.sweep.hear(1, 1000)
    again = Round(it.sweep, b"", it.sweep.names)

    assert again.next(10) == ([0, 2], sockname(A) + sockname(C))


def test_a_reply_that_seems_to_come_first_took_next_to_nothing() -> None:
    it = Watcher((A, B, C))
    for place, nanos in enumerate((-40_000, 0, -7_200 * 10**9)):
        it.sweep.hear(place, nanos)

    # The last is a step of the clock: nothing is known.
    assert [o.seconds for o in it.told[0]] == [1e-6, 1e-6, 0.0]


@given(
    slots=st.lists(st.integers(1, 5), min_size=1, max_size=12),
    heard=st.sets(st.integers(0, 7)),
)
def test_everybody_has_one_turn_whatever_the_kernel_takes_at_a_time(
    slots: list[int], heard: set[int]
) -> None:
    hosts = tuple(ip_address(f"192.0.2.{n}") for n in range(1, 9))
    it = Watcher(hosts)
    for place in heard:
        it.sweep.hear(place, 1000)
    asked = Round(it.sweep, b"", it.sweep.names)
    sent, began = b"", 1
    for most in [*slots, *[8] * 8]:
        if asked.is_done:
            break
        places, names = asked.next(most)
        assert len(names) == len(places) * 16
        taken = places[: most // 2 + 1]
        asked.left(taken, began, began + 100)
        sent += names[: len(taken) * 16]
        began += 100

    silent = [place for place in range(8) if place not in heard]
    assert sent == b"".join(sockname(hosts[place]) for place in silent)
    times = [asked.sent[place] for place in silent]
    assert times == sorted(set(times))
    assert all(not asked.sent[place] for place in heard)


def test_a_request_that_leaves_wipes_out_what_went_wrong_with_the_one_before() -> None:
    it = Watcher((A, B))
    first = Round(it.sweep, b"", it.sweep.names)
    first.failed(Finding(Reason.NO_MEMORY, ""))
    first.left(first.next(5)[0], 1, 2)
    again = Round(it.sweep, b"", it.sweep.names)

    assert (first.sent[0], list(it.sweep.faults)) == (0, [0])
    again.left(again.next(5)[0], 3, 4)
    assert not it.sweep.faults
