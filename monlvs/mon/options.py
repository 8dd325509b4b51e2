"""mon's own command line: option letters to values (mon(8), "OPTIONS").

Options are read as mon reads them: a dash or two, the value in the next word or behind
`=`, letters never together, words that are no options passed over. An unknown option is
an error here; mon shows its usage and says that all is well.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

_OPTION = re.compile(r"--?([A-Za-z]+)(?:=(.*))?", re.DOTALL)
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonOptions:
    """What was asked for; None: not said, so that mon.cf and the defaults count."""

    alertdir: tuple[str, ...] | None = None
    authfile: str | None = None
    basedir: str | None = None
    cfbasedir: str | None = None
    config: str | None = None
    debug: bool = False
    statedir: str | None = None
    background: bool = False
    help: bool = False
    sleep: int | None = None
    """Seconds between two turns of mon's loop; monlvs has none and takes no notice."""
    histlength: int | None = None
    load: str | None = None
    """Saved state to begin with: `disabled`, `opstatus`, `all`."""
    logdir: str | None = None
    m4: str | None = None
    """Program that the configuration goes through."""
    maxprocs: int | None = None
    syslog_facility: str | None = None
    serverport: int | None = None
    trapport: int | None = None
    pidfile: str | None = None
    """Empty: none is written."""
    randstart: int | None = None
    """Seconds."""
    mondir: tuple[str, ...] | None = None
    stopped: bool = False
    version: bool = False

    @property
    def loads_disabled(self) -> bool:
        """Whether what was disabled is disabled again."""
        return self.load in ("disabled", "all")

    @property
    def loads_opstatus(self) -> bool:
        """Whether services stand where they stood; mon's any other word loads
        nothing."""
        return self.load in ("opstatus", "all")


@dataclass(frozen=True, slots=True)
class OptionError:
    """Why a command line cannot be understood."""

    message: str


@dataclass(frozen=True, slots=True)
class Option:
    """How an option is spelled."""

    letter: str
    field: str
    value: str
    """What follows, for people; empty for a flag, in brackets where it may be left
    out."""
    meaning: str
    read: Callable[[str], object] = str
    bare: object = True
    """What counts where no value follows."""


class _BadValueError(Exception):
    """An option has not the value that it needs."""


def _number(text: str) -> int:
    if _NUMBER.fullmatch(text) is None:
        raise ValueError("number expected")
    return int(text)


def _directories(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(":") if part)


OPTIONS = (
    Option("a", "alertdir", "DIR[:DIR…]", "where alerts are looked for", _directories),
    Option("A", "authfile", "FILE", "who may do what"),
    Option("b", "basedir", "DIR", "what relative directories are under"),
    Option("B", "cfbasedir", "DIR", "what relative configuration files are under"),
    Option("c", "config", "FILE", "configuration to read"),
    Option("d", "debug", "", "tell what is done, in detail"),
    Option("D", "statedir", "DIR", "where state is kept"),
    Option("f", "background", "", "go into the background"),
    Option("h", "help", "", "show this and exit"),
    Option("i", "sleep", "SECONDS", "accepted, without effect", _number),
    Option("k", "histlength", "NUMBER", "how many past alerts are kept", _number),
    Option(
        "l",
        "load",
        "[disabled|opstatus|all]",
        "begin with saved state",
        bare="disabled",
    ),
    Option("L", "logdir", "DIR", "where logs are written"),
    Option("M", "m4", "[PROGRAM]", "put the configuration through m4", bare="m4"),
    Option("m", "maxprocs", "NUMBER", "how many monitors run at once", _number),
    Option("O", "syslog_facility", "FACILITY", "where the system log has it"),
    Option("p", "serverport", "PORT", "TCP port for clients", _number),
    Option("P", "pidfile", "FILE", "where the process id is written; empty: nowhere"),
    Option("r", "randstart", "SECONDS", "spread first checks over this", _number),
    Option("s", "mondir", "DIR[:DIR…]", "where monitors are looked for", _directories),
    Option("S", "stopped", "", "begin with the scheduler stopped"),
    Option("t", "trapport", "PORT", "UDP port for traps", _number),
    Option("v", "version", "", "show the version and exit"),
)
"""In the order of mon's own usage text."""

_BY_LETTER = {option.letter: option for option in OPTIONS}


def parse_options(arguments: Sequence[str]) -> DaemonOptions | OptionError:
    """Read the words after `mon` (or after `monlvs daemon`). Never raises."""
    values: dict[str, Any] = {}
    position = 0
    while position < len(arguments):
        word = arguments[position]
        position += 1
        if word == "--":
            break
        found = _OPTION.fullmatch(word)
        if found is None:
            continue  # mon passes over what is no option
        option = _BY_LETTER.get(found[1])
        if option is None:
            return OptionError(f"Unknown option: {found[1]}")
        following = arguments[position : position + 1]
        try:
            values[option.field], used = _value(option, found[2], following)
        except _BadValueError as error:
            return OptionError(str(error))
        position += used
    return DaemonOptions(**values)


def _value(
    option: Option, joined: str | None, following: Sequence[str]
) -> tuple[object, int]:
    """Return an option's value and how many further words it took."""
    if joined and not option.value:
        raise _BadValueError(f"Option {option.letter} does not take an argument")
    if joined:
        return _read(option, joined), 0
    optional = not option.value or option.value.startswith("[")
    takes_none = not following or following[0].startswith("-")
    if not option.value or (optional and takes_none):
        return option.bare, 0
    if joined is not None or not following:
        raise _BadValueError(f"Option {option.letter} requires an argument")
    return _read(option, following[0]), 1


def _read(option: Option, text: str) -> object:
    try:
        return option.read(text)
    except ValueError as error:
        raise _BadValueError(
            f'Value "{text}" invalid for option {option.letter} ({error})'
        ) from None
