"""Plans and applies the daemon's configuration file for operators: one writer."""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from monlvs.config import Source
from monlvs.core.engine import Engine
from monlvs.daemon.parts import Daemon
from monlvs.director.proposal import Outcome, PlanChangedError, Proposal
from monlvs.director.table import TableError
from monlvs.model.config import Config
from monlvs.runtime.installation import Agreed, First, install, told
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
        daemon = self._daemon
        config = daemon.engine.config if proposal is None else proposal.config
        try:
            async with daemon.upkeep.turn:
                planned = await daemon.plan_machine(config)
                changes = await daemon.director.plan(proposal)
        except (TableError, OSError) as error:
            raise QuestionError(str(error)) from None
        acts = told(planned, changes, daemon.upkeep)
        obstacles = [*planned.obstacles, *self._refused(acts)]
        return {"changes": acts, "obstacles": list(dict.fromkeys(obstacles))}

    def _refused(self, changes: list[Plain]) -> Iterator[str]:
        """Tell what of `changes` was refused when it was last tried."""
        commands = {each.get("machine") for each in changes}
        for refused in self._daemon.upkeep.refused:
            if refused.command in commands:
                yield str(refused)
        rules = {each.get("ipvsadm") for each in changes}
        for trouble in self._daemon.director.troubles.values():
            if trouble.refusal.change.as_ipvsadm() in rules:
                yield str(trouble.refusal)

    async def apply(self, question: Plain, who: str) -> Plain:
        """Load the file where it says something new, and make machine and table so.

        Raises QuestionError, and nothing is changed then.
        """
        proposal = await self._proposal(question)
        daemon, agreed = self._daemon, Agreed.from_plain(question.get("agreed"))
        config = daemon.engine.config if proposal is None else proposal.config
        if proposal is not None and daemon.engine.config.mon is not None:
            raise QuestionError(
                f"{self._file} has changed since it was loaded: a mon.cf is loaded by a "
                "reset (moncmd reset, or SIGHUP)"
            )

        async def change_table(agreed: str | None, first: First) -> Outcome:
            async def declare() -> None:
                await first()
                if proposal is not None:
                    daemon.take(proposal.config)

            return await daemon.director.apply(proposal, agreed=agreed, first=declare)

        try:
            async with daemon.upkeep.turn:
                planned = await daemon.plan_machine(config)
                done = await install(
                    daemon.upkeep, config, planned, change_table, agreed=agreed
                )
        except (TableError, OSError) as error:
            raise QuestionError(str(error)) from None
        except PlanChangedError:
            return {"stale": True}
        daemon.director.resync(moved=True)
        log.warning("%s applies %s: %d changes", who, self._file, len(done.changes))
        return {"changes": done.changes, "refusals": done.refusals}

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
