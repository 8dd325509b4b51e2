"""Takes what operators decide of real servers: drain, maintenance, force-up, release."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from monlvs.core.events import Force, Release
from monlvs.daemon.parts import Daemon
from monlvs.director import forcing
from monlvs.model.forced import Target
from monlvs.model.pool import Act
from monlvs.runtime import clock
from monlvs.server.console import Answer, QuestionError

Plain = dict[str, Any]
_LONGEST: Final = timedelta(days=366)


class PoolDesk:
    """Answers `monlvs drain`, `maintenance`, `force-up` and `release`."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon

    @property
    def answers(self) -> dict[str, Answer]:
        """The questions by their names."""
        return {"force": self.force, "release": self.release}

    async def force(self, question: Plain, who: str) -> Plain:
        """Decide on all servers that are named, or, where one is unknown, on none."""
        try:
            act = Act(str(question.get("act")))
        except ValueError:
            known = ", ".join(Act)
            raise QuestionError(f"act: expected one of {known}") from None
        why, until = str(question.get("why") or ""), None
        seconds = question.get("for")
        if seconds is not None:
            if not isinstance(seconds, int | float) or seconds <= 0:
                raise QuestionError("for: expected seconds, more than none")
            until = clock.now().utc + min(timedelta(seconds=seconds), _LONGEST)
        found = self._targets(question)
        for target in found:
            event = Force(target=target, decision=act, who=who, why=why, until=until)
            self._daemon.dispatcher.submit(event)
        return await self._told(found)

    async def release(self, question: Plain, who: str) -> Plain:
        """Let checks decide again on all servers that are named."""
        found = self._targets(question)
        forced = [each for each in found if each in self._daemon.engine.forced]
        if not forced:
            names = ", ".join(question["targets"])
            raise QuestionError(f"{names}: nobody has decided on it")
        for target in forced:
            self._daemon.dispatcher.submit(Release(target=target, who=who))
        return await self._told(forced)

    def _targets(self, question: Plain) -> Sequence[Target]:
        texts = question.get("targets")
        if not isinstance(texts, list) or not texts:
            raise QuestionError("targets: expected a list of SERVICE/SERVER")
        director, config = self._daemon.director, self._daemon.engine.config
        names = {each.service.key: each.name for each in config.virtual_services}
        try:
            found = [
                target
                for text in texts
                for target in forcing.targets(str(text), director.intents, names)
            ]
        except ValueError as error:
            raise QuestionError(str(error)) from None
        return list(dict.fromkeys(found))

    async def _told(self, targets: Sequence[Target]) -> Plain:
        """Say how the servers stand after a pass of the director."""
        director = self._daemon.director
        await director.once()
        lines = []
        for key, server in targets:
            place = director.pools.place(key, server)
            pool = director.desired.get(key)
            entry = None if pool is None else pool.entries.get(server)
            state = "out" if entry is None else f"in, weight {entry.weight}"
            why = "" if place is None else f": {place.because.value}"
            lines.append(f"{key} → {server}: {state}{why}")
        return {"done": lines}
