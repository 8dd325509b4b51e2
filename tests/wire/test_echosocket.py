"""The packets themselves."""

import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.wire.echosocket import EchoSocket, checksum


@given(data=st.binary(max_size=100))
def test_a_packet_with_its_checksum_sums_up_to_nothing(data: bytes) -> None:
    even = data + b"\0" * (len(data) % 2)

    assert checksum(even + struct.pack("!H", checksum(data))) == 0


def test_the_checksum_is_that_of_the_rfc() -> None:
    # The example of RFC 1071, 3: the sum is ddf2.
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF - 0xDDF2


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
@pytest.mark.parametrize("size", [0, 1, 56, 1400])
def test_a_request_has_the_size_that_was_asked_for(family: int, size: int) -> None:
    echo = EchoSocket(family)
    packet = echo.request(7, size)
    echo.close()

    assert len(packet) == 8 + size
    assert packet[6:8] == b"\0\7"


@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)
def test_a_reply_names_its_sender_its_sequence_and_its_time(
    family: int, host: str
) -> None:
    echo = EchoSocket(family)
    echo.send(echo.request(513, 56), (host, 0))
    replies, refusals = echo.receive()
    echo.close()

    [(sender, sequence, when)] = replies
    assert (sender, sequence, refusals) == (host, 513, [])
    assert when > 1_600_000_000 * 10**9


def test_our_own_requests_and_those_of_others_are_not_replies() -> None:
    one, other = EchoSocket(socket.AF_INET), EchoSocket(socket.AF_INET)
    other.send(other.request(1, 56), ("127.0.0.1", 0))
    heard = one.receive()
    one.close()
    other.close()

    assert heard == ([], [])
