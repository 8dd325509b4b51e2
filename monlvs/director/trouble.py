"""What the kernel refused, when, and when it is tried again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

from monlvs.director.changes import Item
from monlvs.director.table import Refusal

_FIRST_WAIT: Final = 0.25
_LONGEST_WAIT: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A refused change; times are seconds of the monotonic clock."""

    refusal: Refusal
    since: float
    last: float
    tries: int = 1

    @property
    def again_at(self) -> float:
        """When it is tried again, if no reading of the table does so before."""
        # 2 ** 10 * 0.25 s is past the longest wait: no need to count further.
        wait = _FIRST_WAIT * 2.0 ** min(self.tries - 1, 10)
        return self.last + min(wait, _LONGEST_WAIT)


Troubles: TypeAlias = Mapping[Item, Trouble]


def renewed(troubles: Troubles, refusals: Iterable[Refusal], *, now: float) -> Troubles:
    """Say what is in trouble after a pass that met `refusals`; all others are over."""
    found: dict[Item, Trouble] = {}
    for refusal in refusals:
        item = refusal.change.item
        before = troubles.get(item)
        found[item] = Trouble(
            refusal=refusal,
            since=now if before is None else before.since,
            last=now,
            tries=1 if before is None else before.tries + 1,
        )
    return MappingProxyType(found)


def next_try(troubles: Troubles) -> float | None:
    """Say when the first of `troubles` is tried again; None without any."""
    return min((trouble.again_at for trouble in troubles.values()), default=None)
