"""Replies of web servers."""

import re

from monlvs.model.result import Reason
from monlvs.wire.exchange import HttpReply, Method
from monlvs.wire.finding import Finding
from monlvs.wire.http import HttpReader
from tests.soak.target import Target

_HELLO = re.compile(rb"hel+o")
EXPECTED = (
    HttpReply(),
    HttpReply(body=_HELLO),
    HttpReply(body=_HELLO, whole=True, limit=64),
    HttpReply(body=re.compile(rb"o\Z"), statuses=frozenset((200, 404))),
    HttpReply(body=_HELLO, method=Method.HEAD, whole=True),
)


def _read(expect: HttpReply, pieces: list[bytes]) -> Finding:
    reader = HttpReader(expect)
    finding = reader.begin()
    for piece in pieces:
        finding = finding or (reader.feed(piece) if piece else None)
        assert len(reader.progress()) < 100
        if finding is not None:
            return finding
    return reader.ended()


def examine(data: bytes) -> None:
    """The verdict depends on the bytes alone, and is told in few printable words."""
    if not data:
        return
    choice, data = data[0], data[1:]
    expect = EXPECTED[choice % len(EXPECTED)]
    cut = choice * len(data) // 256
    whole = _read(expect, [data])
    halves = _read(expect, [data[:cut], data[cut:]])
    single = _read(expect, [data[n : n + 1] for n in range(len(data))])
    assert whole.reason is halves.reason is single.reason, (whole, halves, single)
    for finding in (whole, halves, single):
        assert len(finding.detail) < 500
        assert finding.detail.isprintable(), finding
    if whole.reason is Reason.OK and expect.body is None:
        assert re.match(rb"(?s).*HTTP/1\.[01] [23]\d\d", data)


_REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
TARGET = Target(
    examine=examine,
    files=("monlvs/wire/http.py",),
    seeds=(
        b"\x00" + _REPLY,
        b"\x81" + _REPLY,
        b"\x42HTTP/1.0 302 Found\nX-hello: 1\n\nhelo",
        b"\x83HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 404 No\r\nTransfer-Encoding: chunked"
        b"\r\n\r\n5;x=y\r\nhello\r\n0\r\n\r\n",
        b"\x84HTTP/1.1 204 None\r\n\r\n",
        b"\x01HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        b"\x01HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\nhello",
        b"\x01SSH-2.0-x\r\n",
    ),
    words=(
        *(b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 404 \n", b"HTTP/1.1 100 C\r\n\r\n"),
        *(b"Content-Length: ", b"Transfer-Encoding: chunked\r\n", b"\r\n\r\n"),
        *(b"\r\n", b"\n", b"0\r\n\r\n", b"hello", b"5\r\nhello\r\n", b"\xff"),
    ),
    longest=2048,
)
