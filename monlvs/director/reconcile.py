"""The director at work: read, decide, change, remember; again when something moved.

A pass always starts from a fresh reading, as IPVS tells nobody of changes. Passes are
one at a time, and what is asked for while one runs makes one more.
"""

import asyncio
import contextlib
import errno
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, TypeAlias

from monlvs.director.ballot import Healths
from monlvs.director.changes import Cause, Change, Item
from monlvs.director.desired import Desired, desire
from monlvs.director.events import (
    ChangeRefused,
    DriftReported,
    NotesChanged,
    TableAdopted,
    TableChanged,
    TableEvent,
    TableReadable,
    TableUnreadable,
)
from monlvs.director.explaining import Explanations
from monlvs.director.intents import Intents, intents
from monlvs.director.ledger import Ledger, after
from monlvs.director.notes import Note, NoteKind, of_drift
from monlvs.director.pace import Pace
from monlvs.director.plan import (
    drift_reported_for,
    others,
    phases,
    plan,
    report_only,
    without_replacement,
)
from monlvs.director.pools import Pools
from monlvs.director.proposal import Outcome, PlanChangedError, Proposal, digest
from monlvs.director.standing import Standing
from monlvs.director.table import LiveTable, Reading, Refusal, TableError
from monlvs.director.trouble import Trouble, Troubles, next_try, renewed
from monlvs.model.config import Config
from monlvs.model.forced import Forcings
from monlvs.model.guard import Guard
from monlvs.model.lvs import Listener, OnDrift, Table
from monlvs.model.result import Advice
from monlvs.model.status import Health
from monlvs.model.values import Address

AddressReader: TypeAlias = Callable[[], Awaitable[frozenset[Address]]]

_ADDRESSES_LAST: Final = 60.0
"""Seconds for which a reading of this machine's addresses is believed."""
_READ_AGAIN: Final = 1.0
"""Seconds until an unreadable table is tried again without being asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decision:
    """A pass before anything is changed."""

    desired: Desired
    planned: tuple[Change, ...]
    """All that it takes."""
    changes: tuple[Change, ...]
    """Those that are to be made."""
    reported: tuple[Change, ...]
    """Drift that the configuration wants reported, not repaired."""


class Director:
    """Keeps one table true. Everything is called from one event loop."""

    def __init__(  # noqa: PLR0913  what it stands on is stated once
        self,
        live: LiveTable,
        *,
        now: Callable[[], float],
        on_event: Callable[[TableEvent], None],
        ledger: Ledger | None = None,
        pools: Pools | None = None,
        addresses: AddressReader | None = None,
        looks_only: bool = False,
    ) -> None:
        """Keep `live` true, or only tell what would; `now` is the monotonic clock.

        `on_event` must not raise. `addresses` tells this machine's own, for a note on
        virtual addresses that no device has; without it there is no such note.
        """
        self._live = live
        self._now = now
        self._on_event = on_event
        self._addresses = addresses
        self._looks_only = looks_only
        self._intents: Intents = MappingProxyType({})
        self._healths: dict[Guard, Health] = {}
        self._asked = asyncio.Event()
        self._pace = Pace()
        self._one_at_a_time = asyncio.Lock()
        self._operator: Cause | None = None
        self._settled: Table | None = None
        self._standing = Standing()
        self._own: frozenset[Address] | None = None
        self._own_are_old = asyncio.Event()
        self._unreadable = False
        self.ledger: Ledger = ledger or MappingProxyType({})
        """What to keep across restarts."""
        self.pools = pools or Pools()
        """What decides about pools besides health, and what was decided."""
        self.reading = Reading()
        """The last reading, as it stood before the changes of that pass."""
        self.desired: Table = MappingProxyType({})
        """The table as it should be, by the last pass."""
        self.notes: tuple[Note, ...] = ()
        self.troubles: Troubles = MappingProxyType({})
        self._drift: frozenset[Item] = frozenset()

    @property
    def intents(self) -> Intents:
        """What is wanted of each virtual service."""
        return self._intents

    @property
    def refusals(self) -> tuple[Trouble, ...]:
        """What the kernel refuses at the moment, with times."""
        return tuple(self.troubles.values())

    def declare(
        self, config: Config, healths: Mapping[Guard, Health] | None = None
    ) -> None:
        """Take a configuration and, when given, the health of all its guards.

        What was reported for guards that it still has goes on to be believed.
        """
        self._intents = intents(config.virtual_services, config.guards)
        believed = self._healths if healths is None else healths
        self._healths = {g: believed[g] for g in config.guards if g in believed}
        self._standing = Standing()
        self.pools.keep_advice(config.guards)
        self._own_are_old.set()
        self.converge()

    def report(self, guard: Guard, health: Health) -> None:
        """Take a guard's new health."""
        self._healths[guard] = health
        self._standing.forget(guard.key)
        self._asked.set()
        if health is Health.DOWN:
            self._pace.hurry()

    def advise(self, guard: Guard, advice: Advice) -> None:
        """Take what a check reports of how much a guard's entry can take."""
        if self.pools.advise(guard, advice):
            self._asked.set()

    def force(self, forced: Forcings) -> None:
        """Take all that operators have decided of real servers."""
        if self.pools.force(forced):
            self.converge()

    def converge(self, cause: Cause | None = None) -> None:
        """Ask for a pass; `cause` is an operator's reason for what it will change."""
        self._operator = cause or self._operator
        self._asked.set()
        self._pace.hurry()

    def resync(self, *, moved: bool = False) -> None:
        """Ask for a pass: every few seconds, or once this machine's addresses `moved`."""
        if moved:
            self._own_are_old.set()
        self._asked.set()

    async def run(self) -> None:
        """Make passes as they are asked for, and for what was refused; until cancelled.

        The table stays as it is when this ends.
        """
        async with asyncio.TaskGroup() as tasks:
            if self._addresses is not None:
                tasks.create_task(self._follow_addresses(self._addresses))
            while True:
                await self._wait()
                began = self._now()
                await self.once()
                await self._pace.rest(self._now() - began)

    async def once(self) -> None:
        """Make one pass now."""
        async with self._one_at_a_time:
            self._asked.clear()
            self._pace.begin()
            operator, self._operator = self._operator, None
            reading = await self._read()
            if reading is None:
                self._operator = operator
                return
            decision = self._decide(reading, operator, self._intents, self._healths)
            await self._carry_out(decision)
            self._publish_notes(decision)

    async def plan(self, proposal: Proposal | None = None) -> tuple[Change, ...]:
        """Say what `apply` would change now, and change nothing. Raises TableError.

        Under `proposal` it is what would be changed if that were declared.
        """
        async with self._one_at_a_time:
            return self._decide_whole(await self._live.read(), proposal).changes

    async def apply(
        self,
        proposal: Proposal | None = None,
        *,
        agreed: str | None = None,
        first: Callable[[], Awaitable[None]] = lambda: asyncio.sleep(0),
    ) -> Outcome:
        """Make now what `plan` says: drift, too, that passes only report.

        `agreed` is the digest of a plan; PlanChangedError, and nothing done, where it is
        not of this one. `first` is awaited before the first change: it declares what was
        proposed, and makes what the table stands on. Raises TableError.
        """
        if self._looks_only:
            raise TableError("the daemon only looks: it was started with --shadow")
        async with self._one_at_a_time:
            reading = await self._live.read()
            decision = self._decide_whole(reading, proposal)
            rules = (change.as_ipvsadm() for change in decision.changes)
            if agreed is not None and digest(rules) != agreed:
                raise PlanChangedError
            await first()
            self.reading = reading
            outcome = await self._carry_out(decision)
            self._publish_notes(decision)
        return outcome

    async def _wait(self) -> None:
        moments = (next_try(self.troubles), self.pools.look_at)
        due = min((each for each in moments if each is not None), default=None)
        if self._unreadable:
            due = self._now() + _READ_AGAIN
        delay = None if due is None else max(0.0, due - self._now())
        try:
            async with asyncio.timeout(delay):
                await self._asked.wait()
        except TimeoutError:
            pass  # time for what was refused, or for a pool

    async def _read(self) -> Reading | None:
        try:
            reading = await self._live.read()
        except TableError as error:
            if not self._unreadable:
                self._unreadable = True
                self._on_event(TableUnreadable(reason=str(error)))
            return None
        if self._unreadable:
            self._unreadable = False
            self._on_event(TableReadable())
        if self._settled is None:
            servers = sum(len(pool.entries) for pool in reading.table.values())
            adopted = TableAdopted(services=len(reading.table), servers=servers)
            self._on_event(adopted)
        self.reading = reading
        return reading

    def _decide_whole(self, reading: Reading, proposal: Proposal | None) -> _Decision:
        """Decide about a plan that somebody has asked for by name."""
        intended, healths = self._intents, self._healths
        if proposal is not None:
            config = proposal.config
            intended = intents(config.virtual_services, config.guards)
            healths = dict(proposal.healths)
        decided = self._decide(reading, self._operator, intended, healths)
        return replace(decided, changes=decided.planned, reported=())

    def _decide(
        self,
        reading: Reading,
        operator: Cause | None,
        intended: Intents,
        healths: Mapping[Guard, Health],
    ) -> _Decision:
        ours = intended is self._intents and healths is self._healths
        desired = desire(
            intended,
            Healths(healths),
            current=reading.table,
            ledger=self.ledger,
            around=self.pools.around(reading.counters, self._now()),
            standing=self._standing if ours else None,
        )
        explained = Explanations(
            causes=desired.causes,
            desired=desired.table,
            settled=self._settled,
            refused=self.troubles.keys(),
            operator=operator,
        )
        planned = plan(reading.table, desired.table, explained)
        only_reported = frozenset(
            key for key, intent in intended.items() if intent.on_drift is OnDrift.REPORT
        )
        policy = report_only if self._looks_only else drift_reported_for(only_reported)
        changes = policy(planned)
        return _Decision(
            desired=desired,
            planned=planned,
            changes=changes,
            reported=others(planned, changes),
        )

    async def _carry_out(self, decision: _Decision) -> Outcome:
        desired = decision.desired
        bringing, taking = phases(decision.changes)
        refusals = [*await self._apply(bringing)]
        held = without_replacement(
            taking,
            refused={refusal.change.item for refusal in refusals},
            desired=desired.table,
        )
        refusals += [
            Refusal(change=change, code=errno.EAGAIN)
            for change in taking
            if change.item in held
        ]
        refusals += await self._apply([c for c in taking if c.item not in held])
        refused = {refusal.change.item for refusal in refusals}
        made = decision.changes  # may be long, and is rarely refused
        if refused:
            made = tuple(c for c in made if c.item not in refused)
        ledger = after(desired.ledger, made)
        if ledger != self.ledger:  # else the same object: nothing to save
            self.ledger = ledger
        self.desired = self._settled = desired.table
        self.pools.take(desired.decisions, desired.states, self._now())
        self._tell(made, refusals, decision.reported)
        return Outcome(changes=made, refusals=tuple(refusals))

    async def _apply(self, changes: Sequence[Change]) -> tuple[Refusal, ...]:
        return await self._live.apply(changes) if changes else ()

    def _tell(
        self,
        made: tuple[Change, ...],
        refusals: Sequence[Refusal],
        reported: tuple[Change, ...],
    ) -> None:
        if made:
            self._on_event(TableChanged(changes=made))
        for refusal in refusals:
            before = self.troubles.get(refusal.change.item)
            if before is None or before.refusal.code != refusal.code:
                self._on_event(ChangeRefused(refusal=refusal))
        self.troubles = renewed(self.troubles, refusals, now=self._now())
        drift = frozenset(change.item for change in reported)
        if drift - self._drift:
            event = DriftReported(changes=reported, looks_only=self._looks_only)
            self._on_event(event)
        self._drift = drift

    async def _follow_addresses(self, read: AddressReader) -> None:
        """Read this machine's addresses: beside the passes, for a note alone needs them."""
        while True:
            self._own_are_old.clear()
            before = self._own
            try:
                self._own = await read()
            except OSError:
                self._own = None
            if self._own != before:
                self._asked.set()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_ADDRESSES_LAST):
                    await self._own_are_old.wait()

    def _publish_notes(self, decision: _Decision) -> None:
        notes = [*decision.desired.notes]
        notes += [Note(kind=NoteKind.UNREAD, text=text) for text in self.reading.unread]
        notes += of_drift(decision.reported)
        if self._own is not None:
            notes += [
                Note(kind=NoteKind.NO_ADDRESS, key=key)
                for key in self._intents
                if isinstance(key, Listener) and key.address not in self._own
            ]
        before, now = set(self.notes), set(notes)
        if before != now:
            event = NotesChanged(
                appeared=tuple(note for note in notes if note not in before),
                gone=tuple(note for note in self.notes if note not in now),
            )
            self._on_event(event)
        self.notes = tuple(notes)
