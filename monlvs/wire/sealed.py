"""What two directors say to each other, sealed by a secret that both know: pure.

One TCP connection carries one question and its answer:

    question    monlvs-pair-1 NONCE ASKER KNOWN SEAL LF    hexadecimal: 64, 32, 64, 64
    answer      LENGTH SEAL LF BODY                        LENGTH of BODY in 8 digits

A seal is HMAC-SHA256 (RFC 2104) under the secret, over what the line is for, the nonce,
and what is said. The nonce is the asker's and new each time: an answer that somebody has
recorded, or that was given to another question, does not fit. KNOWN is the digest of what
the asker has heard already, or zeros. ASKER names the process that asks, and the body the one that answers, so that a question which comes back to
where it was asked is known. Nothing is encrypted.

Who does not know the secret is told nothing: whatever is not a sealed question is not
answered.
"""

import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Final

LEAST: Final = 16
"""Bytes that a secret has at least."""
LONGEST: Final = 33_554_432
"""Bytes that a body may have: a hundred thousand real servers need a third."""
NOTHING: Final = "0" * 64
"""The digest that nothing has."""
QUESTION_LENGTH: Final = len("monlvs-pair-1") + 1 + 64 + 1 + 32 + 1 + 64 + 1 + 64 + 1
HEAD_LENGTH: Final = 8 + 1 + 64 + 1

_QUESTION = re.compile(
    rb"monlvs-pair-1 ([0-9a-f]{64}) ([0-9a-f]{32}) ([0-9a-f]{64}) ([0-9a-f]{64})\n"
)
_HEAD = re.compile(rb"([0-9]{8}) ([0-9a-f]{64})\n")


class SealError(Exception):
    """What was heard is not what somebody who knows the secret says; says why."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question."""

    nonce: bytes
    asker: bytes
    known: bytes

    def line(self, secret: bytes) -> bytes:
        """Return it as it is sent."""
        said = b"%s %s" % (self.asker, self.known)
        seal = _seal(secret, b"question", self.nonce, said)
        return b"monlvs-pair-1 %s %s %s\n" % (self.nonce, said, seal)


def new_process() -> str:
    """Name a process, at random."""
    return secrets.token_hex(16)


def ask(asker: str, known: str = NOTHING) -> Question:
    """Make a question that was never asked before."""
    return Question(secrets.token_hex(32).encode(), asker.encode(), known.encode())


def read_question(line: bytes, secret: bytes) -> Question:
    """Read a question. Raises SealError."""
    found = _QUESTION.fullmatch(line)
    if found is None:
        raise SealError("it is not a question of a director's")
    nonce, asker, known, seal = found.groups()
    said = b"%s %s" % (asker, known)
    if not hmac.compare_digest(seal, _seal(secret, b"question", nonce, said)):
        raise SealError("its secret is another one")
    return Question(nonce, asker, known)


def answer(question: Question, body: bytes, secret: bytes) -> bytes:
    """Return the answer to a question as it is sent. Raises ValueError when too long."""
    if len(body) > LONGEST:
        raise ValueError(f"an answer of {LONGEST} bytes at most, not {len(body)}")
    seal = _seal(secret, b"answer", question.nonce, body)
    return b"%08d %s\n%s" % (len(body), seal, body)


def length_of(head: bytes) -> int:
    """Read the first line of an answer: how long the rest is. Raises SealError."""
    found = _HEAD.fullmatch(head)
    if found is None:
        raise SealError("its answer is not a director's")
    if (length := int(found[1])) > LONGEST:
        raise SealError(f"its answer is longer than {LONGEST} bytes")
    return length


def open_answer(question: Question, head: bytes, body: bytes, secret: bytes) -> bytes:
    """Return the body where it is the answer to `question`. Raises SealError."""
    found = _HEAD.fullmatch(head)
    if found is None or len(body) != int(found[1]):
        raise SealError("its answer is not a director's")
    expected = _seal(secret, b"answer", question.nonce, body)
    if not hmac.compare_digest(found[2], expected):
        raise SealError(
            "its answer is sealed by another secret, or for another question"
        )
    return body


def _seal(secret: bytes, purpose: bytes, nonce: bytes, said: bytes) -> bytes:
    message = b"monlvs-pair-1 %s %s " % (purpose, nonce)
    return hmac.digest(secret, message + said, "sha256").hex().encode()
