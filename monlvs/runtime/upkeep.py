"""The machine's keeper for an event loop: in worker threads, one act at a time, told."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

from monlvs.director.machine.events import (
    Act,
    MachineChanged,
    MachineEvent,
    MachineRefused,
    MachineRight,
)
from monlvs.director.machine.state import Plan, Step
from monlvs.model.config import Config
from monlvs.runtime.machine import MachineKeeper

Pass: TypeAlias = Callable[[], Awaitable[None]]

REST: Final = 60.0
"""Seconds until what was refused is tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trouble:
    refused: MachineRefused
    due: float


class Upkeep:
    """Plans and changes the machine; everything is called from one event loop.

    `turn` is held by whoever plans and then carries out what was planned.
    """

    def __init__(
        self,
        keeper: MachineKeeper,
        *,
        now: Callable[[], float],
        on_event: Callable[[MachineEvent], None],
    ) -> None:
        """Tell `on_event`, which must not raise; `now` is the monotonic clock."""
        self._keeper = keeper
        self._now = now
        self._on_event = on_event
        self._troubles: Mapping[str, _Trouble] = MappingProxyType({})
        self._fault: MachineRefused | None = None
        self.turn = asyncio.Lock()

    @property
    def refused(self) -> tuple[MachineRefused, ...]:
        """What the machine does not take at the moment."""
        told = tuple(each.refused for each in self._troubles.values())
        return told if self._fault is None else (self._fault, *told)

    async def plan(self, config: Config) -> Plan:
        """Say what would be done. Raises OSError when the machine cannot be read."""
        return await asyncio.to_thread(self._keeper.plan, config)

    async def plan_clear(self, config: Config) -> Plan:
        """Say what would be undone. Raises OSError when the machine cannot be read."""
        return await asyncio.to_thread(self._keeper.plan_clear, config)

    def acts(self, steps: Sequence[Step]) -> tuple[Act, ...]:
        """Spell steps for people."""
        return tuple(Act(command=self._keeper.words(s), why=s.why) for s in steps)

    async def carry_out(
        self, steps: Sequence[Step], config: Config
    ) -> tuple[tuple[Act, ...], tuple[MachineRefused, ...]]:
        """Make and undo; return what was done and what was refused.

        Raises OSError when what is done cannot be remembered: nothing more is done then.
        """
        if not steps:
            return (), ()
        found = await asyncio.to_thread(self._keeper.carry_out, steps, config)
        refused = {each.step.done.setting: each for each in found}
        made = self.acts([s for s in steps if s.done.setting not in refused])
        if made:
            self._on_event(MachineChanged(acts=made))
        told = tuple(
            MachineRefused(
                command=self._keeper.words(each.step),
                why=each.why,
                as_root=each.as_root,
            )
            for each in found
        )
        self._note(told)
        return made, told

    async def keep(self, config: Config, table_pass: Pass) -> bool:
        """Make the machine as `config` wants it, as far as it takes that.

        `table_pass` comes before a VIP is given. What was refused rests for a while.
        Returns whether anything was changed.
        """
        async with self.turn:
            try:
                changed = await self._keep(config, table_pass)
            except OSError as error:
                self._fail(f"{error.filename or 'it'}: {error.strerror or error}")
                return False
            self._fail(None)
            return changed

    async def _keep(self, config: Config, table_pass: Pass) -> bool:
        plan = await self.plan(config)
        obstacles = [MachineRefused(command="", why=each) for each in plan.obstacles]
        planned = {str(each) for each in obstacles}
        planned |= {act.command for act in self.acts(plan.steps)}
        self._settle(planned)
        self._note(obstacles)
        made, _ = await self.carry_out(self._due(plan.before), config)
        if last := self._due(plan.after):
            await table_pass()
            more, _ = await self.carry_out(last, config)
            made += more
        return bool(made)

    def _due(self, steps: Sequence[Step]) -> list[Step]:
        now = self._now()
        resting = {name for name, each in self._troubles.items() if each.due > now}
        return [step for step in steps if self._keeper.words(step) not in resting]

    def _note(self, refused: Sequence[MachineRefused]) -> None:
        """Tell what is new of what is refused."""
        known = dict(self._troubles)
        for each in refused:
            name = each.command or str(each)
            if name not in known or known[name].refused != each:
                self._on_event(each)
            known[name] = _Trouble(refused=each, due=self._now() + REST)
        self._troubles = MappingProxyType(known)

    def _fail(self, why: str | None) -> None:
        """Take and tell what keeps it from being seen to at all; None: nothing."""
        fault = None if why is None else MachineRefused(command="", why=why)
        if fault is not None and fault != self._fault:
            self._on_event(fault)
        if fault is None and self._fault is not None:
            self._on_event(MachineRight(refused=(self._fault,)))
        self._fault = fault

    def _settle(self, planned: set[str]) -> None:
        """Forget what was refused and is in no plan any more."""
        over = {n: each for n, each in self._troubles.items() if n not in planned}
        if over:
            right = tuple(each.refused for each in over.values())
            self._on_event(MachineRight(refused=right))
        kept = {n: each for n, each in self._troubles.items() if n in planned}
        self._troubles = MappingProxyType(kept)
