"""Batches of datagrams between sockets of loopback."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from monlvs.wire.batch import Incoming, Outgoing
from monlvs.wire.finding import local_fault


@contextmanager
def sockets() -> Iterator[tuple[socket.socket, socket.socket]]:
    kind = socket.SOCK_DGRAM | socket.SOCK_NONBLOCK
    with (
        socket.socket(socket.AF_INET, kind) as near,
        socket.socket(socket.AF_INET, kind) as far,
    ):
        far.bind(("127.0.0.1", 0))
        yield near, far


def name(port: int, host: str = "127.0.0.1") -> bytes:
    return struct.pack("=H", socket.AF_INET) + struct.pack(
        "!H4s8x", port, socket.inet_aton(host)
    )


def test_each_datagram_has_a_record_with_its_sender_and_its_length() -> None:
    incoming = Incoming(4, ancillary=16, data=32)
    outgoing = Outgoing(4, 16)
    with sockets() as (near, far):
        port = far.getsockname()[1]
        assert outgoing.send(near.fileno(), b"twelve bytes", name(port) * 3) == 3
        lengths = incoming.receive(far.fileno())
        assert outgoing.send(near.fileno(), b"", name(port)) == 1
        assert outgoing.send(near.fileno(), b"x" * 40, name(port)) == 1
        shorter = incoming.receive(far.fileno())
        sender = name(near.getsockname()[1])
        nothing = incoming.receive(far.fileno())

    assert (lengths, shorter, nothing) == ([12] * 3, [0, 32], [])
    record = bytes(incoming.records[2 * incoming.size : 3 * incoming.size])
    assert record[:8] == sender[:4] + socket.inet_aton("127.0.0.1")
    assert record[incoming.DATA : incoming.DATA + 12] == b"twelve bytes"


def test_no_more_than_there_is_room_for_is_received_at_a_time() -> None:
    incoming, outgoing = Incoming(2, ancillary=16, data=8), Outgoing(5, 16)
    with sockets() as (near, far):
        outgoing.send(near.fileno(), b"x", name(far.getsockname()[1]) * 5)
        found = [incoming.receive(far.fileno()) for _ in range(4)]

    assert found == [[1, 1], [1, 1], [1], []]


def test_the_hosts_before_the_one_that_is_refused_are_sent_to() -> None:
    outgoing = Outgoing(4, 16)
    with sockets() as (near, far):
        good, bad = name(far.getsockname()[1]), name(9, "255.255.255.255")
        assert outgoing.send(near.fileno(), b"x", good + good + bad + good) == 2
        with pytest.raises(PermissionError) as caught:
            outgoing.send(near.fileno(), b"x", bad + good)

    assert local_fault(caught.value).detail == "Permission denied"


def test_a_socket_that_is_closed_is_an_error_of_receiving() -> None:
    incoming = Incoming(2, ancillary=16, data=8)
    with sockets() as (_, far):
        number = far.fileno()
    with pytest.raises(OSError, match="Bad file descriptor"):
        incoming.receive(number)


def test_ancillary_data_goes_with_each_datagram_that_it_is_given_for() -> None:
    outgoing = Outgoing(2, 16)
    # cmsg(3), ip(7): IP_PKTINFO names the address to send from.
    source = struct.pack("@Nii", socket.CMSG_LEN(12), socket.IPPROTO_IP, 8)
    source += struct.pack("4x4s4x", socket.inet_aton("127.0.0.9"))
    source = source.ljust(socket.CMSG_SPACE(12), b"\0")
    with sockets() as (near, far):
        to = name(far.getsockname()[1])
        outgoing.send(near.fileno(), b"x", to * 2, source)
        outgoing.send(near.fileno(), b"x", to)
        senders = [far.recvfrom(1)[1][0] for _ in range(3)]

    assert senders == ["127.0.0.9", "127.0.0.9", "127.0.0.1"]
