"""Takes what keepalived makes of this director, and tells how both sides stand."""

import logging
from typing import Any, Final

from monlvs.daemon.pairing import Pairing
from monlvs.daemon.parts import Daemon
from monlvs.director import syncing
from monlvs.model.pair import Pair, Role
from monlvs.runtime import clock
from monlvs.runtime.rolenote import Telling
from monlvs.server.console import Answer, QuestionError
from monlvs.server.peer import Heard

Plain = dict[str, Any]
log = logging.getLogger("monlvs.pair")

RECENT: Final = 60.0
"""Seconds for which a question that was refused is a matter of the present."""
SHOWN: Final = 100
"""Disagreements that are told at most."""


class PairDesk:
    """Answers `monlvs role`, and `monlvs status` as far as there are two directors."""

    def __init__(self, daemon: Daemon, side: Pairing) -> None:
        self._daemon = daemon
        self._side = side

    @property
    def answers(self) -> dict[str, Answer]:
        """The questions of operators by their names."""
        return {"role": self.role}

    async def role(self, question: Plain, who: str) -> Plain:
        """Take a role, where one is given; tell it."""
        if (word := question.get("role")) is not None:
            try:
                role = Role(str(word))
            except ValueError:
                known = ", ".join(Role)
                raise QuestionError(f"role: expected one of {known}") from None
            by, at = str(question.get("by") or ""), question.get("at")
            now = clock.since_boot()
            telling = Telling(
                role=role,
                who=f"{by} ({who})" if by else who,
                at=min(at, now) if isinstance(at, int | float) else now,
            )
            if not await self._side.take(telling):
                log.warning("%s, says %s: a later one was heard first", role, by or who)
        taken = self._daemon.engine.role
        if taken is None:
            return {"role": None, "since": None, "who": None}
        return {
            "role": taken.role.value,
            "since": taken.at.isoformat(timespec="seconds"),
            "who": taken.who,
        }

    def status(self) -> Plain | None:
        """Tell how both sides stand; None where there is no other one."""
        side = self._side
        engine, pair = self._daemon.engine, self._daemon.engine.config.pair
        if pair is None:
            return None
        now = clock.now().mono
        since = side.since if engine.peer_heard else {}
        troubles = [side.trouble] if side.trouble else []
        refusal = side.door.refusal
        if refusal is not None and now - refusal.at < RECENT:
            troubles.append(f"a question was refused, {refusal.why} ({refusal.count})")
        return {
            "name": side.name,
            "standby": engine.standby,
            "peer": self._peer_plain(pair, now),
            "agree": not since if engine.peer_heard else None,
            "disagreements": [
                {
                    "about": each.about,
                    "here": each.here,
                    "there": each.there,
                    "for": now - since,
                }
                for each, since in list(since.items())[:SHOWN]
            ],
            "disagreement_count": len(since),
            "sync": self._sync_plain(pair),
            "troubles": troubles,
        }

    def _peer_plain(self, pair: Pair, now: float) -> Plain:
        engine, side = self._daemon.engine, self._side
        heard = side.peer.heard
        ago = None if side.heard_at is None else now - side.heard_at
        return {
            "address": str(pair.peer),
            "name": None if heard is None else heard.name,
            "heard": engine.peer_heard is True,
            "heard_ago": ago,
            "silence": side.silence or None,
            **_role_of(heard),
        }

    def _sync_plain(self, pair: Pair) -> Plain | None:
        if pair.sync is None:
            return None
        troubles = list(self._side.sync.troubles)
        if not self._side.keeps_sync:
            troubles.append("the table is not the kernel's: no sync daemon is kept")
        return {
            "roles": pair.sync.roles.value,
            "running": [syncing.to_plain(each) for each in self._side.sync.running],
            "troubles": troubles,
        }


def _role_of(heard: Heard | None) -> Plain:
    if heard is None:
        return {"role": None, "since": None}
    since = None if heard.since is None else heard.since.isoformat(timespec="seconds")
    return {"role": None if heard.role is None else heard.role.value, "since": since}
