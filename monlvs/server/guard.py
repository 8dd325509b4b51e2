"""Who may do what: auth.cf and logins."""

import asyncio
import logging
import socket
from collections.abc import Callable
from pathlib import Path

from monlvs.model.mon import MonSettings
from monlvs.mon.authcf import Authority, TrapRule, parse_authcf
from monlvs.mon.trap import Trap
from monlvs.server.accounts import Login, is_accepted
from monlvs.server.hashes import matches

log = logging.getLogger("monlvs.server")

_AT_ONCE = 2
"""Logins looked at simultaneously: hashing passwords takes all of a processor."""
_AFTER_FAILURE = 0.5
"""Seconds that a wrong password costs whoever guesses."""


class AuthFileError(Exception):
    """The auth file cannot be read, or not understood; says why, and where."""


class Guard:
    """Decides on commands, logins and traps."""

    def __init__(self, settings: Callable[[], MonSettings]) -> None:
        """`settings` is asked each time: a reset may have changed them."""
        self._settings = settings
        self._authority = Authority()
        self._senders: dict[str, frozenset[str]] = {}
        """Addresses of the hosts that trap rules name."""
        self._turn = asyncio.Semaphore(_AT_ONCE)

    @property
    def traps(self) -> tuple[TrapRule, ...]:
        """Whose traps are taken."""
        return self._authority.traps

    async def load(self) -> None:
        """Read the auth file; raises AuthFileError, and then nothing has changed."""
        path = self._settings().authfile
        authority, senders = await asyncio.to_thread(_read, path)
        self._authority, self._senders = authority, senders

    async def reload(self) -> bool:
        """Read the auth file again; a broken one changes nothing. Returns whether it
        was taken."""
        try:
            await self.load()
        except AuthFileError as error:
            log.error("%s; what was allowed before still is", error)  # noqa: TRY400  people get a sentence
            return False
        return True

    def may(self, user: str, command: str) -> bool:
        """Return whether a client may give a command; no user: before its login."""
        return self._authority.may(user or None, command)

    def grants(self, user: str, command: str) -> bool:
        """Return what `checkauth` tells."""
        return self._authority.grants(user or None, command)

    async def knows(self, user: str, password: str, *, address: str) -> bool:
        """Return whether somebody is who they say they are."""
        login = Login(user=user, password=password, address=address)
        async with self._turn:
            accepted = await asyncio.to_thread(is_accepted, login, self._settings())
        if not accepted:
            log.warning("login of %r from %s refused", user[:80], address)
            await asyncio.sleep(_AFTER_FAILURE)
        return accepted

    def takes(self, trap: Trap, address: str) -> bool:
        """Return whether a trap from `address` is to be taken; may hash a password."""
        names = (name for name, known in self._senders.items() if address in known)
        return self._authority.accepts_trap(
            {address, *names}, trap.user, trap.password, matches
        )


def _read(path: str) -> tuple[Authority, dict[str, frozenset[str]]]:
    try:
        text = Path(path).read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise AuthFileError(f"could not open {path}: {error.strerror}") from None
    authority, problems = parse_authcf(text, file=path)
    for problem in problems:
        if not problem.warning:
            raise AuthFileError(str(problem))
        log.warning("%s", problem)
    return authority, {rule.host: _addresses(rule.host) for rule in authority.traps}


def _addresses(host: str) -> frozenset[str]:
    if host == "*":
        return frozenset()
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        log.warning("traps of %s: the name does not resolve: %s", host, error)
        return frozenset()
    return frozenset(str(address[0]) for *_, address in found)
