"""What an operator may ask or tell the running daemon, and the answers."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from monlvs.core.engine import Engine
from monlvs.core.events import (
    Acknowledge,
    Disable,
    DisableHost,
    Enable,
    EnableHost,
    Event,
    Unacknowledge,
)
from monlvs.core.memory import RefusedError, UnknownTargetError
from monlvs.director.reconcile import Director
from monlvs.model.values import Now
from monlvs.model.watch import ServiceKey
from monlvs.runtime.journal import Journal, plain
from monlvs.runtime.report import concerns, history, status
from monlvs.runtime.unsaved import Unsaved
from monlvs.server.console import Answer, QuestionError

Plain = dict[str, Any]
_DONE = {
    "ack": "acknowledged; no alerts until it recovers",
    "unack": "not acknowledged any more",
    "disable": "disabled",
    "enable": "enabled",
}
LONGEST_UNTIL = timedelta(days=366)


class Questions:
    """Answers questions from what runs; acts go through `submit` like any event."""

    def __init__(  # noqa: PLR0913  one argument per part that is asked
        self,
        engine: Engine,
        director: Director,
        journal: Journal,
        *,
        directory: Path | None,
        submit: Callable[[Event], None],
        waiting: Callable[[], int],
        unsaved: Callable[[], Iterable[Unsaved]],
        refused: Callable[[], Iterable[object]] = tuple,
        further: Mapping[str, Answer],
        pair: Callable[[], Plain | None],
        clock: Callable[[], Now],
    ) -> None:
        self._engine = engine
        self._director = director
        self._journal = journal
        self._directory = directory
        self._submit = submit
        self._waiting = waiting
        self._unsaved = unsaved
        self._refused = refused
        self._further = further
        self._pair = pair
        self._clock = clock

    async def answer(self, question: Plain, who: str) -> Plain:
        """Answer `question` of the user `who`; raises QuestionError."""
        match question:
            case {"ask": "status"}:
                return self._status()
            case {"ask": "why", "about": str(word)}:
                return await self._why(word)
            case {"ask": str(name)} if name in self._further:
                return await self._further[name](question, who)
            case {"act": str(act), "about": str(word)}:
                return self._act(act, word, question, who)
            case _:
                raise QuestionError("expected ask: status or why, or an act")

    def _status(self) -> Plain:
        now = self._clock()
        whole = status(self._engine, self._director, waiting=self._waiting(), now=now)
        whole["unsaved"] = [plain(each) for each in self._unsaved()]
        whole["refused"] += map(str, self._refused())
        return {**whole, "pair": self._pair()}

    async def _why(self, word: str) -> Plain:
        about = concerns(self._engine, word)
        whole = self._status()
        services = [s for s in whole["services"] if s["service"] in about]
        servers = [
            server
            for server in whole["real_servers"]
            if word in (server["real_server"], server["real_server"].rpartition(":")[0])
            or any(guard["service"] in about for guard in server["guards"])
        ]
        entries = await asyncio.to_thread(
            history, self._directory, list(self._journal.recent), word
        )
        if not (services or servers or entries):
            raise QuestionError(
                f"nothing is known of {word!r}: expected GROUP/SERVICE, a group, a host "
                f"or a real server{self._like(word)}"
            )
        return {"services": services, "real_servers": servers, "history": entries}

    def _act(self, act: str, word: str, question: Plain, who: str) -> Plain:
        why = str(question.get("why") or "")
        until = self._until(question.get("for"))
        key = ServiceKey(*word.split("/", 1)) if "/" in word else None
        match act, key:
            case "ack", ServiceKey():
                event: Event = Acknowledge(service=key, who=who, why=why, until=until)
            case "unack", ServiceKey():
                event = Unacknowledge(service=key)
            case "disable", ServiceKey():
                event = Disable(service=key, who=who, why=why, until=until)
            case "enable", ServiceKey():
                event = Enable(service=key, who=who)
            case "disable", None:
                event = DisableHost(host=word, who=who, why=why, until=until)
            case "enable", None:
                event = EnableHost(host=word, who=who)
            case _:
                raise QuestionError(f"{act} {word}: expected GROUP/SERVICE")
        try:
            self._submit(event)
        except UnknownTargetError as error:
            raise QuestionError(f"{error}{self._like(word)}") from None
        except RefusedError as error:
            raise QuestionError(str(error)) from None
        return {"done": f"{word}: {_DONE[act]}"}

    def _like(self, word: str) -> str:
        """Return a question about what may have been meant by a word, or nothing."""
        watches = self._engine.watched
        known = {str(key): None for key in watches}
        known |= {host: None for each in watches.values() for host in each.group.hosts}
        close = get_close_matches(word, known, n=1)
        return f"; did you mean {close[0]}?" if close else ""

    def _until(self, seconds: object) -> Any:
        if seconds is None:
            return None
        if not isinstance(seconds, int | float) or seconds <= 0:
            raise QuestionError("for: expected seconds, more than none")
        return self._clock().utc + min(timedelta(seconds=seconds), LONGEST_UNTIL)
