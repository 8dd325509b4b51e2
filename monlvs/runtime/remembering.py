"""What a start gets back from the state file, and what becomes of what it cannot use."""

import logging
from pathlib import Path

from monlvs.core import snapshot
from monlvs.core.engine import Engine
from monlvs.core.states import ServiceState, Standing
from monlvs.director import forcing, ledger, pools
from monlvs.director.pools import Pools
from monlvs.model.forced import Forcings
from monlvs.runtime import clock
from monlvs.runtime.state import Plain, keep_copy, read

log = logging.getLogger("monlvs")


def remember(engine: Engine, path: Path) -> Plain:
    """Give the engine its saved state; return all that was saved.

    What is not understood is told, and kept beside the state file, which the next save
    replaces.
    """
    saved, trouble = read(path)
    if trouble:
        log.error("%s", trouble)
    if not saved:
        return {}
    complaints = _give(engine, saved)
    for words in (*complaints, *_fault(saved)):
        log.error("%s", words)
    if complaints or _fault(saved):
        try:
            log.error("%s: kept as it was in %s", path, keep_copy(path))
        except OSError as error:
            log.error("%s: not copied: %s", path, error.strerror)  # noqa: TRY400  people get a sentence
    return saved


def _give(engine: Engine, saved: Plain) -> tuple[str, ...]:
    if engine.config.mon is None:
        return snapshot.load(engine, saved, now=clock.now())
    # mon begins anew at each start unless told otherwise (mon(8), `-l`); what the
    # table must not forget stays all the same.
    before = Engine(engine.config)
    complaints = snapshot.load(before, saved, now=clock.now())
    engine.restore(
        {
            key: ServiceState(standing=Standing(guards=state.standing.guards))
            for key, state in before.states.items()
        },
        role=before.role,
    )
    return complaints


def saved_ledger(saved: Plain) -> ledger.Ledger:
    """Return the saved ledger of the table, an empty one where it is unusable."""
    return ledger.from_plain([] if _fault(saved) else saved.get("ledger", []))


def saved_pools(saved: Plain) -> Pools:
    """Return what was saved of pools; what is unusable is told and left out."""
    try:
        return Pools(pools.from_plain(saved.get("pools", []), now=clock.now()))
    except ValueError as error:
        log.error("saved state of pools is left out: %s", error)  # noqa: TRY400  people get a sentence
        return Pools()


def saved_forced(saved: Plain) -> Forcings:
    """Return what operators had decided; what is unusable is told and left out."""
    try:
        return forcing.from_plain(saved.get("forced", []))
    except ValueError as error:
        log.error("saved acts on real servers are left out: %s", error)  # noqa: TRY400  people get a sentence
        return {}


def _fault(saved: Plain) -> tuple[str, ...]:
    try:
        ledger.from_plain(saved.get("ledger", []))
    except ValueError as error:
        return (f"saved ledger of the table is left out: {error}",)
    return ()
