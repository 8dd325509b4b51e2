"""Host names to addresses, without DNS being able to stop the checks.

Rule 1: a literal address never asks anybody. Rule 2: an answer is good for its time to
live; when a new one cannot be had, the old one stays in use. Rule 3: one question at a
time per name, however many wait for its answer.
"""

import asyncio
import socket
from collections import OrderedDict
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from typing import TypeAlias

from monlvs.model.values import Address, Host

_ASK_AGAIN = 5.0  # seconds after a failure
_UNDER_WAY = 64  # questions at a time

_Answer: TypeAlias = Address | str
"""An address, or words about why there is none."""


class NameUnresolvedError(Exception):
    """A host name has no address that could be found, and none is remembered."""


@dataclass(slots=True, kw_only=True)
class _Entry:
    answer: _Answer
    good_until: float


class Names:
    """Resolves the names of hosts, and remembers at most `limit` of them.

    `ttl` is how long an answer is used without asking again, `patience` how long a
    caller waits for one; both in seconds.
    """

    def __init__(
        self, *, ttl: float = 60.0, patience: float = 5.0, limit: int = 4096
    ) -> None:
        self._ttl = ttl
        self._patience = patience
        self._limit = limit
        self._known: OrderedDict[Host, _Entry] = OrderedDict()
        self._asked: dict[Host, asyncio.Future[_Answer]] = {}

    async def resolve(self, host: Host) -> Address:
        """Return an address of `host`, or raise NameUnresolvedError."""
        try:
            return ip_address(host)
        except ValueError:
            pass
        entry = self._known.get(host)
        now = asyncio.get_running_loop().time()
        if entry is None or entry.good_until <= now:
            failure = await self._ask(host)
            entry = self._known.get(host)
            if entry is None:
                raise NameUnresolvedError(f"{host}: {failure}")
            if failure:
                entry.good_until = now + _ASK_AGAIN
        if isinstance(entry.answer, str):
            raise NameUnresolvedError(f"{host}: {entry.answer}")
        return entry.answer

    async def _ask(self, host: Host) -> str:
        """Wait for a new answer as long as patience lasts; return what went wrong."""
        asked = self._asked.get(host)
        if asked is None:
            if len(self._asked) >= _UNDER_WAY:
                return f"{_UNDER_WAY} other names are being looked up"
            loop = asyncio.get_running_loop()
            asked = loop.run_in_executor(None, _look_up, host)
            self._asked[host] = asked
            asked.add_done_callback(partial(self._note, loop, host))
        # Whoever gives up must not take the answer away from the others: no cancelling.
        await asyncio.wait([asked], timeout=self._patience)
        return "" if asked.done() else f"no answer within {self._patience:g} s"

    def _note(
        self,
        loop: asyncio.AbstractEventLoop,
        host: Host,
        asked: asyncio.Future[_Answer],
    ) -> None:
        del self._asked[host]
        if asked.cancelled():
            return
        answer, now = asked.result(), loop.time()
        old = self._known.get(host)
        if not isinstance(answer, str):
            self._known[host] = _Entry(answer=answer, good_until=now + self._ttl)
        elif old is None or isinstance(old.answer, str):
            self._known[host] = _Entry(answer=answer, good_until=now + _ASK_AGAIN)
        else:
            old.good_until = now + _ASK_AGAIN
        self._known.move_to_end(host)
        if len(self._known) > self._limit:
            self._known.popitem(last=False)


def _look_up(host: Host) -> _Answer:
    """Ask the system's resolver; blocks, so it runs in a thread."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return getattr(error, "strerror", None) or str(error)
    return ip_address(found[0][4][0]) if found else "no address"
