"""Reads an HTTP/1.x reply, however its bytes are split, and decides as early as it can.

Rule 1: no IO here; bytes go in, a Finding or nothing comes out.
Rule 2: the verdict depends on the bytes alone, never on where the network split them.
Rule 3: bytes after the deciding one are not looked at.
"""

import re
from collections.abc import Generator
from functools import lru_cache
from hashlib import md5
from typing import TypeAlias

from monlvs.model.result import Reason
from monlvs.wire.exchange import HttpReply, Method
from monlvs.wire.finding import Finding, printable

_LINE_LIMIT = 16_384
_HEADER_LIMIT = 65_536
_NO_BODY = frozenset({204, 304})  # RFC 9112, 6.3
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-9]\d\d)(?: [^\n]*)?\r?")

# A match of these parts may be undone by what follows it, so they have to wait for the
# whole body: ends, word boundaries, lookahead, atomic and possessive parts.
_NEEDS_THE_WHOLE = re.compile(rb"\$|\\[ZbB]|\(\?[=!>]|[*+?}]\+")

_Parsing: TypeAlias = Generator[None, None, Finding | None]
_COMPLETE = None


class _MalformedError(Exception):
    """The reply is not one of HTTP, or larger than anybody would look at."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.finding = Finding(reason, detail)


@lru_cache(maxsize=128)
def _status(line: bytes) -> tuple[int, Finding]:
    """Take a status line apart: the status (0 for no such line), and what it means where
    it is wanted. That is one object, by which a steady answer is known for one."""
    found = _STATUS_LINE.fullmatch(line)
    return int(found[1]) if found else 0, Finding(Reason.OK, printable(line))


def _judge_status(expect: HttpReply, line: bytes) -> Finding | None:
    """Refuse a status that is not wanted; nothing when only the body can decide."""
    status, wanted = _status(line)
    if status in expect.statuses:
        return None if expect.body or expect.md5 else wanted
    if not status:
        return Finding(Reason.UNEXPECTED, f"not HTTP: {wanted.detail}")
    return Finding(Reason.UNEXPECTED, wanted.detail)


def glance(expect: HttpReply, data: bytes) -> Finding | None:
    """Judge a reply by its first bytes, where they hold the status line and that decides:
    the usual reply, for which no reader has to be made."""
    end = data.find(b"\n", 0, _LINE_LIMIT)
    if end <= 0 or data[9:10] == b"1":  # 1xx are interim
        return None
    line = data[:end]
    status, wanted = _status(line)
    if status in expect.statuses and expect.body is None and expect.md5 is None:
        return wanted
    return _judge_status(expect, line)


class HttpReader:
    """Incremental reader of one reply; make a new one for each check."""

    __slots__ = (
        "_body", "_buffer", "_expect", "_head", "_header_size", "_parsing",
        "_status_text", "_until_close", "outgoing",
    )  # fmt: skip

    def __init__(self, expect: HttpReply) -> None:
        self._expect = expect
        self._parsing: _Parsing | None = None
        self._until_close = False
        self._body: bytearray | None = None
        """What has been decoded; None before the body starts."""
        self.outgoing = b""

    def begin(self) -> Finding | None:
        """Nothing is said or decided before the server speaks."""
        return None

    def feed(self, data: bytes) -> Finding | None:
        """Take what has arrived; return the finding once there is one."""
        parsing = self._parsing
        if parsing is None:
            finding = glance(self._expect, data)
            if finding is not None:
                return finding
            self._buffer = bytearray()
            self._head = bytearray()
            self._header_size = 0
            self._status_text = ""
            self._parsing = parsing = self._reply()
        self._buffer += data
        try:
            next(parsing)
        except StopIteration as over:
            ended: Finding | None = over.value
            return self._judge_body(ended, complete=ended is _COMPLETE)
        except _MalformedError as fault:
            return self._judge_body(fault.finding, complete=False)
        return self._judge_body(None, complete=False)

    def ended(self) -> Finding:
        """Say what it means that the server has closed the connection now."""
        finding = self._judge_body(None, complete=self._until_close)
        return finding or Finding(Reason.CLOSED_EARLY, f"closed {self.progress()}")

    def progress(self) -> str:
        """Say how far the reply has come, for a check that ends here."""
        if self._parsing is None:
            return "before any reply"
        if self._body is None:
            return "within the header of the reply"
        return f"after {len(self._body)} bytes of the body"

    def _judge_body(self, ended: Finding | None, *, complete: bool) -> Finding | None:
        """Search the body, if it may be searched yet, before `ended` has its say."""
        pattern = self._expect.body
        if self._body is None:
            return ended
        if complete and (finding := self._judge_sum(self._body)) is not None:
            return finding
        if pattern is None:
            return Finding(Reason.OK, self._status_text) if complete else ended
        if self._expect.md5 is not None and not complete:
            return ended
        if complete or not _NEEDS_THE_WHOLE.search(pattern.pattern):
            if pattern.search(self._body, 0, self._expect.limit):
                return Finding(Reason.OK, self._status_text)
            if complete:
                return Finding(
                    Reason.UNEXPECTED,
                    f"{self._status_text}, but the body does not match",
                )
        return ended

    def _judge_sum(self, body: bytearray) -> Finding | None:
        """Refuse a body that is another than it has to be."""
        wanted = self._expect.md5
        if wanted is None:
            return None
        found = md5(body, usedforsecurity=False).hexdigest()
        if found == wanted:
            return None
        return Finding(
            Reason.UNEXPECTED, f"{self._status_text}, but the body's MD5 sum is {found}"
        )

    # The grammar (RFC 9112), as one generator that rests where bytes are missing.

    def _reply(self) -> _Parsing:
        while True:
            status = yield from self._status_and_judge()
            if isinstance(status, Finding):
                return status
            coding, length = yield from self._header()
            if not (100 <= status < 200 and status != 101):
                break
        self._body = self._head if self._expect.whole else bytearray()
        if self._expect.method is Method.HEAD or status in _NO_BODY:
            return _COMPLETE
        if b"chunked" in coding:
            return (yield from self._chunks())
        if length is None:
            self._until_close = True
            length = -1
        return (yield from self._collect(length))

    def _status_and_judge(self) -> Generator[None, None, Finding | int]:
        while not b"HTTP/".startswith(self._buffer[:5]) or len(self._buffer) < 5:
            if not b"HTTP/".startswith(self._buffer[:5]):
                text = printable(bytes(self._buffer))
                return Finding(Reason.UNEXPECTED, f"not HTTP: {text}")
            yield
        line = yield from self._line()
        status, wanted = _status(line)
        self._status_text = wanted.detail
        if 100 <= status < 200 and status != 101:
            return status
        return _judge_status(self._expect, line) or status

    def _header(self) -> Generator[None, None, tuple[bytes, int | None]]:
        coding, length = b"", None
        while line := (yield from self._line()).rstrip(b"\r"):
            name, _, value = line.partition(b":")
            name = name.lower()
            if name == b"transfer-encoding":
                coding = value.lower()
            elif name == b"content-length":
                length = _number(value.strip(), 10, "Content-Length")
        return coding, length

    def _chunks(self) -> _Parsing:
        while True:
            line = yield from self._line()
            size = _number(line.partition(b";")[0].strip(), 16, "chunk size")
            if size == 0:  # the trailer does not interest anybody here
                return _COMPLETE
            finding = yield from self._collect(size)
            if finding is not _COMPLETE:
                return finding
            if (yield from self._line()).rstrip(b"\r"):
                return Finding(Reason.UNEXPECTED, "chunk longer than its size says")
            self._header_size = 0  # framing of a chunk, not the header

    def _line(self) -> Generator[None, None, bytes]:
        buffer = self._buffer
        while (end := buffer.find(b"\n", 0, _LINE_LIMIT)) < 0:
            if len(buffer) >= _LINE_LIMIT:
                raise _MalformedError(
                    Reason.TOO_LARGE, f"line over {_LINE_LIMIT} bytes"
                )
            yield
        line = bytes(buffer[:end])
        del buffer[: end + 1]
        if self._body is None:
            self._head += line + b"\n"
        self._header_size += end + 1
        if self._header_size > _HEADER_LIMIT:
            raise _MalformedError(
                Reason.TOO_LARGE, f"header over {_HEADER_LIMIT} bytes"
            )
        return line

    def _collect(self, length: int) -> _Parsing:
        """Move `length` bytes into the body, or all that come when it is negative."""
        assert self._body is not None
        body, buffer, limit = self._body, self._buffer, self._expect.limit
        while length:
            taken = len(buffer) if length < 0 else min(length, len(buffer))
            body += buffer[:taken]
            del buffer[:taken]
            if len(body) > limit:
                return Finding(Reason.TOO_LARGE, f"body over {limit} bytes")
            if length > 0:
                length -= taken
            if length:
                yield
        return _COMPLETE


def _number(digits: bytes, radix: int, what: str) -> int:
    """Read a number as RFC 9112 spells it: digits only, and not endlessly many."""
    allowed = b"0123456789abcdefABCDEF" if radix == 16 else b"0123456789"
    if not digits or len(digits) > 15 or digits.strip(allowed):
        raise _MalformedError(Reason.UNEXPECTED, f"bad {what}: {printable(digits, 40)}")
    return int(digits, radix)
