"""Folds the answers of a service's hosts into one result, told as mon's monitors tell it.

The verdicts, by what was found among the hosts:

    any DOWN                        DOWN           line 1: the hosts that are down
    no DOWN, no UP, INCONCLUSIVE    INCONCLUSIVE   line 1: the hosts not checked
    no DOWN, at least one UP        UP             line 1 is blank; what it means that
                                                   others were not checked, `core.service`
                                                   knows: it remembers who was failing
    no hosts at all                 UP

A line for each host that is not up follows, so that the text differs exactly when the
findings do (mon(8), "alertevery"): no time or count is added here.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from monlvs.model.result import Outcome, Reason, Result, Verdict
from monlvs.model.values import Host

_EXITS = {
    Verdict.UP: 0,
    Verdict.DOWN: 1,
    Verdict.INCONCLUSIVE: 2,  # as fping.monitor, when it could not check
}

_WORDS = {
    Reason.REFUSED: "connection refused",
    Reason.UNREACHABLE: "cannot be reached",
    Reason.TIMED_OUT: "no answer in time",
    Reason.RESET: "connection reset",
    Reason.CLOSED_EARLY: "connection closed before the answer",
}


def fold(
    outcomes: Sequence[tuple[Host, Outcome]], *, duration: timedelta = timedelta(0)
) -> Result:
    """Make one result of what was found at each host, in the group's order."""
    verdict = _verdict({outcome.verdict for _, outcome in outcomes})
    counted = [(host, o) for host, o in outcomes if o.verdict is verdict]
    troubled = verdict is not Verdict.UP
    return Result(
        verdict=verdict,
        reason=counted[0][1].reason if troubled else Reason.OK,
        exit=_EXITS[verdict],
        output=_output([host for host, _ in counted] if troubled else [], outcomes),
        outcomes=tuple(outcomes),
        duration=duration,
    )


def describe(outcome: Outcome) -> str:
    """Say in plain words what was found at a host."""
    words = _WORDS.get(outcome.reason, outcome.reason.value)
    if outcome.verdict is Verdict.INCONCLUSIVE:
        words = f"not checked: {words}"
    # Often the detail is the kernel's own word for the same.
    said = not outcome.detail or outcome.detail.casefold() in words.casefold()
    return words if said else f"{words} ({outcome.detail})"


def _verdict(found: set[Verdict]) -> Verdict:
    if Verdict.DOWN in found:
        return Verdict.DOWN
    if found == {Verdict.INCONCLUSIVE}:
        return Verdict.INCONCLUSIVE
    return Verdict.UP


def _output(named: Iterable[Host], outcomes: Iterable[tuple[Host, Outcome]]) -> str:
    troubled = {
        f"{host}: {describe(outcome)}"
        for host, outcome in outcomes
        if outcome.verdict is not Verdict.UP
    }
    if not troubled:
        return ""
    summary = " ".join(sorted(set(named)))
    return "".join(f"{line}\n" for line in (summary, *sorted(troubled)))
