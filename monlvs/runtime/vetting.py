"""Looks at failures before they are believed: was it our own end that was disconnected?"""

from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address

from monlvs.model.result import Outcome, Reason, Result, Verdict
from monlvs.model.values import Address, Host
from monlvs.model.watch import ServiceKey
from monlvs.mon.fold import fold
from monlvs.wire.links import Links

_DOUBTFUL = frozenset((Reason.TIMED_OUT, Reason.UNREACHABLE, Reason.EXITED))
"""What a host that is well may look like through a cable that is out."""


class Vetting:
    """Makes a failure that was seen through a dead device inconclusive."""

    def __init__(
        self,
        hosts: Callable[[ServiceKey], tuple[Host, ...]],
        links: Links | None = None,
    ) -> None:
        """`hosts` tells whom a result without outcomes is about."""
        self._hosts = hosts
        self._links = links or Links()
        self._known: set[ServiceKey] = set()
        """Services whose hosts' devices have been learned."""

    def __call__(self, key: ServiceKey, result: Result) -> Result:
        """Return what is to be believed of a result."""
        if result.verdict is Verdict.DOWN:
            return self._doubt(key, result)
        if key not in self._known and result.verdict is Verdict.UP:
            self._known.add(key)
            for host in self._hosts(key):
                address = _address(host)
                if address is not None and address not in self._links:
                    self._links.learn(address)
        return result

    def _doubt(self, key: ServiceKey, result: Result) -> Result:
        if not result.outcomes:
            return self._doubt_all(key, result)
        outcomes = [(host, self._vet(host, each)) for host, each in result.outcomes]
        if all(new is old for (_, new), (_, old) in zip(outcomes, result.outcomes)):  # noqa: B905  made from it
            return result
        return fold(outcomes, duration=result.duration)

    def _doubt_all(self, key: ServiceKey, result: Result) -> Result:
        """A failure of the whole group counts unless nobody could be reached."""
        hosts = self._hosts(key)
        faults = [self._fault(host) for host in hosts]
        if result.reason not in _DOUBTFUL or not hosts or not all(faults):
            return result
        return replace(
            result,
            verdict=Verdict.INCONCLUSIVE,
            reason=Reason.NO_NETWORK,
            output=f"{faults[0]}\n{result.output}",
        )

    def _vet(self, host: Host, outcome: Outcome) -> Outcome:
        if outcome.verdict is not Verdict.DOWN or outcome.reason not in _DOUBTFUL:
            return outcome
        fault = self._fault(host)
        if fault is None:
            return outcome
        return replace(
            outcome,
            verdict=Verdict.INCONCLUSIVE,
            reason=Reason.NO_NETWORK,
            detail=fault,
        )

    def _fault(self, host: Host) -> str | None:
        address = _address(host)
        return None if address is None else self._links.fault(address)


def _address(host: Host) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
