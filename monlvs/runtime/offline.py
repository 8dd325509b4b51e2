"""Plans and applies a configuration where no daemon runs."""

from collections.abc import Mapping
from pathlib import Path

from monlvs.core import snapshot
from monlvs.core.engine import Engine
from monlvs.director import ledger
from monlvs.director.changes import Change
from monlvs.director.events import TableChanged, TableEvent
from monlvs.director.reconcile import Director
from monlvs.director.table import LiveTable, Refusal
from monlvs.model.config import Config
from monlvs.model.guard import Guard
from monlvs.model.status import Health
from monlvs.runtime import clock
from monlvs.runtime.state import STATE_FILE, Plain, read, write_json


class Offline:
    """A director without a daemon: one look, or one pass."""

    def __init__(self, config: Config, table: LiveTable) -> None:
        """Believe what a daemon has saved of the health of the real servers."""
        self._path = Path(config.settings.state_dir) / STATE_FILE
        self._saved, self.trouble = read(self._path, put_aside=False)
        self._made: tuple[Change, ...] = ()
        self._director = Director(
            table,
            now=lambda: clock.now().mono,
            on_event=self._take,
            ledger=_ledger(self._saved),
        )
        self._director.declare(config, _believed(config, self._saved))

    async def plan(self) -> tuple[Change, ...]:
        """Return what `apply` would change. Raises TableError."""
        return await self._director.plan()

    async def apply(self) -> tuple[tuple[Change, ...], tuple[Refusal, ...]]:
        """Make the changes; return those made and those refused. Raises TableError.

        What was added is remembered as monlvs's own; raises OSError when that cannot
        be saved.
        """
        await self._director.plan()  # an unreadable table is an error here
        await self._director.once()
        if self._made:
            kept = {"ledger": ledger.to_plain(self._director.ledger)}
            write_json(self._path, {**self._saved, **kept})
        refusals = tuple(trouble.refusal for trouble in self._director.refusals)
        return self._made, refusals

    def _take(self, event: TableEvent) -> None:
        if isinstance(event, TableChanged):
            self._made += event.changes


def _ledger(saved: Plain) -> ledger.Ledger:
    try:
        return ledger.from_plain(saved.get("ledger", []))
    except ValueError:
        return ledger.from_plain([])


def _believed(config: Config, saved: Plain) -> Mapping[Guard, Health]:
    """What is unknown is taken for up: nobody is there to find out."""
    engine = Engine(config)
    if "version" in saved:
        snapshot.load(engine, saved, now=clock.now())
    return {
        guard: Health.UP if health is Health.UNKNOWN else health
        for guard, health in engine.health().items()
    }
