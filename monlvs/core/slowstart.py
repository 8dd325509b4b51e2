"""The weights of a pool whose servers may stand with a part of their weight.

Rule 1: the weights of one virtual service are multiplied by one number, so that their
ratio is as configured and a weight of 1 can still be divided.
Rule 2: a ramp moves in steps, never down; each step is one change of the table.
"""

from collections.abc import Iterable
from datetime import timedelta
from math import floor
from typing import Final

from monlvs.model.result import Advice, AdviceKind

FINEST: Final = 100
"""What weights are multiplied by where the products fit."""
UNSCALABLE: Final = frozenset(("rr", "lc", "sh", "mh", "dh", "fo", "ovf"))
"""Schedulers to which a weight is not a share: nothing, a place in a hash, a rank, or a
number of connections."""
LARGEST: Final = 65_535
"""The largest weight that ipvsadm(8) takes."""
LEAST: Final = 0.1
"""Part of its weight with which a server begins."""
_STEPS: Final = 20
_SHORTEST: Final = 1.0
"""Seconds that a step lasts at least."""


def scale_for(weights: Iterable[int]) -> int:
    """Return what all `weights` can be multiplied by."""
    largest = max(weights, default=1)
    return max(min(FINEST, LARGEST // max(largest, 1)), 1)


def part(elapsed: float, window: timedelta) -> float:
    """Return the part of its weight that a server has so many seconds after it came in."""
    whole = window.total_seconds()
    if elapsed >= whole:
        return 1.0
    step = _step(whole)
    return max(floor(max(elapsed, 0.0) / step) * step / whole, LEAST)


def next_step(elapsed: float, window: timedelta) -> float:
    """Return the seconds until `part` grows."""
    whole = window.total_seconds()
    step = _step(whole)
    return min((floor(elapsed / step) + 1) * step, whole) - elapsed


def _step(whole: float) -> float:
    return max(whole / _STEPS, _SHORTEST)


def share(weight: int, scale: int, part: float, advice: Advice | None) -> int:
    """Return the weight to stand with; 0 only where the weight or the advice is none."""
    whole = float(weight * scale)
    match advice:
        case Advice(kind=AdviceKind.PERCENT, amount=percent):
            whole = whole * percent / 100
        case Advice(kind=AdviceKind.WEIGHT, amount=stated):
            whole = float(min(stated * scale, LARGEST))
        case _:
            pass
    if not whole:
        return 0
    return min(max(round(whole * part), 1), LARGEST)
