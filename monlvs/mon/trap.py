"""Traps: a datagram of `key='value'` lines that tells a result (mon(8), "TRAPS").

mon looks for the end of a word and unescapes twice, so that it garbles backslashes;
here what is encoded comes back. It wants `pro` first, and so do others of its kind: a
datagram without it is none.
"""

import re
from dataclasses import dataclass

from monlvs.mon.escape import escape, to_bytes, to_text, unescape

VERSION = "0.3807"
"""What mon's own clients say for `pro`; nobody looks at it."""

MAX_DATAGRAM = 65_507
"""65,535 bytes of IPv4 packet less 20 of its header and 8 of UDP's."""

_LINE = re.compile(r"([a-z]{3})=(.*)", re.DOTALL)
_STATUS = re.compile(r"-?[0-9]{1,9}")
_NUMBER = re.compile(r"-?[0-9]{1,15}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trap:
    """A result that somebody else found."""

    group: str
    service: str
    status: int
    """`sta`: 0 is success, anything else is a failure with that exit value."""
    summary: str = ""
    detail: str = ""
    user: str = ""
    password: str = ""
    kind: int | None = None
    """`spc`: an operational status, which mon does not look at."""
    time: int | None = None
    """`tsp`: an epoch in seconds, by the sender's clock."""

    @property
    def output(self) -> str:
        """What mon takes for a monitor's output."""
        return f"{self.summary}\n\n{self.detail}"


@dataclass(frozen=True, slots=True)
class BadTrap:
    """A datagram that is no trap."""

    reason: str
    """What was found and what was expected, in printable ASCII."""


def decode_trap(datagram: bytes) -> Trap | BadTrap:
    """Read a datagram. Never raises.

    Missing keys are empty, unknown ones count for nothing, and of several the last one
    counts; only `pro` and a number in `sta` have to be there.
    """
    values: dict[str, str] = {}
    for line in to_text(datagram).split("\n"):
        found = _LINE.fullmatch(line.rstrip("\r"))
        if found is not None:
            values[found[1]] = unescape(_unquoted(found[2]))
    if "pro" not in values:
        return BadTrap("expected key='value' lines with a protocol, pro='VERSION'")
    status = values.get("sta")
    if status is None or _STATUS.fullmatch(status) is None:
        told = "nothing" if status is None else escape(status)[:40]
        return BadTrap(f"expected a number in sta, not {told}")
    return Trap(
        group=values.get("grp", ""),
        service=values.get("svc", ""),
        status=int(status),
        summary=values.get("sum", "").replace("\n", " "),
        detail=values.get("dtl", ""),
        user=values.get("usr", ""),
        password=values.get("pas", ""),
        kind=_number(values.get("spc", "")),
        time=_number(values.get("tsp", "")),
    )


def encode_trap(trap: Trap, *, sequence: int = 0) -> bytes:
    """Return a datagram as mon's own clients send it, a password only with a user.

    It may be longer than MAX_DATAGRAM: that is for the sender to look at.
    """
    kind = (1 if trap.status == 0 else 0) if trap.kind is None else trap.kind
    values = [
        ("pro", VERSION),
        ("usr", trap.user),
        *([("pas", trap.password)] if trap.user else []),
        ("spc", str(kind)),
        ("seq", str(sequence)),
        ("typ", "trap"),
        ("grp", trap.group),
        ("svc", trap.service),
        ("sta", str(trap.status)),
        ("spc", str(kind)),
        ("tsp", str(trap.time or 0)),
        ("sum", trap.summary),
        ("dtl", trap.detail),
    ]
    return to_bytes("".join(f"{key}='{escape(value)}'\n" for key, value in values))


def _unquoted(value: str) -> str:
    # mon takes what stands between the quotes, and does without them too.
    return value.removeprefix("'").removesuffix("'")


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None
