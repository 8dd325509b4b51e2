"""Why a change is made: what a decision says of it, beside the passes before."""

from collections.abc import Set
from dataclasses import dataclass, field, replace

from monlvs.director.changes import Cause, Item, Why
from monlvs.director.plan import Causes, alike
from monlvs.model.lvs import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanations:
    """What a plan asks for the cause of each change."""

    causes: Causes
    """What the decision says."""
    desired: Table
    settled: Table | None
    """The table as the pass before wanted it; None: this is the first."""
    refused: Set[Item]
    """What the kernel refused before."""
    operator: Cause | None
    """Why an operator asked for this pass."""
    _restated: dict[tuple[int, Why], Cause] = field(default_factory=dict)
    """Causes by the identity of what they restate: a storm has one for thousands."""

    def get(self, item: Item, usual: Cause, /) -> Cause:
        """Say why `item` changes; `usual`, where the decision does not say it."""
        cause = self.causes.get(item, usual)
        if self.refused and item in self.refused:
            return self._as(Why.RETRY, cause)
        if self.settled is None:
            return self._as(Why.ADOPT, cause) if cause.why is Why.CONFIG else cause
        if alike(self.settled, self.desired, item):
            return self._as(Why.DRIFT, cause)
        if self.operator is not None:
            return replace(cause, why=self.operator.why, text=self.operator.text)
        return cause

    def _as(self, why: Why, cause: Cause) -> Cause:
        known = self._restated.get((id(cause), why))
        if known is None:
            known = self._restated[id(cause), why] = replace(cause, why=why)
        return known
