"""Whose configuration a file is, by what is in it and by its name."""

import re
import tomllib
from enum import StrEnum
from typing import Final


class Format(StrEnum):
    """Whose spelling a configuration is in."""

    MON = "mon"
    LDIRECTORD = "ldirectord"
    KEEPALIVED = "keepalived"
    IPVSADM = "ipvsadm"


_IN_IT: Final = (
    # A block of mon's needs no sign after its name; what stands there in a
    # keepalived.conf is a brace or an address.
    (Format.MON, rb"(?:hostgroup|watch)[ \t]+[\w.-]+[ \t\r]*(?:$|[^=\s{])"),
    (Format.LDIRECTORD, rb"virtual6?[ \t]*=[ \t]*[\w[]"),
    (
        Format.KEEPALIVED,
        rb"(?:virtual_server(?:_group)?|vrrp_\w+|global_defs|static_\w+|bfd_instance"
        rb"|include[a-z]?[ \t]+\S\S|track_\w+)",
    ),
    (Format.IPVSADM, rb"(?:\S*ip(?:pf)?vsadm[ \t]+)?-[ACaE][ \t]+-|-A\b.*-[tuf]\b"),
)
_NAMED: Final = (
    (Format.LDIRECTORD, "ldirectord"),
    (Format.KEEPALIVED, "keepalived"),
    (Format.IPVSADM, "ipvs"),
)


def detect(name: str, data: bytes) -> Format:
    """Say whose file of that name and content this is; mon's where nothing tells."""
    found = {
        format_
        for format_, pattern in _IN_IT
        if re.search(rb"^[ \t]*(?:@\S+[ \t]+)?" + pattern, data, re.MULTILINE)
    }
    if len(found) == 1:
        return found.pop()
    named = [format_ for format_, word in _NAMED if word in name]
    return next((f for f in named if not found or f in found), _first(found))


def is_toml(name: str, data: bytes) -> bool:
    """Say whether a file of that name and content has been TOML all along."""
    if name.endswith(".toml"):
        return True
    try:
        said = tomllib.loads(data.decode("utf-8"))
    except ValueError:
        return False
    # A mon.cf of variables alone, without a table, may be read as either.
    return any(isinstance(each, dict | list) for each in said.values())


def _first(found: set[Format]) -> Format:
    return next((f for f, _ in _IN_IT if f in found), Format.MON)
