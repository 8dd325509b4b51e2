"""Who may connect: how many at once, from where, and whom to send away when it is full."""

import logging
import re
from collections import Counter
from dataclasses import dataclass, field

log = logging.getLogger("monlvs.server")

LIMIT = 256
"""Clients at once."""
PATIENCE = 2.0
"""Seconds for which a client may be silent in a full house and keep its place."""


@dataclass(slots=True, kw_only=True, eq=False)
class Guest:
    """A connected client, as the door sees it."""

    address: str
    since: float
    """Since when nothing was heard of it, on the loop's clock."""
    busy: bool = False
    """A request of it is being answered."""
    told_to_go: bool = field(default=False)


class Door:
    """Decides on admission. Rule: a full house is shared fairly.

    A newcomer gets the place of the one that has been silent longest among those of the
    address with the most clients; where nobody there is idle, the newcomer is refused.
    So one address cannot keep the others out, and silent clients keep nobody out.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._guests: set[Guest] = set()

    def __len__(self) -> int:
        return len(self._guests)

    def admit(self, address: str, *, now: float) -> tuple[Guest | None, Guest | None]:
        """Return the new guest, or None, and who has to go for it, if anybody."""
        leaving = None
        if len(self._guests) >= self._limit:
            leaving = self._dispensable(address, now)
            if leaving is None:
                return None, None
            self._guests.discard(leaving)
            leaving.told_to_go = True
        guest = Guest(address=address, since=now)
        self._guests.add(guest)
        return guest, leaving

    def leave(self, guest: Guest) -> None:
        """Give a place back."""
        self._guests.discard(guest)

    def _dispensable(self, address: str, now: float) -> Guest | None:
        counts = Counter(guest.address for guest in self._guests)
        most = max(counts.values())
        # An address that holds as many as any other gains nothing by asking for more.
        if counts[address] == most:
            crowd = {address}
        else:
            crowd = {each for each, count in counts.items() if count == most}
        idle = [
            guest
            for guest in self._guests
            if guest.address in crowd
            and not guest.busy
            and now - guest.since >= PATIENCE
        ]
        return min(idle, key=lambda guest: guest.since, default=None)


class AllowedClients:
    """mon's `clientallow`: a pattern that a client's address matches as a whole."""

    def __init__(self, pattern: str | None) -> None:
        self._pattern: re.Pattern[str] | None = None
        self._nobody = False
        if pattern is None:
            return
        try:
            self._pattern = re.compile(pattern, re.ASCII)
        except re.error as error:
            self._nobody = True  # who wrote it wanted to keep somebody out
            words = "clientallow = %s: no pattern: %s: no client may connect"
            log.error(words, pattern, error)  # noqa: TRY400  people get a sentence

    def __contains__(self, address: object) -> bool:
        if self._nobody or not isinstance(address, str):
            return False
        return self._pattern is None or self._pattern.fullmatch(address) is not None
