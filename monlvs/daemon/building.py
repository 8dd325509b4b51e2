"""The parts built and joined, for one life."""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from monlvs.config import Source
from monlvs.core import snapshot
from monlvs.core.engine import Engine
from monlvs.core.events import PoolKept
from monlvs.daemon.parts import Daemon
from monlvs.daemon.wishes import Wishes
from monlvs.director import forcing, ledger, pools
from monlvs.director.choice import Choice
from monlvs.director.events import NotesChanged
from monlvs.director.netlink import own_addresses
from monlvs.director.notes import kept_pools
from monlvs.director.reconcile import Director
from monlvs.model.config import Config
from monlvs.model.values import Address, Host
from monlvs.model.watch import ServiceKey
from monlvs.runtime import clock
from monlvs.runtime.annals import Annals
from monlvs.runtime.checks import Checks, Wires
from monlvs.runtime.controls import Controls
from monlvs.runtime.dispatcher import Dispatcher
from monlvs.runtime.environment import environment
from monlvs.runtime.journal import Journal
from monlvs.runtime.machine import MachineKeeper
from monlvs.runtime.outbox import Outbox
from monlvs.runtime.remembering import (
    remember,
    saved_forced,
    saved_ledger,
    saved_pools,
)
from monlvs.runtime.state import STATE_FILE, Plain, Spelled, StateFile
from monlvs.runtime.upkeep import Upkeep
from monlvs.runtime.vetting import Vetting

log = logging.getLogger("monlvs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the daemon reads and saves; None where there is nothing."""

    source: Source | None
    directory: Path | None

    @property
    def shadow(self) -> bool:
        """Whether the daemon only looks."""
        return self.source is not None and self.source.shadow


def build(
    config: Config,
    place: Place,
    wires: Wires,
    choice: Choice,
    tasks: asyncio.TaskGroup,
    wishes: Wishes,
) -> Daemon:
    """Build all parts of a daemon and join them; nothing runs yet."""
    engine = Engine(config)
    path = place.directory / STATE_FILE if place.directory else None
    saved = remember(engine, path) if path else {}
    engine.recall(saved_forced(saved))
    journal = Journal(place.directory)

    def record(what: object) -> None:
        dispatcher.record(what)
        for event in _worth_telling(what):
            dispatcher.submit(event)

    table = choice.table
    director = Director(
        table,
        now=lambda: clock.now().mono,
        on_event=record,
        ledger=saved_ledger(saved),
        pools=saved_pools(saved),
        addresses=_own_addresses if table.name == "kernel" else None,
        looks_only=place.shadow,
    )
    director.force(engine.forced)
    director.declare(config, engine.health())

    speller = ledger.Speller()

    def take() -> Plain:
        return {
            **snapshot.dump_around(engine),
            "services": snapshot.dump_services(dict(engine.states)),
            "ledger": map(Spelled, speller.spell(director.ledger)),
            "pools": pools.each_to_plain(director.pools.states, now=clock.now()),
            "forced": forcing.to_plain(engine.forced),
            "alerts": outbox.pending(),
        }

    state = StateFile(path, take)
    outbox = Outbox(tasks, record, withhold=place.shadow)
    for words in outbox.restore(saved.get("alerts", []), config, now=clock.now()):
        log.error("%s", words)

    def checks(dispatcher: Dispatcher) -> Checks:
        return Checks(
            wires,
            tasks,
            finish=dispatcher.finish,
            again=dispatcher.again,
            environ=lambda key: environment(engine, key),
        )

    annals = Annals(config.mon, clock.now)
    dispatcher = Dispatcher(
        engine,
        checks=checks,
        outbox=outbox,
        director=director,
        journal=journal,
        state=state,
        clock=clock.now,
        vet=Vetting(lambda key: checked_of(engine, key)),
        note=annals.note,
    )
    controls = Controls(
        dispatcher=dispatcher,
        annals=annals,
        source=place.source,
        declare=lambda config: director.declare(config, engine.health()),
        ending=wishes.end.set,
    )
    dispatcher.acted.append(controls.acted)
    dispatcher.acted.append(lambda _: director.force(engine.forced))
    upkeep = Upkeep(
        _machine_keeper(place, config),
        now=lambda: clock.now().mono,
        on_event=dispatcher.record,
    )
    return Daemon(
        dispatcher=dispatcher,
        director=director,
        table=table,
        shortfall=choice.shortfall,
        outbox=outbox,
        state=state,
        controls=controls,
        upkeep=upkeep,
        tasks=tasks,
        source=place.source,
        settings=config.settings,
        wishes=wishes,
    )


def _worth_telling(what: object) -> Iterator[PoolKept]:
    """Yield what people are told of the director's work."""
    if isinstance(what, NotesChanged):
        began, ended = kept_pools(what.appeared), kept_pools(what.gone)
        for key in began.keys() - ended.keys():
            yield PoolKept(key=key, holds=True, text=began[key])
        for key in ended.keys() - began.keys():
            yield PoolKept(key=key, holds=False)


def _machine_keeper(place: Place, config: Config) -> MachineKeeper:
    # Where nothing can be saved its first change fails, for want of a place for that.
    keeper = MachineKeeper(place.directory or config.settings.state_dir)
    if keeper.trouble:
        log.error("%s", keeper.trouble)
    return keeper


def checked_of(engine: Engine, key: ServiceKey) -> tuple[Host, ...]:
    """Return the hosts that a check of `key` is about; none where it is gone."""
    watch = engine.watched.get(key)
    return () if watch is None else watch.checked


async def _own_addresses() -> frozenset[Address]:
    return await asyncio.to_thread(own_addresses)
