"""Arguments of virtualserver.alert, lvs.alert and ipvs.alert, to what they declare.

    -P tcp|udp|sctp   -V VIP[:PORT] or -M MARK   -R SERVER[:PORT]   -W WEIGHT
    -F dr|g|route, tun|i|tunnel, nat|m|masq, local   -S SCHEDULER
    -D  the whole virtual service    -B  create it when it is missing
    -B SERVER[:PORT]  stands in while the real server is out    -X  neither

mon's own options (-s -g -h -t -l with a value, -u -T -O -a without) mean nothing here.
"""

import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from monlvs.alerts.virtualserver import ForwardingWord, Transport, Virtualserver
from monlvs.config.native import NotUnderstoodError

_VALUES = frozenset("PVRWFSM")
_FLAGS = frozenset("DX")
_MONS_VALUES = frozenset("sghtl")
_MONS_FLAGS = frozenset("uTOa")
_UNTRANSLATED = frozenset(["g", "i", "dr", "route", "tun", "tunnel"])


@dataclass(frozen=True, slots=True)
class Declared:
    """What a line declares, and what is odd about it."""

    alert: Virtualserver
    notices: tuple[str, ...] = ()


def read(arguments: Sequence[str], *, recovers: bool) -> Declared:
    """Read the arguments of an `alert` line, or of an `upalert` one (`recovers`).

    Raises NotUnderstoodError.
    """
    given = _letters(list(arguments))
    options, notices = _options(given), []
    if recovers and options.get("real") is not None:
        # ipvs.alert looks at -D only when it takes something out.
        options.pop("delete_service", None)
    elif options.get("delete_service"):
        for word in ("build", "scheduler", "backup"):
            options.pop(word, None)
    virtual, real = options.get("virtual"), options.get("real")
    if options.get("forwarding") in _UNTRANSLATED and virtual and real:
        port, stated = _port(virtual), _port(real)
        if port and stated and port != stated:
            notices.append(
                f"the port of {real} is the virtual service's, {port}: packets are not "
                "rewritten on the way, and ipvsadm(8) does the same"
            )
            options["real"] = real.removesuffix(f":{stated}")
    try:
        alert = Virtualserver(**options)
    except ValueError as error:
        raise NotUnderstoodError(str(error)) from None
    return Declared(alert, tuple(notices))


def for_whole_group(alert: Virtualserver) -> Virtualserver:
    """Let the state of the whole group decide, as in mon."""
    return replace(alert, whole_group=True)


def _letters(words: list[str]) -> dict[str, str]:
    """Part letters from their values, as getopts does; `-B` may have one."""
    found: dict[str, str] = {}
    while words:
        word = words.pop(0)
        letter, attached = word[1:2], word[2:]
        if not word.startswith("-") or not letter:
            raise NotUnderstoodError(f"expected an option, not {word!r}")
        if letter in _VALUES | _MONS_VALUES:
            if not attached and not words:
                raise NotUnderstoodError(f"-{letter}: expected a value after it")
            found[letter] = attached or words.pop(0)
        elif letter == "B":
            follows = bool(words) and not words[0].startswith("-")
            found["B"] = attached or (words.pop(0) if follows else "")
        elif letter in _FLAGS | _MONS_FLAGS:
            found[letter] = ""
            if attached:
                words.insert(0, f"-{attached}")  # letters written together
        else:
            raise NotUnderstoodError(f"unknown option -{letter}")
    return {k: v for k, v in found.items() if k not in _MONS_VALUES | _MONS_FLAGS}


def _options(given: dict[str, str]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for letter, value in given.items():
        if letter == "B":
            options["backup" if value else "build"] = value or True
        elif letter in _FLAGS:
            options[Virtualserver.letters[letter]] = True
        else:
            options[Virtualserver.letters[letter]] = _value(letter, value)
    for word in ("virtual", "real", "backup"):
        if isinstance(options.get(word), str):
            options[word] = _numeric(options[word], options.get("protocol"))
    return options


def _value(letter: str, value: str) -> Any:
    try:
        match letter:
            case "P":
                return Transport(value.lower())
            case "F":
                return ForwardingWord(value.lower())
            case "W" | "M":
                return int(value)
            case _:
                return value
    except ValueError:
        raise NotUnderstoodError(f"-{letter}: {value!r} was not expected") from None


def _numeric(endpoint: str, protocol: Transport | None) -> str:
    """Put the number of a port where its name stands (services(5))."""
    host, colon, port = endpoint.rpartition(":")
    if not colon or port.isdecimal() or (":" in host.strip("[]") and host[:1] != "["):
        return endpoint
    try:
        number = socket.getservbyname(port, (protocol or Transport.TCP).value)
    except (OSError, ValueError):  # a name with a NUL in it
        return endpoint
    return f"{host}:{number}"


def _port(endpoint: str) -> str | None:
    host, colon, port = endpoint.rpartition(":")
    bare = not colon or not port.isdecimal() or (":" in host and host[:1] != "[")
    return None if bare else port
