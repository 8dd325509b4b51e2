"""Turns with servers that begin their replies with a number: SMTP, NNTP, FTP.

A reply may have many lines: `220-…` goes on, `220 …` is the last (RFC 5321, 4.2.1).
"""

import re

from monlvs.wire.exchange import Step


def step(codes: str, send: str = "") -> Step:
    """Wait for a reply with one of `codes` (a regular expression for three digits), and
    then say the line `send`; a reply with another code ends the dialogue."""
    return Step(
        expect=re.compile(rb"(?m)^(?:%b)(?: [^\n]*)?\r?\n" % codes.encode("ascii")),
        refusal=re.compile(
            rb"(?m)^(?!%b)\d{3}(?: [^\n]*)?\r?\n" % codes.encode("ascii")
        ),
        send=line(send),
    )


def line(words: str) -> bytes:
    """Return a line as it goes over the wire; nothing for nothing."""
    return f"{words}\r\n".encode() if words else b""
