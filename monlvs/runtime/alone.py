"""Installs an LVS on its director, and clears it, where no daemon runs."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

from monlvs.director.machine.state import Plan
from monlvs.director.proposal import Outcome, PlanChangedError
from monlvs.director.table import LiveTable
from monlvs.model.config import Config
from monlvs.runtime import clock
from monlvs.runtime.installation import Agreed, Installed, install, told
from monlvs.runtime.machine import MachineKeeper
from monlvs.runtime.offline import Made, Offline
from monlvs.runtime.upkeep import Upkeep

Plain: TypeAlias = dict[str, Any]
First: TypeAlias = Callable[[], Awaitable[None]]

_OURS = "monlvs put it there"
_BEFORE = "it was so before monlvs changed it"


class Alone:
    """The machine and the table of a configuration; answers as a daemon does."""

    def __init__(self, config: Config, table: LiveTable) -> None:
        """Read what was saved of both."""
        self._config = config
        self._offline = Offline(config, table)
        keeper = MachineKeeper(Path(config.settings.state_dir))
        self._forget = keeper.forget_all
        self._upkeep = Upkeep(
            keeper, now=lambda: clock.now().mono, on_event=lambda _: None
        )
        self.troubles = (*self._offline.troubles, *filter(None, (keeper.trouble,)))
        """What could not be understood of what was saved, a sentence each."""

    async def plan(self) -> Plain:
        """Say what `apply` would do. Raises TableError, OSError."""
        planned = await self._upkeep.plan(self._config)
        changes = await self._offline.plan()
        return {
            "changes": told(planned, changes, self._upkeep),
            "obstacles": list(planned.obstacles),
        }

    async def apply(
        self, agreed: Agreed | None = None, *, machine: bool = False
    ) -> Plain:
        """Do what `plan` says. Raises TableError, OSError.

        With `machine` the table is left to a daemon, unless clients could come that find
        it empty: it is made before a VIP is given to a device.
        """
        planned = await self._upkeep.plan(self._config)
        if machine and not planned.gives_vips:
            return await self._carry_out(planned, _leave_table, agreed)
        return await self._carry_out(planned, self._offline.apply, agreed)

    async def plan_clear(self, *, declared: bool) -> Plain:
        """Say what `clear` would do. Raises TableError, OSError."""
        planned = await self._upkeep.plan_clear(self._config)
        found = await self._offline.plan_clear(declared=declared)
        return {
            "changes": _ours(told(planned, found.changes, self._upkeep)),
            "staying": list(found.staying),
        }

    async def clear(self, *, declared: bool) -> Plain:
        """Take what is monlvs's out of the table, and undo what it did to the machine.

        Raises TableError, OSError.
        """
        staying = (await self.plan_clear(declared=declared))["staying"]
        planned = await self._upkeep.plan_clear(self._config)

        async def clear_table(_: str | None, first: First) -> Made:
            return await self._offline.clear(first, declared=declared)

        answer = await self._carry_out(planned, clear_table, None)
        if not answer["refusals"]:
            self._forget()
        return {**answer, "changes": _ours(answer["changes"]), "staying": staying}

    async def _carry_out(
        self,
        planned: Plan,
        make: Callable[[str | None, First], Awaitable[Made]],
        agreed: Agreed | None,
    ) -> Plain:
        unsaved = None

        async def change_table(table: str | None, first: First) -> Outcome:
            nonlocal unsaved
            made = await make(table, first)
            unsaved = made.unsaved
            return made.outcome

        try:
            done = await install(
                self._upkeep, self._config, planned, change_table, agreed=agreed
            )
        except PlanChangedError:
            return {"stale": True}
        return {**_answer(done), "unsaved": unsaved}


async def _leave_table(_: str | None, first: First) -> Made:
    await first()
    return Made(outcome=Outcome(changes=(), refusals=()), unsaved=None)


def _answer(done: Installed) -> Plain:
    return {"changes": done.changes, "refusals": done.refusals}


def _ours(changes: list[Plain]) -> list[Plain]:
    return [
        {**each, "cause": _why(each)} if "ipvsadm" in each else each for each in changes
    ]


def _why(change: Plain) -> str:
    return _BEFORE if change["ipvsadm"].startswith("-E ") else _OURS
