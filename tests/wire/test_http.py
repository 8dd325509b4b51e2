"""The HTTP reply reader: whatever the split, the same verdict."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.model.result import Reason
from monlvs.wire.exchange import HttpReply, Method
from monlvs.wire.finding import Finding
from monlvs.wire.http import HttpReader

HELLO = HttpReply(body=re.compile(b"hello"))
WHOLE = HttpReply(body=re.compile(rb"\Ahello\Z"))
STATUS = HttpReply()


def read(expect: HttpReply, *pieces: bytes, closed: bool = True) -> Finding | None:
    reader = HttpReader(expect)
    for piece in pieces:
        finding = reader.feed(piece)
        if finding is not None:
            return finding
    return reader.ended() if closed else None


def reply(head: str, body: bytes = b"") -> bytes:
    return head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body


SUM = HttpReply(md5="5d41402abc4b2a76b9719d911017c592")  # of hello
SUM_AND_WORD = HttpReply(md5=SUM.md5, body=re.compile(b"bye"))
CHUNKED = "HTTP/1.1 200 OK\nTransfer-Encoding: chunked"
CASES = {
    "the status alone decides": (STATUS, reply("HTTP/1.1 200 OK"), Reason.OK),
    "a bare line feed ends a line": (STATUS, b"HTTP/1.0 200\n", Reason.OK),
    "a redirect is fine by default": (STATUS, reply("HTTP/1.1 302 Found"), Reason.OK),
    "a status that is not wanted": (
        STATUS,
        reply("HTTP/1.1 503 No"),
        Reason.UNEXPECTED,
    ),
    "interim replies are passed over": (
        STATUS,
        reply("HTTP/1.1 100 Continue")
        + reply("HTTP/1.1 103 Hints\nA: b")
        + reply("HTTP/1.1 200 OK"),
        Reason.OK,
    ),
    "a protocol switch is final": (STATUS, reply("HTTP/1.1 101 Go"), Reason.UNEXPECTED),
    "another protocol": (STATUS, b"SSH-2.0-OpenSSH_9\r\n", Reason.UNEXPECTED),
    "a status that is no number": (STATUS, reply("HTTP/1.1 2xx OK"), Reason.UNEXPECTED),
    "another protocol without a line": (STATUS, b"\x15\x03\x01\x00", Reason.UNEXPECTED),
    "closed before anything": (STATUS, b"", Reason.CLOSED_EARLY),
    "closed within the status line": (STATUS, b"HTTP/1.1 20", Reason.CLOSED_EARLY),
    "a status line without an end": (
        STATUS,
        b"HTTP/1.1 200 " + b"x" * 20_000,
        Reason.TOO_LARGE,
    ),
    "a header without an end": (
        HELLO,
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 20_000,
        Reason.TOO_LARGE,
    ),
    "a body with the sum that is expected": (
        SUM,
        reply("HTTP/1.1 200 OK\nContent-Length: 5", b"hello there"),
        Reason.OK,
    ),
    "the sum of the decoded body": (
        SUM,
        reply(CHUNKED, b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"),
        Reason.OK,
    ),
    "the sum of a body until the end": (
        SUM,
        reply("HTTP/1.1 200 OK", b"hello"),
        Reason.OK,
    ),
    "a body with another sum": (
        SUM,
        reply("HTTP/1.1 200 OK\nContent-Length: 6", b"hello!"),
        Reason.UNEXPECTED,
    ),
    "a body with the sum and a wrong status": (
        SUM,
        reply("HTTP/1.1 404 No\nContent-Length: 5", b"hello"),
        Reason.UNEXPECTED,
    ),
    "a body with the sum and without the word": (
        SUM_AND_WORD,
        reply("HTTP/1.1 200 OK\nContent-Length: 5", b"hello"),
        Reason.UNEXPECTED,
    ),
    "half of a body that has a sum": (
        SUM,
        reply("HTTP/1.1 200 OK\nContent-Length: 9", b"hello"),
        Reason.CLOSED_EARLY,
    ),
    "a body until the end": (HELLO, reply("HTTP/1.1 200 OK", b"oh hello"), Reason.OK),
    "a body with a length": (
        WHOLE,
        reply("HTTP/1.1 200 OK\nContent-Length: 5", b"hello there"),
        Reason.OK,
    ),
    "a body that is cut off": (
        WHOLE,
        reply("HTTP/1.1 200 OK\nContent-Length: 50", b"hello"),
        Reason.CLOSED_EARLY,
    ),
    "a body that does not match": (
        HELLO,
        reply("HTTP/1.1 200 OK\nContent-Length: 3", b"bye"),
        Reason.UNEXPECTED,
    ),
    "no body where one must match": (
        HELLO,
        reply("HTTP/1.1 204 No Content"),
        Reason.UNEXPECTED,
    ),
    "a wrong status before the body": (
        HELLO,
        reply("HTTP/1.1 500 Oh", b"hello"),
        Reason.UNEXPECTED,
    ),
    "chunks, the match across two": (
        HELLO,
        reply(CHUNKED, b"3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n"),
        Reason.OK,
    ),
    "chunks, all of them at the end": (
        WHOLE,
        reply(CHUNKED, b"3\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: x\r\n\r\n"),
        Reason.OK,
    ),
    "a chunk size that is no number": (
        HELLO,
        reply(CHUNKED, b"-1\r\n"),
        Reason.UNEXPECTED,
    ),
    "a chunk longer than it says": (
        HELLO,
        reply(CHUNKED, b"1\r\nab\r\n"),
        Reason.UNEXPECTED,
    ),
    "a match before a broken chunk": (
        HELLO,
        reply(CHUNKED, b"5\r\nhello\r\nzz\r\n"),
        Reason.OK,
    ),
    "a length that is no number": (
        HELLO,
        reply("HTTP/1.1 200 OK\nContent-Length: 1_0", b"hello"),
        Reason.UNEXPECTED,
    ),
    "a body over the limit": (
        HttpReply(body=re.compile(b"hello"), limit=10),
        reply("HTTP/1.1 200 OK", b"x" * 20 + b"hello"),
        Reason.TOO_LARGE,
    ),
    "a match that ends at the limit": (
        HttpReply(body=re.compile(b"hello"), limit=10),
        reply("HTTP/1.1 200 OK", b"x" * 5 + b"hello" + b"x" * 5),
        Reason.OK,
    ),
    "a match that must wait, undone by what follows": (
        HttpReply(body=re.compile(b"hello(?! not)")),
        reply("HTTP/1.1 200 OK", b"hello not"),
        Reason.UNEXPECTED,
    ),
}


@pytest.mark.parametrize(("expect", "data", "reason"), CASES.values(), ids=CASES)
def test_a_reply_gets_its_reason(
    expect: HttpReply, data: bytes, reason: Reason
) -> None:
    finding = read(expect, data)

    assert finding is not None
    assert finding.reason is reason


@pytest.mark.parametrize(("expect", "data", "reason"), CASES.values(), ids=CASES)
def test_single_bytes_give_the_same_reason(
    expect: HttpReply, data: bytes, reason: Reason
) -> None:
    finding = read(expect, *(data[i : i + 1] for i in range(len(data))))

    assert finding is not None
    assert finding.reason is reason


@given(case=st.sampled_from(list(CASES.values())), data=st.data())
def test_any_split_gives_the_same_reason(
    case: tuple[HttpReply, bytes, Reason], data: st.DataObject
) -> None:
    expect, whole, reason = case
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]

    finding = read(expect, *(piece for piece in pieces if piece))

    assert finding is not None
    assert finding.reason is reason


_GRAMMAR = st.sampled_from(
    [b"HTTP/1.1 200 OK", b"HTTP/1.1 100 C", b"\r\n", b"\n", b"0", b"5", b"hello", b"x",
     b"Content-Length: 5", b"Transfer-Encoding: chunked", b";", b" ", b"\xff"]
)  # fmt: skip


@given(
    parts=st.lists(_GRAMMAR, max_size=20),
    expect=st.sampled_from([STATUS, HELLO, WHOLE]),
    cut=st.integers(0, 200),
)
def test_nonsense_gets_one_verdict_however_split(
    parts: list[bytes], expect: HttpReply, cut: int
) -> None:
    data = b"".join(parts)
    whole = read(expect, *([data] if data else []))
    halves = read(expect, *(piece for piece in (data[:cut], data[cut:]) if piece))
    single = read(expect, *(data[i : i + 1] for i in range(len(data))))

    assert whole is not None
    assert halves is not None
    assert single is not None
    assert whole.reason is halves.reason is single.reason


def test_the_status_line_decides_before_the_header_is_there() -> None:
    finding = read(STATUS, b"HTTP/1.1 200 OK\r\nX: unfin", closed=False)

    assert finding == Finding(Reason.OK, "HTTP/1.1 200 OK")


def test_a_match_decides_before_the_body_is_there() -> None:
    head = reply("HTTP/1.1 200 OK\nContent-Length: 5000")

    assert read(HELLO, head, b"oh ", closed=False) is None
    finding = read(HELLO, head, b"oh ", b"hello", closed=False)

    assert finding == Finding(Reason.OK, "HTTP/1.1 200 OK")


def test_a_reply_to_head_is_over_after_its_header() -> None:
    expect = HttpReply(method=Method.HEAD, body=re.compile(b""))

    finding = read(expect, reply("HTTP/1.1 200 OK\nContent-Length: 9"), closed=False)

    assert finding == Finding(Reason.OK, "HTTP/1.1 200 OK")


def test_control_characters_of_a_server_do_not_reach_people() -> None:
    finding = read(STATUS, b"HTTP/1.1 500 \x1b[2J\xff\r\n")

    assert finding == Finding(Reason.UNEXPECTED, r"HTTP/1.1 500 \x1b[2J\xff")


def test_progress_tells_where_a_reply_stopped() -> None:
    reader = HttpReader(HELLO)
    seen = [reader.progress()]
    for piece in (b"HTTP/1.1 200 OK\r\n", b"\r\n", b"123"):
        reader.feed(piece)
        seen.append(reader.progress())

    assert seen == [
        "before any reply",
        "within the header of the reply",
        "after 0 bytes of the body",
        "after 3 bytes of the body",
    ]
