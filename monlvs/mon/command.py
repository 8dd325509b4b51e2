"""One line of a client as a command (mon's protocol on TCP 2583)."""

import re
from dataclasses import dataclass

from monlvs.mon.escape import to_text
from monlvs.mon.words import BLANKS, UnbalancedQuoteError, plain_words, split_words

COMMANDS = frozenset(
    (
        *("ack", "checkauth", "clear", "disable", "dump", "enable", "get", "getview"),
        *("list", "loadstate", "login", "protid", "quit", "reload", "reset"),
        *("savestate", "servertime", "set", "setview", "start", "stop", "term"),
        *("test", "version"),
    )
)
"""What mon understands; `dump` is known and always refused."""

_COMMAND = re.compile(rf"([A-Za-z_]+)(?:[{BLANKS}]+(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Command:
    """A command and what follows it.

    Case matters in the arguments. Quotes group and backslashes escape only where mon
    says so: in the comment of `ack` and in the value of `set`.
    """

    name: str
    """The first word, in small letters."""
    text: str = ""
    """The rest of the line, without blanks around it."""

    @property
    def known(self) -> bool:
        """Whether mon has such a command."""
        return self.name in COMMANDS

    @property
    def words(self) -> tuple[str, ...]:
        """The arguments, parted at blanks."""
        return plain_words(self.text)

    def word(self, number: int) -> str:
        """Return an argument, the first being 0; empty where there is none."""
        words = self.words
        return words[number] if number < len(words) else ""

    def after(self, count: int) -> str:
        """Return what follows `count` arguments, as it is written."""
        if not count:
            return self.text
        parts = re.split(f"[{BLANKS}]+", self.text, maxsplit=count)
        return parts[count] if len(parts) > count else ""

    def quoted(self, count: int) -> str:
        """Return the first shell-like word after `count` arguments.

        As in mon that is nothing where a quote is not closed.
        """
        try:
            words = split_words(self.after(count))
        except UnbalancedQuoteError:
            return ""
        return words[0] if words else ""


def parse_command(line: str | bytes) -> Command | None:
    """Read a line, with or without its line end; None: it is no command at all.

    mon answers `520 invalid command` to that, as to a command that is not known.
    """
    text = to_text(line) if isinstance(line, bytes) else line
    found = _COMMAND.fullmatch(text.rstrip(BLANKS))
    if found is None:
        return None
    return Command(found[1].lower(), (found[2] or "").lstrip(BLANKS))
