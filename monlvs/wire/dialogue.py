"""Reads what a server says in turns, and knows what to say next.

Rule 1: no IO here; what is to be said waits in `outgoing` until it is taken.
Rule 2: a step is satisfied by the first match in what has come so far.
"""

import re

from monlvs.model.result import Reason
from monlvs.wire.exchange import Dialogue, Says, Step
from monlvs.wire.finding import Finding, printable
from monlvs.wire.telnet import Negotiation


def dialogue_of(says: Says) -> Dialogue:
    """Spell a single expected reply as the dialogue that it is."""
    return Dialogue(steps=(Step(expect=says.pattern),), limit=says.limit)


class DialogueReader:
    """Follows one dialogue; make a new one for each check."""

    __slots__ = ("_at", "_dialogue", "_heard", "_last", "_seen", "_telnet", "outgoing")

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue
        self._telnet = Negotiation() if dialogue.telnet else None
        self._at = 0
        self._heard = bytearray()
        self._seen = 0
        """Bytes of this step, negotiation included."""
        self._last = ""
        self.outgoing = b""

    def begin(self) -> Finding | None:
        """Take the steps that wait for nothing, once the connection stands."""
        return self._advance()

    def feed(self, data: bytes) -> Finding | None:
        """Take what has arrived; return the finding once there is one."""
        self._seen += len(data)
        if self._telnet is not None:
            data, answer = self._telnet.feed(data)
            self.outgoing += answer
        self._heard += data
        return self._advance()

    def ended(self) -> Finding:
        """Say what it means that the server has closed the connection now."""
        return Finding(Reason.CLOSED_EARLY, f"closed {self.progress()}")

    def progress(self) -> str:
        """Say how far the dialogue has come, for a check that ends here."""
        if self._heard:
            return f"after {printable(bytes(self._heard[-80:]))!r}"
        return f"after {self._last!r}" if self._last else "before any reply"

    def _advance(self) -> Finding | None:
        steps = self._dialogue.steps
        while self._at < len(steps):
            step = steps[self._at]
            if step.expect is not None:
                found = step.expect.search(self._heard, 0, self._dialogue.limit)
                if found is None:
                    return self._stuck(step)
                self._last = self._line_around(found)
                del self._heard[: found.end()]
                self._seen = len(self._heard)
            self.outgoing += step.send
            self._at += 1
        return Finding(Reason.OK, self._last)

    def _stuck(self, step: Step) -> Finding | None:
        limit = self._dialogue.limit
        if step.refusal and (found := step.refusal.search(self._heard, 0, limit)):
            return Finding(Reason.UNEXPECTED, self._line_around(found))
        if self._seen > limit:
            return Finding(Reason.TOO_LARGE, f"nothing fits within {limit} bytes")
        return None

    def _line_around(self, found: re.Match[bytes]) -> str:
        """Show the whole line, of what has come of it, that a match lies in."""
        start = self._heard.rfind(b"\n", 0, found.start()) + 1
        end = self._heard.find(b"\n", found.end())
        return printable(bytes(self._heard[start : end if end >= 0 else None]))
