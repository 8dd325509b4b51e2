"""Exchanges as data."""

import re
import socket
from ipaddress import ip_address

import pytest

from monlvs.wire.exchange import Exchange, HttpReply, Method, Says, http_request


def test_an_exchange_knows_its_endpoint_and_family() -> None:
    four = Exchange(address=ip_address("192.0.2.1"), port=80)
    six = Exchange(address=ip_address("2001:db8::1"), port=443)

    assert (four.endpoint, four.family) == (("192.0.2.1", 80), socket.AF_INET)
    assert (six.endpoint, six.family) == (("2001:db8::1", 443), socket.AF_INET6)


def test_exchanges_are_values() -> None:
    exchange, same = (
        Exchange(
            address=ip_address("192.0.2.1"),
            port=80,
            send=b"x",
            expect=HttpReply(body=re.compile(b"ok")),
        )
        for _ in range(2)
    )

    assert len({exchange, same}) == 1
    assert exchange != Exchange(
        address=ip_address("192.0.2.1"), port=80, expect=Says(pattern=re.compile(b"ok"))
    )


def test_a_request_is_spelled_as_http_wants_it() -> None:
    request = http_request("/health?full=1", host="www.example.org", method=Method.HEAD)

    assert request.split(b"\r\n") == [
        b"HEAD /health?full=1 HTTP/1.1",
        b"Host: www.example.org",
        b"User-Agent: monlvs",
        b"Accept: */*",
        b"Connection: close",
        b"",
        b"",
    ]


def test_a_header_replaces_the_standard_one() -> None:
    request = http_request(
        host="a", headers=(("user-agent", "probe"), ("X-Probe", "1"))
    )

    assert b"User-Agent: probe\r\n" in request
    assert b"X-Probe: 1\r\n" in request
    assert b"monlvs" not in request


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/a b", ()), ("/\r\nX: y", ()), ("/", (("X", "a\r\nY: b"),))],
    ids=["a blank in the path", "a line break in the path", "two headers in one"],
)
def test_a_request_cannot_be_made_to_say_more(
    path: str, headers: tuple[tuple[str, str], ...]
) -> None:
    with pytest.raises(ValueError, match="not a request line or header"):
        http_request(path, host="a", headers=headers)
