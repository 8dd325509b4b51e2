"""What ended a conversation, and whose doing it was.

Rule 1: a reason alone decides the verdict, in one table.
Rule 2: an errno is read in two ways: what our own kernel says before anything has left the
machine is about us, what comes back later is about the other side.
"""

import errno
import os
from typing import NamedTuple

from monlvs.model.result import Outcome, Reason, Verdict

_OURS = frozenset({
    Reason.NO_DESCRIPTORS, Reason.NO_PORTS, Reason.NO_NETWORK, Reason.NO_MEMORY,
    Reason.LATE, Reason.NOT_PERMITTED, Reason.NAME, Reason.SIGNALLED,
    Reason.NOT_STARTED, Reason.STOPPED, Reason.BROKEN, Reason.NO_MEASURE,
})  # fmt: skip

_AT_HOME = {
    errno.EMFILE: Reason.NO_DESCRIPTORS,
    errno.ENFILE: Reason.NO_DESCRIPTORS,
    errno.EADDRNOTAVAIL: Reason.NO_PORTS,
    errno.EADDRINUSE: Reason.NO_PORTS,
    errno.ENOBUFS: Reason.NO_MEMORY,
    errno.ENOMEM: Reason.NO_MEMORY,
    errno.EPERM: Reason.NOT_PERMITTED,
    errno.ENETDOWN: Reason.NO_NETWORK,
    errno.ENODEV: Reason.NO_NETWORK,
    errno.EAFNOSUPPORT: Reason.NO_NETWORK,
}

# connect(2) and sendto(2) answer ENETUNREACH at once when *we* have no route at all, and
# EACCES for a `prohibit` route or a broadcast address of our own.
_BEFORE_LEAVING = {
    errno.ENETUNREACH: Reason.NO_NETWORK,
    errno.EACCES: Reason.NOT_PERMITTED,
}

# icmp(7) and the kernel's icmp_err_convert: an ICMP error becomes one of these later.
_FROM_THE_NETWORK = {
    errno.ECONNREFUSED: Reason.REFUSED,
    errno.EHOSTUNREACH: Reason.UNREACHABLE,
    errno.EHOSTDOWN: Reason.UNREACHABLE,
    errno.ENETUNREACH: Reason.UNREACHABLE,
    errno.ENONET: Reason.UNREACHABLE,
    errno.ENOPROTOOPT: Reason.UNREACHABLE,
    errno.EACCES: Reason.UNREACHABLE,
    errno.EPROTO: Reason.UNREACHABLE,
    errno.ETIMEDOUT: Reason.TIMED_OUT,
    errno.ECONNRESET: Reason.RESET,
    errno.ECONNABORTED: Reason.RESET,
    errno.EPIPE: Reason.RESET,
}


class Finding(NamedTuple):
    """Why a conversation is over, and one line about it."""

    reason: Reason
    detail: str


def verdict_of(reason: Reason) -> Verdict:
    """Say what a reason means for the host: our own troubles move nothing."""
    if reason is Reason.OK:
        return Verdict.UP
    return Verdict.INCONCLUSIVE if reason in _OURS else Verdict.DOWN


def outcome_of(finding: Finding, seconds: float) -> Outcome:
    """Complete a finding with its verdict and the time it took."""
    reason, detail = finding
    return Outcome(
        verdict=Verdict.UP if reason is Reason.OK else verdict_of(reason),
        reason=reason,
        detail=detail,
        seconds=seconds,
    )


def local_fault(error: OSError) -> Finding:
    """Read what a call said before anything had left this machine."""
    ours = _BEFORE_LEAVING.get(error.errno or 0)
    return Finding(ours, _words(error)) if ours else remote_fault(error)


def remote_fault(error: OSError) -> Finding:
    """Read what came back on a socket that had been sending."""
    number = error.errno or 0
    reason = _AT_HOME.get(number) or _FROM_THE_NETWORK.get(number, Reason.BROKEN)
    return Finding(reason, _words(error))


def _words(error: OSError) -> str:
    words = os.strerror(error.errno) if error.errno else str(error)
    return f"{error.filename}: {words}" if error.filename else words


def printable(data: bytes, limit: int = 200) -> str:
    """Make one bounded line for people out of bytes from the network.

    Control characters and what is not UTF-8 are shown as escapes: nothing that a peer
    sends reaches a terminal, a log or a mail as it is.
    """
    text = data[: limit + 1].decode("utf-8", "backslashreplace")
    line = "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode()
        for c in text.strip()
    )
    return line if len(line) <= limit else line[: limit - 1] + "…"
