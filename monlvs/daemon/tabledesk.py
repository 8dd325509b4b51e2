"""Plans and applies the daemon's configuration file for operators: one writer."""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

from monlvs.config import Source
from monlvs.core.engine import Engine
from monlvs.daemon.parts import Daemon
from monlvs.director.proposal import PlanChangedError, Proposal, to_plain
from monlvs.director.table import TableError
from monlvs.model.config import Config
from monlvs.server.console import Answer, QuestionError

log = logging.getLogger("monlvs")

Plain = dict[str, Any]


class TableDesk:
    """Answers what `monlvs director plan` and `apply` ask of a running daemon."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        source = daemon.source
        # Now: a daemon that goes to the background leaves its directory.
        self._file = None if source is None else source.path.absolute()

    @property
    def answers(self) -> dict[str, Answer]:
        """The questions by their names."""
        return {"plan": self.plan, "apply": self.apply}

    async def plan(self, question: Plain, _who: str) -> Plain:
        """Say what `apply` would change; raises QuestionError."""
        proposal = await self._proposal(question)
        try:
            changes = await self._daemon.director.plan(proposal)
        except TableError as error:
            raise QuestionError(str(error)) from None
        return {"changes": to_plain(changes)}

    async def apply(self, question: Plain, who: str) -> Plain:
        """Load the file where it says something new, and make its table so.

        Raises QuestionError, and nothing is changed then.
        """
        proposal = await self._proposal(question)
        daemon, agreed = self._daemon, question.get("agreed")
        if proposal is not None and daemon.engine.config.mon is not None:
            raise QuestionError(
                f"{self._file} has changed since it was loaded: a mon.cf is loaded by a "
                "reset (moncmd reset, or SIGHUP)"
            )

        def declare() -> None:
            if proposal is not None:
                daemon.take(proposal.config)

        try:
            outcome = await daemon.director.apply(
                proposal, agreed=agreed, declare=declare
            )
        except TableError as error:
            raise QuestionError(str(error)) from None
        except PlanChangedError:
            return {"stale": True}
        log.warning("%s applies %s: %d changes", who, self._file, len(outcome.changes))
        return {
            "changes": to_plain(outcome.changes),
            "refusals": [str(refusal) for refusal in outcome.refusals],
        }

    async def _proposal(self, question: Plain) -> Proposal | None:
        """Read the file; None where it says what runs already."""
        source = self._named(str(question.get("config")))
        config, problems = await asyncio.to_thread(source.load)
        if config is None:
            first = next(problem for problem in problems if not problem.warning)
            raise QuestionError(f"the daemon cannot load it: {first}")
        engine = self._daemon.engine
        if config == engine.config:
            return None
        return Proposal(config=config, healths=_health_under(config, engine))

    def _named(self, path: str) -> Source:
        source, file = self._daemon.source, self._file
        if source is None or file is None:
            raise QuestionError("the daemon was started without a configuration file")
        if not _is_same(Path(path), file):
            raise QuestionError(
                f"the daemon that keeps this table runs {file}, not {path}"
            )
        return replace(source, path=file)


def _is_same(one: Path, two: Path) -> bool:
    try:
        return one.samefile(two)
    except OSError:
        return one == two


def _health_under(config: Config, engine: Engine) -> Any:
    """Say what health the guards of `config` would have, were it loaded now."""
    trial = Engine(config, zone=engine.zone)
    trial.restore(
        engine.states,
        disabled_hosts=engine.disabled_hosts,
        disabled_watches=engine.disabled_watches,
        stopped=engine.stopped,
    )
    return trial.health()
