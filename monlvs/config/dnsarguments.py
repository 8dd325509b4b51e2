"""Arguments of dns.monitor, to the monitor dns.

It has long options (Getopt::Long): `-zone NAME`, `--zone NAME` and `--zone=NAME` are the
same. Shortened names, which Getopt::Long takes, too, are left to the program.
"""

import re
from collections.abc import Sequence
from datetime import timedelta

from monlvs.config.native import NativeMonitor, NotUnderstoodError

_OPTION = re.compile(r"--?(?P<name>[a-z_]+)(?:=(?P<value>.*))?", re.DOTALL)
_NUMBERS = {"serial_threshold": 0, "retry": 2, "retransmit": 5, "timeout": 0}
"""Options that take a number, and what they are unless stated."""
_LISTS = ("zone", "master", "query")
_FLAGS = ("caching_only", "tcp")
_LONGEST = 3600
"""Seconds; nobody waits longer for a name server."""


def read(arguments: Sequence[str]) -> NativeMonitor:
    """Return the monitor that asks what dns.monitor would ask.

    Raises NotUnderstoodError, or ValueError for what the monitor does not take.
    """
    from monlvs.monitors.dns import Dns

    lists, numbers, flags = _parted(arguments)
    retries, wait = numbers["retry"], numbers["retransmit"]
    if not 1 <= retries <= 10:
        raise NotUnderstoodError(f"-retry: expected 1 to 10, not {retries}")
    # Net::DNS::Resolver waits twice as long each time; ours shares the time out evenly.
    seconds = numbers["timeout"] or wait * (2**retries - 1)
    if not 1 <= seconds <= _LONGEST:
        raise NotUnderstoodError(f"expected a time limit up to {_LONGEST} s")
    asks = "query" if "caching_only" in flags else "zone"
    if not lists[asks] or lists["query" if asks == "zone" else "zone"]:
        raise NotUnderstoodError(
            "expected -zone and -master, or -caching_only and -query"
        )
    if bool(lists["master"]) != (asks == "zone"):
        raise NotUnderstoodError("expected -master with -zone, and with it alone")
    if any(query.count(":") > 1 for query in lists["query"]):
        raise NotUnderstoodError("-query: expected NAME or NAME:TYPE")
    monitor = Dns(
        zone=tuple(lists["zone"]),
        masters=tuple(lists["master"]),
        masters_needed=asks == "zone",
        serial_threshold=numbers["serial_threshold"],
        query=tuple(lists["query"]),
        tcp="tcp" in flags and asks == "zone",
        retries=retries - 1,
    )
    # The masters are asked first, for as long.
    limit = timedelta(seconds=seconds * (2 if asks == "zone" else 1))
    return NativeMonitor(monitor, limit)


def _parted(
    arguments: Sequence[str],
) -> tuple[dict[str, list[str]], dict[str, int], set[str]]:
    lists: dict[str, list[str]] = {name: [] for name in _LISTS}
    numbers, flags, words = dict(_NUMBERS), set[str](), list(arguments)
    while words:
        word = words.pop(0)
        found = _OPTION.fullmatch(word)
        name = found["name"] if found else ""
        if name in _FLAGS and found and found["value"] is None:
            flags.add(name)
        elif found and (name in lists or name in numbers):
            value = _value(name, found["value"], words)
            if name in lists:
                lists[name].append(value)
            else:
                numbers[name] = _number(name, value)
        else:
            raise NotUnderstoodError(f"option {word} not recognized")
    return lists, numbers, flags


def _value(name: str, stated: str | None, words: list[str]) -> str:
    if stated is not None:
        return stated
    if not words:
        raise NotUnderstoodError(f"option -{name} requires argument")
    return words.pop(0)


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise NotUnderstoodError(f"-{name}: expected a number, not {text!r}")
    return int(text)
