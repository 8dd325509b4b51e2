"""An LVS installed on its director, and taken away: the machine, its table, its VIPs.

Rule: one order for what is planned, told, agreed upon and done: what the table stands
on, the table, what stands on it.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from monlvs.director.changes import Change
from monlvs.director.machine.events import Act
from monlvs.director.machine.state import Plan
from monlvs.director.proposal import Outcome, PlanChangedError, digest, to_plain
from monlvs.model.config import Config
from monlvs.runtime.upkeep import Upkeep

Plain: TypeAlias = dict[str, Any]
First: TypeAlias = Callable[[], Awaitable[None]]
ChangeTable: TypeAlias = Callable[[str | None, First], Awaitable[Outcome]]
"""Makes the table, awaiting its second argument before the first change.

PlanChangedError, and nothing done, where its first is the digest of other changes.
"""

IPVSADM = "ipvsadm "


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """A plan that somebody has seen, summed up."""

    machine: str
    table: str

    @classmethod
    def of(cls, lines: Iterable[str]) -> "Agreed":
        """Sum up the command lines of a plan, in their order."""
        told = list(lines)
        table = [each for each in told if each.startswith(IPVSADM)]
        return cls(
            machine=digest(each for each in told if not each.startswith(IPVSADM)),
            table=digest(each.removeprefix(IPVSADM) for each in table),
        )

    @classmethod
    def from_plain(cls, data: object) -> "Agreed | None":
        """Undo `dataclasses.asdict`; None for anything else."""
        match data:
            case {"machine": str(machine), "table": str(table)}:
                return cls(machine=machine, table=table)
            case _:
                return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """What became of a plan."""

    changes: list[Plain]
    """Those that were made, in their order."""
    refusals: list[str]


def told(machine: Plan, changes: Iterable[Change], upkeep: Upkeep) -> list[Plain]:
    """Tell a plan as dicts and strings, each change with its cause."""
    return [
        *acts_to_plain(upkeep.acts(machine.before)),
        *to_plain(changes),
        *acts_to_plain(upkeep.acts(machine.after)),
    ]


async def install(
    upkeep: Upkeep,
    config: Config,
    planned: Plan,
    change_table: ChangeTable,
    *,
    agreed: Agreed | None = None,
) -> Installed:
    """Carry out the machine's plan and make the table; `upkeep.turn` is held.

    What is refused stops nothing else. Raises PlanChangedError, and nothing is done,
    where something else was `agreed` upon; what `change_table` raises; OSError where
    what is done cannot be remembered.
    """
    steps = upkeep.acts(planned.steps)
    if agreed is not None and digest(a.command for a in steps) != agreed.machine:
        raise PlanChangedError
    made: list[Plain] = []
    refusals: list[str] = list(planned.obstacles)

    async def carry_out(steps: Sequence[Any]) -> None:
        acts, refused = await upkeep.carry_out(steps, config)
        made.extend(acts_to_plain(acts))
        refusals.extend(map(str, refused))

    async def first() -> None:
        await carry_out(planned.before)

    outcome = await change_table(None if agreed is None else agreed.table, first)
    made.extend(to_plain(outcome.changes))
    refusals.extend(map(str, outcome.refusals))
    await carry_out(planned.after)
    return Installed(changes=made, refusals=refusals)


def acts_to_plain(acts: Iterable[Act]) -> list[Plain]:
    return [{"machine": act.command, "cause": act.why} for act in acts]
