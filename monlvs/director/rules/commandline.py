"""The command line of ipvsadm as a value: the command, the options, their places.

Options are read as popt(3) does it for ipvsadm 1.31: letters may be bundled, a long
name may have its argument after `=`, and `-p` may do without one. The ippfvsadm of 1999
is told by `-R` with an argument beside another command.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from monlvs.director.rules.shell import Word


class Verb(Enum):
    """Commands, by their letters or long names."""

    ADD_SERVICE = "-A"
    EDIT_SERVICE = "-E"
    DELETE_SERVICE = "-D"
    CLEAR = "-C"
    RESTORE = "-R"
    SAVE = "-S"
    ADD_SERVER = "-a"
    EDIT_SERVER = "-e"
    DELETE_SERVER = "-d"
    LIST = "-L"
    ZERO = "-Z"
    SET = "--set"
    START_DAEMON = "--start-daemon"
    STOP_DAEMON = "--stop-daemon"
    HELP = "-h"
    VERSION = "-v"


_LONG: Final = {
    "--add-service": "-A",
    "--edit-service": "-E",
    "--delete-service": "-D",
    "--clear": "-C",
    "--restore": "-R",
    "--save": "-S",
    "--add-server": "-a",
    "--edit-server": "-e",
    "--delete-server": "-d",
    "--list": "-L",
    "-l": "-L",
    "--zero": "-Z",
    "--help": "-h",
    "--version": "-v",
    "--tcp-service": "-t",
    "--udp-service": "-u",
    "--fwmark-service": "-f",
    "--ipv6": "-6",
    "--scheduler": "-s",
    "--persistent": "-p",
    "--netmask": "-M",
    "--sched-flags": "-b",
    "--ops": "-o",
    "--real-server": "-r",
    "--gatewaying": "-g",
    "--ipip": "-i",
    "--masquerading": "-m",
    "--weight": "-w",
    "--u-threshold": "-x",
    "--l-threshold": "-y",
    "--numeric": "-n",
    "--connection": "-c",
    "--exact": "-X",
}
_BARE: Final = frozenset(
    (
        *("-6", "-o", "-g", "-i", "-m", "-n", "-c", "-X"),
        *("--tun-nocsum", "--tun-csum", "--tun-remcsum"),
        *("--timeout", "--daemon", "--stats", "--rate", "--thresholds"),
        *("--persistent-conn", "--tun-info", "--sort", "--nosort"),
    )
)
_WITH_ARGUMENT: Final = frozenset(
    (
        *("-t", "-u", "-f", "-s", "-M", "-b", "-r", "-w", "-x", "-y"),
        *("--sctp-service", "--pe", "--tun-type", "--tun-port"),
        *("--mcast-interface", "--syncid", "--sync-maxlen"),
        *("--mcast-group", "--mcast-port", "--mcast-ttl"),
        *("--start-daemon", "--stop-daemon"),
    )
)
_VERBS: Final = frozenset(verb.value for verb in Verb)


class CommandLineError(Exception):
    """A command line that ipvsadm would refuse; says why, and at which word."""

    def __init__(self, message: str, word: Word) -> None:
        """Keep the word that is at fault."""
        super().__init__(message)
        self.word = word


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLine:
    """One call of ipvsadm."""

    verb: Verb
    place: Word
    """The first word."""
    options: Mapping[str, Word]
    """Arguments by option, in its short spelling where there is one."""
    operands: tuple[Word, ...] = ()
    of_1999: bool = False
    """Whether the real server is named by `-R`."""


def parse(words: tuple[Word, ...]) -> CommandLine:
    """Read the words after `ipvsadm`; at least one. Raises CommandLineError."""
    reader = _Reader(words)
    while reader.left:
        reader.take()
    return reader.finish()


class _Reader:
    """Takes words from the front of a list."""

    def __init__(self, words: tuple[Word, ...]) -> None:
        self.left = list(words)
        self._first = words[0]
        self._verb: Verb | None = None
        self._options: dict[str, Word] = {}
        self._operands: list[Word] = []
        self._old = False

    def take(self) -> None:
        """Take an option with what belongs to it, or an operand."""
        word = self.left.pop(0)
        if word.text.startswith(("<", ">", "2>", "1>")):
            if word.text in ("<", ">", ">>", "2>", "1>", "<<") and self.left:
                self.left.pop(0)
        elif word.text.startswith("--"):
            name, equals, value = word.text.partition("=")
            self._option(word, _LONG.get(name, name), value if equals else None)
        elif word.text.startswith("-") and len(word.text) > 1:
            self._bundle(word)
        elif word.text:
            self._operands.append(word)

    def finish(self) -> CommandLine:
        if self._verb is None:
            if self._options or self._operands:
                raise CommandLineError("no command such as -A or -a", self._first)
            self._verb = Verb.LIST
        if self._operands and self._verb is not Verb.SET:
            raise CommandLineError(
                f"unexpected argument {self._operands[0].text!r}", self._operands[0]
            )
        return CommandLine(
            verb=self._verb,
            place=self._first,
            options=self._options,
            operands=tuple(self._operands),
            of_1999=self._old,
        )

    def _bundle(self, word: Word) -> None:
        letters = word.text[1:]
        while letters:
            name, letters = f"-{letters[0]}", letters[1:]
            name = _LONG.get(name, name)
            takes = name in _WITH_ARGUMENT or name == "-p" or self._names_server(name)
            if takes and letters:
                self._option(word, name, letters)
                return
            self._option(word, name, None)

    def _names_server(self, name: str) -> bool:
        return name == "-R" and self._verb is not None

    def _option(self, word: Word, name: str, value: str | None) -> None:
        if self._names_server(name):
            self._old, name = True, "-r"
        if name in _VERBS:
            if self._verb is not None:
                raise CommandLineError("more than one command", word)
            self._verb = Verb(name)
        if name in _WITH_ARGUMENT:
            self._put(word, name, self._argument(word, name, value))
        elif name == "-p":
            self._put(word, name, self._persistence(word, value))
        elif name not in _BARE | _VERBS:
            shown = name if name.isprintable() else repr(name)
            raise CommandLineError(f"unknown option {shown}", word)
        elif value is not None:
            raise CommandLineError(f"{name} takes no argument", word)
        elif name in _BARE:
            self._put(word, name, word)

    def _put(self, word: Word, name: str, value: Word) -> None:
        if name in self._options:
            raise CommandLineError(f"{name} stands there twice", word)
        self._options[name] = value

    def _argument(self, word: Word, name: str, value: str | None) -> Word:
        if value is not None:
            return Word(value, word.line, word.column)
        if not self.left:
            raise CommandLineError(f"{name} lacks its argument", word)
        return self.left.pop(0)

    def _persistence(self, word: Word, value: str | None) -> Word:
        if value is not None:
            return Word(value, word.line, word.column)
        if self.left and not self.left[0].text.startswith("-"):
            return self.left.pop(0)
        return Word("", word.line, word.column)
