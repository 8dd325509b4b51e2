"""What a server says of how much it can take: one line of words, as HAProxy's agents say.

word                      the server
NUMBER%                   takes so much of its weight
up, ready                 works; all of its weight unless NUMBER% stands beside it
drain                     wants no new connections
maint                     wants none at all
down, failed, stopped     does not work; what follows a # says why

Words it has beside these, such as maxconn:30, mean nothing to IPVS.
"""

import re
from typing import Final

from monlvs.model.result import Advice, AdviceKind
from monlvs.wire.finding import printable

_PERCENT: Final = re.compile(r"(\d{1,5})%")
_FAILING: Final = frozenset({"down", "failed", "fail", "stopped"})
_WORKING: Final = frozenset({"up", "ready"})
_LIMITED: Final = {"drain": AdviceKind.DRAIN, "maint": AdviceKind.MAINT}
_MOST: Final = 25_600
"""Percent: HAProxy's weights go up to 256 times one."""


def parse(line: bytes) -> tuple[Advice | None, str]:
    """Read what a server says; None: it does not work, or makes no sense.

    The second value is the line for people.
    """
    text, _, reason = printable(line).partition("#")
    words = text.lower().replace(",", " ").split()
    found: Advice | None = None
    for word in words:
        if word in _FAILING:
            return None, f"{word}: {reason.strip()}" if reason.strip() else word
        if word in _LIMITED:
            found = Advice(_LIMITED[word])
        elif (share := _PERCENT.fullmatch(word)) and not _is_limited(found):
            found = Advice(AdviceKind.PERCENT, min(int(share[1]), _MOST))
        elif word in _WORKING and found is None:
            found = Advice(AdviceKind.PERCENT)
    if found is None:
        return None, f"says neither up nor down: {text.strip()!r}"
    return found, text.strip()


def _is_limited(advice: Advice | None) -> bool:
    return advice is not None and advice.kind is not AdviceKind.PERCENT
