"""Plans, applies and clears the table of a configuration where no daemon runs."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from monlvs.core import snapshot
from monlvs.core.engine import Engine
from monlvs.director import ledger, pools, withdrawing
from monlvs.director.changes import Change
from monlvs.director.intents import intents
from monlvs.director.proposal import Outcome
from monlvs.director.reconcile import Director
from monlvs.director.table import LiveTable
from monlvs.model.config import Config
from monlvs.model.guard import Guard
from monlvs.model.status import Health
from monlvs.runtime import clock
from monlvs.runtime.remembering import saved_forced, saved_pools
from monlvs.runtime.state import STATE_FILE, Plain, keep_copy, read, write_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a pass over the table did."""

    outcome: Outcome
    unsaved: str | None
    """Why the ledger of what was added could not be saved; None when it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """What a clear would take out of the table."""

    changes: tuple[Change, ...]
    staying: tuple[str, ...]
    """What one might expect to go, and why it stays; a sentence each."""


class Offline:
    """A director without a daemon: one look, or one pass."""

    def __init__(self, config: Config, table: LiveTable) -> None:
        """Believe what a daemon has saved of the health of the real servers."""
        self._config, self._table = config, table
        self._path = Path(config.settings.state_dir) / STATE_FILE
        self._saved, trouble = read(self._path, put_aside=False)
        engine = Engine(config)
        known, unread = _ledger(self._saved)
        self.troubles = (
            *filter(None, (trouble, unread)),
            *(
                snapshot.load(engine, self._saved, now=clock.now())
                if self._saved
                else ()
            ),
        )
        """What could not be understood of what was saved, a sentence each."""
        self._empty = snapshot.dump(Engine(config))
        engine.recall(saved_forced(self._saved))
        self._director = self._directed(known)
        self._director.force(engine.forced)
        self._director.declare(config, _believed(engine))

    async def plan(self) -> tuple[Change, ...]:
        """Return what `apply` would change. Raises TableError."""
        return await self._director.plan()

    async def apply(
        self,
        agreed: str | None = None,
        first: Callable[[], Awaitable[None]] = lambda: asyncio.sleep(0),
    ) -> Made:
        """Make the changes; what was added is remembered as monlvs's own.

        `first` is awaited before them. Raises TableError, and PlanChangedError where
        `agreed` is the digest of another plan.
        """
        outcome = await self._director.apply(agreed=agreed, first=first)
        unsaved = self._save(self._director) if outcome.changes else None
        return Made(outcome=outcome, unsaved=unsaved)

    async def plan_clear(self, *, declared: bool) -> Withdrawal:
        """Say what `clear` would take out. Raises TableError."""
        director = self._withdrawing(declared=declared)
        changes = await director.plan()
        wanted = intents(self._config.virtual_services, self._config.guards)
        table = (await self._table.read()).table
        staying = withdrawing.staying(table, director.ledger, wanted)
        return Withdrawal(changes=changes, staying=staying)

    async def clear(
        self, first: Callable[[], Awaitable[None]], *, declared: bool
    ) -> Made:
        """Take out what monlvs has put in; with `declared` what others have, too.

        `first` is awaited before that. Raises TableError.
        """
        director = self._withdrawing(declared=declared)
        outcome = await director.apply(first=first)
        # Once more, for the ledger: of what is gone nothing is to be remembered.
        await director.apply()
        unsaved = self._save(director) if outcome.changes else None
        return Made(outcome=outcome, unsaved=unsaved)

    def _withdrawing(self, *, declared: bool) -> Director:
        """Return a director for which nothing is configured any more."""
        known, config = self._director.ledger, self._config
        if declared:
            wanted = intents(config.virtual_services, config.guards)
            known = withdrawing.owning(known, wanted)
        director = self._directed(known)
        director.declare(replace(config, virtual_services=(), guards=()))
        return director

    def _directed(self, known: ledger.Ledger) -> Director:
        return Director(
            self._table,
            now=lambda: clock.now().mono,
            on_event=lambda _: None,
            ledger=known,
            pools=saved_pools(self._saved),
        )

    def _save(self, director: Director) -> str | None:
        """Save the ledger beside what is there; what was not understood is kept aside."""
        kept = {
            "ledger": ledger.to_plain(director.ledger),
            "pools": pools.to_plain(director.pools.states, now=clock.now()),
        }
        try:
            if self.troubles:
                keep_copy(self._path)
            write_json(self._path, {**(self._saved or self._empty), **kept})
        except OSError as error:
            return f"{self._path}: {error.strerror}"
        return None


def _ledger(saved: Plain) -> tuple[ledger.Ledger, str | None]:
    try:
        return ledger.from_plain(saved.get("ledger", [])), None
    except ValueError as error:
        return ledger.from_plain([]), f"saved ledger is left out: {error}"


def _believed(engine: Engine) -> Mapping[Guard, Health]:
    """What is unknown is taken for up: nobody is there to find out."""
    return {
        guard: Health.UP if health is Health.UNKNOWN else health
        for guard, health in engine.health().items()
    }
