"""Failures that a dead device of our own explains are not believed."""

from ipaddress import ip_address

import pytest

from monlvs.model.result import Outcome, Reason, Result, Verdict
from monlvs.model.values import Address
from monlvs.model.watch import ServiceKey
from monlvs.mon.fold import fold
from monlvs.runtime.vetting import Vetting
from monlvs.wire.links import Links

KEY = ServiceKey("web", "http")
DEAD = "the own device eth1 is down"


class Cables(Links):
    """Ways to hosts that are cut as one likes."""

    def __init__(self) -> None:
        super().__init__()
        self.cut: set[Address] = set()

    def fault(self, address: Address) -> str | None:
        return DEAD if address in self.cut else super().fault(address)


class Desk:
    """Results as they come out of a vetting of two hosts, the first one cut off."""

    def __init__(self, *cut: str) -> None:
        self.links = Cables()
        self.links.cut = {ip_address(host) for host in cut}
        self.vet = Vetting(lambda _: ("127.0.0.1", "127.0.0.2"), self.links)

    def of(self, result: Result) -> Result:
        return self.vet(KEY, result)


def down(reason: Reason, verdict: Verdict = Verdict.DOWN) -> Outcome:
    return Outcome(verdict=verdict, reason=reason)


def result(one: Reason, other: Reason) -> Result:
    return fold([("127.0.0.1", down(one)), ("127.0.0.2", down(other))])


def test_silence_through_a_dead_device_says_nothing() -> None:
    found = Desk("127.0.0.1", "127.0.0.2").of(
        result(Reason.TIMED_OUT, Reason.UNREACHABLE)
    )
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIVE, Reason.NO_NETWORK)
    assert {each.detail for _, each in found.outcomes} == {DEAD}


def test_another_host_may_be_down_all_the_same() -> None:
    found = Desk("127.0.0.1").of(result(Reason.TIMED_OUT, Reason.TIMED_OUT))
    verdicts = [each.verdict for _, each in found.outcomes]
    assert verdicts == [Verdict.INCONCLUSIVE, Verdict.DOWN]
    assert found.verdict is Verdict.DOWN
    assert found.summary == "127.0.0.2"


def test_who_answers_was_reached() -> None:
    refused = result(Reason.REFUSED, Reason.RESET)
    assert Desk("127.0.0.1", "127.0.0.2").of(refused) is refused


def test_with_cables_in_a_failure_is_one() -> None:
    silent = result(Reason.TIMED_OUT, Reason.TIMED_OUT)
    assert Desk().of(silent) is silent


@pytest.mark.parametrize(
    ("cut", "verdict"),
    [
        ((), Verdict.DOWN),
        (("127.0.0.1",), Verdict.DOWN),
        (("127.0.0.1", "127.0.0.2"), Verdict.INCONCLUSIVE),
    ],
)
def test_a_programs_word_for_all_counts_unless_nobody_could_be_reached(
    cut: tuple[str, ...], verdict: Verdict
) -> None:
    failed = Result(verdict=Verdict.DOWN, reason=Reason.EXITED, exit=1, output="all\n")
    assert Desk(*cut).of(failed).verdict is verdict


def test_the_way_is_learned_at_the_first_success() -> None:
    desk = Desk()
    fine = fold([("127.0.0.1", down(Reason.OK, Verdict.UP))])
    assert desk.of(fine) is fine
    assert ip_address("127.0.0.1") in desk.links
