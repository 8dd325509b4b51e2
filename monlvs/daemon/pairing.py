"""The two directors, joined: the door, the questions, what they disagree on, the roles.

One turn every `interval`: what was told while nobody listened, the other director asked,
both outlooks compared. Who is master decides nothing about checks.
"""

import asyncio
import hashlib
import json
import logging
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from monlvs.core.events import PeerHeard, PeerLost, TakeRole
from monlvs.daemon.parts import Daemon
from monlvs.director.outlook import (
    Disagreement,
    DisagreementsChanged,
    Outlook,
    compare,
    outlook,
    to_plain,
)
from monlvs.model.lvs import Table
from monlvs.model.pair import Pair
from monlvs.runtime import clock
from monlvs.runtime.rolenote import Telling, find
from monlvs.runtime.syncdaemons import SyncDaemons
from monlvs.server import peer as speaking
from monlvs.server.pairdoor import PairDoor
from monlvs.server.peer import Peer, PeerError
from monlvs.server.secret import SecretError, read_secret
from monlvs.wire import sealed

log = logging.getLogger("monlvs.pair")

ALONE: Final = 1.0
"""Seconds between turns where no other director is configured."""
SETTLED: Final = 60.0
"""Seconds after which a disagreement is no matter of who checks first."""
FIRST: Final = 1.0
"""Seconds that a start waits for the other director at most."""


@dataclass(frozen=True, slots=True)
class _View:
    """This director's outlook, as it is told."""

    revision: int
    table: Table
    outlook: Outlook
    text: str
    digest: str


class Pairing:
    """This director's side of the pair."""

    def __init__(self, daemon: Daemon, directory: Path | None, *, idle: bool) -> None:
        """`idle` leaves the kernel's sync daemons alone: it only looks."""
        self._daemon = daemon
        self._directory = directory
        process = sealed.new_process()
        self._process = process
        self.door = PairDoor(process, self._say)
        self.peer = Peer(process)
        self.sync = SyncDaemons()
        self.keeps_sync = not idle and daemon.table.name == "kernel"
        self.heard_at: float | None = None
        """When the other director answered last, on the monotonic clock."""
        self.silence = "it was not asked yet"
        """Why it was not heard the last time; empty: it was."""
        self.trouble: str | None = None
        """Why the other director cannot ask."""
        self.since: dict[Disagreement, float] = {}
        """What the two disagree on, and since when."""
        self._sync_due = 0.0
        self._told_at = 0.0
        """When the latest telling of a role was begun, in seconds since the boot."""
        self._pair: Pair | None = None
        self._view = _View(-1, MappingProxyType({}), Outlook(), "", "")
        self._told: tuple[Disagreement, ...] = ()

    async def run(self) -> None:
        """Take turns until cancelled."""
        try:
            while True:
                pair = self._daemon.engine.config.pair
                await asyncio.sleep(
                    ALONE if pair is None else pair.interval.total_seconds()
                )
                await self.turn()
        finally:
            self.close()

    def close(self) -> None:
        """Answer no more; what the kernel tells by itself goes on."""
        self.door.close()
        self.sync.close()

    async def first(self) -> None:
        """Take the first turn: who is told by the master need not be told by us."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST):
                await self.turn()

    async def turn(self) -> None:
        """Take one turn; a fault of ours must not end the others."""
        try:
            note = None if self._directory is None else find(self._directory)
            if note is not None:
                await self.take(note)
            await self._turn(self._daemon.engine.config.pair)
        except Exception:
            log.exception("the other director could not be dealt with")

    async def _turn(self, pair: Pair | None) -> None:
        if pair != self._pair:
            self._change(pair)
        if pair is None:
            return
        await self._keep_sync()
        try:
            secret = await self._open(pair)
        except SecretError as error:
            self._lose(pair, str(error))
            return
        await self._ask(pair, secret)
        self._compare()

    def _change(self, pair: Pair | None) -> None:
        """Begin anew: the configuration speaks of another pair, or of none."""
        if self._pair is None or pair is None or pair.peer != self._pair.peer:
            self.peer.forget()
            self.heard_at, self.since, self._told = None, {}, ()
        if pair is None or pair.sync is None:
            self.sync.forget()
        if pair is None or self.door.place != pair.listen:
            self.door.close()
        self._pair, self._sync_due, self.trouble = pair, 0.0, None

    async def _open(self, pair: Pair) -> bytes:
        """Read the secret and have the door open; raises SecretError."""
        secret = read_secret(pair.secret_file)
        self._look()
        self.door.admit(pair.peer, secret)
        trouble = None
        if self.door.place is None:
            try:
                await self.door.open(pair.listen)
            except OSError as error:
                trouble = f"pair.listen {pair.listen}: {error.strerror or error}"
        if trouble is not None and trouble != self.trouble:
            log.error("%s; it is tried again", trouble)
        self.trouble = trouble
        return secret

    async def _ask(self, pair: Pair, secret: bytes) -> None:
        patience = pair.patience.total_seconds()
        limit = patience
        if self.heard_at is not None:
            left = patience - (clock.now().mono - self.heard_at)
            limit = max(left, patience / 2)
        try:
            heard = await self.peer.ask(pair, secret, limit=limit)
        except PeerError as error:
            self._lose(pair, str(error))
            return
        self.heard_at, self.silence = clock.now().mono, ""
        event = PeerHeard(peer=f"{heard.name} ({pair.peer})", role=heard.role)
        self._daemon.dispatcher.submit(event)

    def _lose(self, pair: Pair, why: str) -> None:
        """It was not heard; it is gone when it was not for as long as patience lasts."""
        self.silence = why
        patience = pair.patience.total_seconds()
        if self.heard_at is None or clock.now().mono - self.heard_at >= patience:
            known = self.peer.heard
            name = f"{pair.peer}" if known is None else f"{known.name} ({pair.peer})"
            self._daemon.dispatcher.submit(PeerLost(peer=name, reason=why))

    def _compare(self) -> None:
        engine, heard = self._daemon.engine, self.peer.heard
        if not engine.peer_heard or heard is None:
            return
        now = clock.now().mono
        found = compare(self._look().outlook, heard.outlook)
        self.since = {each: self.since.get(each, now) for each in found}
        lasting = tuple(each for each in found if now - self.since[each] >= SETTLED)
        if lasting != self._told:
            self._told = lasting
            record = DisagreementsChanged(peer=heard.name, disagreements=lasting)
            self._daemon.dispatcher.record(record)

    def _look(self) -> _View:
        """Return this director's outlook; put together again when something happened."""
        revision = self._daemon.dispatcher.revision
        table, old = self._daemon.director.desired, self._view
        if revision != old.revision or not (table is old.table or table == old.table):
            seen = outlook(self._daemon.engine.states, table)
            text = json.dumps(to_plain(seen))
            digest = hashlib.sha256(text.encode()).hexdigest()
            self._view = _View(revision, table, seen, text, digest)
        return self._view

    def _say(self, question: sealed.Question) -> bytes:
        taken = self._daemon.engine.role
        return speaking.answer(
            process=self._process,
            name=self.name,
            role=None if taken is None else taken.role,
            since=None if taken is None else taken.at,
            outlook=self._view.text,
            digest=self._view.digest,
            known=question.known,
        )

    async def take(self, telling: Telling) -> bool:
        """Take a role; the table is made true at once, and the sync daemons are switched.

        Returns whether it is news: a telling that a later one has overtaken is none.
        """
        if not self._hear(telling):
            return False
        daemon = self._daemon
        # The VIPs have come or gone: declaring anew has the addresses read again, too.
        daemon.director.declare(daemon.engine.config, daemon.engine.health())
        await daemon.director.once()
        await self._keep_sync()
        return True

    def _hear(self, telling: Telling) -> bool:
        if telling.at < self._told_at:
            return False
        self._told_at, self._sync_due = telling.at, 0.0
        self._daemon.dispatcher.submit(TakeRole(role=telling.role, who=telling.who))
        return True

    async def _keep_sync(self) -> None:
        config, now = self._daemon.engine.config, clock.now().mono
        sync = None if config.pair is None else config.pair.sync
        if sync is None or not self.keeps_sync or now < self._sync_due:
            return
        self._sync_due = now + config.settings.resync.total_seconds()
        taken = self._daemon.engine.role
        await self.sync.keep(sync, None if taken is None else taken.role)

    @property
    def name(self) -> str:
        """What this director is called."""
        pair = self._daemon.engine.config.pair
        stated = None if pair is None else pair.name
        return stated or socket.gethostname()
