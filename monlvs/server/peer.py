"""What is known of the other director, by asking it."""

import asyncio
import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from monlvs.director.outlook import Outlook, OutlookError, from_plain
from monlvs.model.pair import Pair, Role
from monlvs.wire import sealed

_LONGEST_NAME = 100
_DIGEST = re.compile("[0-9a-f]{64}")


class PeerError(Exception):
    """The other director was not heard; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the other director has said."""

    name: str
    role: Role | None
    since: datetime | None
    """Since when it has its role."""
    outlook: Outlook
    digest: str
    """That of its outlook."""


class Peer:
    """Asks the other director."""

    def __init__(self, process: str) -> None:
        """`process` names this one: an answer by that name comes from a mirror."""
        self._process = process
        self.heard: Heard | None = None
        """What it said last; it may be long gone."""

    def forget(self) -> None:
        """Forget what it said: it is another one from now on."""
        self.heard = None

    async def ask(self, pair: Pair, secret: bytes, *, limit: float) -> Heard:
        """Ask once, for `limit` seconds at most. Raises PeerError."""
        known = sealed.NOTHING if self.heard is None else self.heard.digest
        question = sealed.ask(self._process, known)
        try:
            async with asyncio.timeout(limit):
                body = await _exchange(pair, question, secret)
        except TimeoutError:
            raise PeerError(f"no answer in {limit:.3g} s") from None
        except asyncio.IncompleteReadError:
            raise PeerError(
                "it does not answer us: is the secret the same, and this one its peer?"
            ) from None
        except sealed.SealError as error:
            raise PeerError(str(error)) from None
        except OSError as error:
            # asyncio has words of its own, with the address that is known.
            words = os.strerror(error.errno) if error.errno else str(error)
            raise PeerError(words) from None
        self.heard = self._read(body)
        return self.heard

    def _read(self, body: bytes) -> Heard:
        try:
            said = json.loads(body)
            if said["process"] == self._process:
                raise PeerError("it is this director itself that answers")
            return Heard(
                name=_name(said["name"]),
                role=None if said["role"] is None else Role(said["role"]),
                since=_moment(said["since"]),
                outlook=self._outlook(said),
                digest=_digest(said["digest"]),
            )
        except OutlookError as error:
            raise PeerError(f"its answer is not understood: {error}") from None
        except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
            raise PeerError("its answer is not understood: another version?") from None

    def _outlook(self, said: Any) -> Outlook:
        if said["outlook"] is not None:
            return from_plain(said["outlook"])
        if self.heard is None or said["digest"] != self.heard.digest:
            raise OutlookError("expected an outlook")
        return self.heard.outlook


async def _exchange(pair: Pair, question: sealed.Question, secret: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(
        str(pair.peer.address),
        pair.peer.port,
        # From where it expects us.
        local_addr=(str(pair.listen.address), 0),
    )
    try:
        writer.write(question.line(secret))
        head = await reader.readexactly(sealed.HEAD_LENGTH)
        body = await reader.readexactly(sealed.length_of(head))
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    return sealed.open_answer(question, head, body, secret)


def answer(  # noqa: PLR0913  one argument for each thing that is said
    *,
    process: str,
    name: str,
    role: Role | None,
    since: datetime | None,
    outlook: str,
    digest: str,
    known: bytes,
) -> bytes:
    """Return what a director says; its outlook, JSON, where the asker has another."""
    said = {
        "process": process,
        "name": name,
        "role": role,
        "since": None if since is None else since.timestamp(),
        "digest": digest,
    }
    told = "null" if known == digest.encode() else outlook
    return f'{json.dumps(said)[:-1]}, "outlook": {told}}}'.encode()


def _name(word: object) -> str:
    if not isinstance(word, str) or not word.isprintable() or len(word) > _LONGEST_NAME:
        raise OutlookError("expected a name")
    return word


def _digest(word: object) -> str:
    if not isinstance(word, str) or not _DIGEST.fullmatch(word):
        raise OutlookError("expected a digest")
    return word


def _moment(seconds: object) -> datetime | None:
    if seconds is None:
        return None
    if not isinstance(seconds, int | float):
        raise OutlookError("expected seconds since 1970")
    return datetime.fromtimestamp(seconds, UTC)
