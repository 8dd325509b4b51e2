"""Plans and applies a configuration where no daemon runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from monlvs.core import snapshot
from monlvs.core.engine import Engine
from monlvs.director import ledger, pools
from monlvs.director.changes import Change
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


class Offline:
    """A director without a daemon: one look, or one pass."""

    def __init__(self, config: Config, table: LiveTable) -> None:
        """Believe what a daemon has saved of the health of the real servers."""
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
        self._director = Director(
            table,
            now=lambda: clock.now().mono,
            on_event=lambda _: None,
            ledger=known,
            pools=saved_pools(self._saved),
        )
        self._director.force(engine.forced)
        self._director.declare(config, _believed(engine))

    async def plan(self) -> tuple[Change, ...]:
        """Return what `apply` would change. Raises TableError."""
        return await self._director.plan()

    async def apply(self, agreed: str | None = None) -> Made:
        """Make the changes; what was added is remembered as monlvs's own.

        Raises TableError, and PlanChangedError where `agreed` is the digest of another
        plan.
        """
        outcome = await self._director.apply(agreed=agreed)
        return Made(outcome=outcome, unsaved=self._save() if outcome.changes else None)

    def _save(self) -> str | None:
        """Save the ledger beside what is there; what was not understood is kept aside."""
        states = self._director.pools.states
        kept = {
            "ledger": ledger.to_plain(self._director.ledger),
            "pools": pools.to_plain(states, now=clock.now()),
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
