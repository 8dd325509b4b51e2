"""The packets themselves."""

import socket
import struct
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.wire.echosocket import BATCH, EchoSocket, Heard, checksum
from monlvs.wire.sockname import sockname


@given(data=st.binary(max_size=100))
def test_a_packet_with_its_checksum_sums_up_to_nothing(data: bytes) -> None:
    even = data + b"\0" * (len(data) % 2)

    assert checksum(even + struct.pack("!H", checksum(data))) == 0


def test_the_checksum_is_that_of_the_rfc() -> None:
    # The example of RFC 1071, 3: the sum is ddf2.
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF - 0xDDF2


IP_MTU_DISCOVER = 10  # ip(7)


def sequences(heard: Heard) -> list[int]:
    return [socket.ntohs(sequence) for *_, sequence in heard.replies]


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
@pytest.mark.parametrize("size", [0, 1, 56, 1400])
def test_a_request_has_the_size_that_was_asked_for(family: int, size: int) -> None:
    echo = EchoSocket(family)
    packet = echo.request(7, size)
    echo.close()

    assert len(packet) == 8 + size
    assert packet[6:8] == b"\0\7"


HOSTS = [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]


@pytest.mark.parametrize(("family", "host"), HOSTS)
def test_a_reply_names_its_sender_its_sequence_and_its_time(
    family: int, host: str
) -> None:
    address = ip_address(host)
    echo = EchoSocket(family)
    assert echo.send(echo.request(513, 56), sockname(address)) == 1
    replies, refusals, more = echo.receive()
    echo.close()

    [(sender, seconds, nanos, sequence)] = replies
    assert (sender, socket.ntohs(sequence)) == (address.packed, 513)
    assert (refusals, more) == ([], False)
    assert seconds > 1_600_000_000
    assert 0 <= nanos < 10**9


@pytest.mark.parametrize(("family", "host"), HOSTS)
def test_a_batch_is_sent_and_received_whole_and_more_may_be_there(
    family: int, host: str
) -> None:
    name = sockname(ip_address(host))
    echo = EchoSocket(family)
    for sequence, count in ((1, BATCH), (2, 3)):
        assert echo.send(echo.request(sequence, 0), name * count) == count
    full, rest, nothing = (echo.receive() for _ in range(3))
    echo.close()

    assert sequences(full) == [1] * BATCH
    assert sequences(rest) == [2] * 3
    assert (full.more, rest.more, nothing) == (True, False, ([], [], False))
    times = [(seconds, nanos) for _, seconds, nanos, _ in full.replies + rest.replies]
    assert times == sorted(times)


def test_our_own_requests_and_those_of_others_are_not_replies() -> None:
    one, other = EchoSocket(socket.AF_INET), EchoSocket(socket.AF_INET)
    name = sockname(ip_address("127.0.0.1"))
    other.send(other.request(1, 56), name)
    one.send(one.request(2, 56), name)
    other.send(other.request(3, 56), name)
    heard = one.receive()
    one.close()
    other.close()

    assert sequences(heard) == [2]
    assert heard.refusals == []


def reply(echo: EchoSocket, sequence: int) -> bytes:
    """Forge the reply to a request of ours."""
    blank = struct.pack("!BBHHH", 0, 0, 0, echo._ident, sequence) + bytes(8)
    return blank[:2] + struct.pack("!H", checksum(blank)) + blank[4:]


def test_what_is_left_of_longer_packets_is_not_taken_for_a_short_one() -> None:
    echo = EchoSocket(socket.AF_INET)
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    for packet in (reply(echo, 5), reply(echo, 6)[:7], reply(echo, 7)):
        raw.sendto(packet, ("127.0.0.1", 0))
    first = echo.receive()
    raw.sendto(reply(echo, 8)[:4], ("127.0.0.1", 0))
    second = echo.receive()
    raw.close()
    echo.close()

    assert sequences(first) == [5, 7]
    assert second.replies == []


def test_a_reply_with_options_in_its_ip_header_is_understood() -> None:
    echo = EchoSocket(socket.AF_INET)
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    raw.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, b"\x01" * 8)  # no operation
    raw.sendto(reply(echo, 9), ("127.0.0.1", 0))
    heard = echo.receive()
    raw.close()
    echo.close()

    assert sequences(heard) == [9]


def test_what_fits_everywhere_is_never_fragmented_and_what_is_larger_may_be() -> None:
    name = sockname(ip_address("127.0.0.1"))
    echo = EchoSocket(socket.AF_INET)
    modes = []
    for sequence, size in enumerate((56, 2000, 56)):
        assert echo.send(echo.request(sequence, size), name) == 1
        modes.append(echo._sock.getsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER))
    heard = echo.receive()
    echo.close()

    assert modes == [2, 1, 2]  # ip(7): IP_PMTUDISC_DO and IP_PMTUDISC_WANT
    assert sequences(heard) == [0, 1, 2]
