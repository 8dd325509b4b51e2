"""One request of a client."""

from dataclasses import dataclass

from monlvs.core.control import Control
from monlvs.model.watch import ServiceKey
from monlvs.mon.command import Command
from monlvs.mon.escape import unescape
from monlvs.server.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a command works with."""

    control: Control
    session: Session
    command: Command

    @property
    def key(self) -> ServiceKey:
        """The service that the first two words name; it may be none that exists."""
        return ServiceKey(self.command.word(0), self.command.word(1))

    def text_after(self, count: int) -> str:
        """Return the text that follows `count` words: one word, quoted or escaped.

        moncmd(1) leaves the quoting to people, Mon::Client does both.
        """
        return unescape(self.command.quoted(count))

    @property
    def knows_key(self) -> bool:
        """Whether there is such a service."""
        return self.key in self.control.engine.watched

    def knows_group(self, group: str) -> bool:
        """Whether any service is watched on a group of that name."""
        return any(key.group == group for key in self.control.engine.watched)
