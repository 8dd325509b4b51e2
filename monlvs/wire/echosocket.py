"""One ICMP socket of one family: makes echo requests, tells replies and errors apart.

Rule 1: the kernel's word comes first: its receive timestamps, its filter, its checksum
where it makes one (icmp(7), icmpv6(7), socket(7)).
Rule 2: nothing here knows of sweeps; a reply is (sender, sequence, nanoseconds).
"""

import secrets
import socket
from contextlib import suppress
from struct import Struct
from typing import TypeAlias

from monlvs.model.values import Address

Reply: TypeAlias = tuple[str, int, int]
"""Who answered, the sequence, and when (ns of CLOCK_REALTIME, 0: unknown)."""
Refusal: TypeAlias = tuple[str, int, str]
"""Whom an ICMP error is about, the sequence, and words about the error."""

_HEADER = Struct("!BBHHH")  # type, code, checksum, identifier, sequence (RFC 792)
_TELLING = Struct("!B3xHH")  # those of them that tell whose it is
_TIMESPEC = Struct("ll")
_SO_TIMESTAMPNS = 35
_SO_RCVBUFFORCE = 33
_SOL_RAW, _ICMP_FILTER, _ICMP6_FILTER = 255, 1, 1
_RECEIVE_BUFFER = 8 * 1024 * 1024  # a reply takes 832 bytes of it
_ENOUGH = 256  # bytes of a packet that are looked at: an error quotes two headers
BATCH = 512

_V4_REPLY, _V4_REQUEST = 0, 8
_V4_ERRORS = {3: "destination unreachable", 11: "time exceeded"}
_V6_REPLY, _V6_REQUEST = 129, 128
_V6_ERRORS = {1: "destination unreachable", 2: "packet too big", 3: "time exceeded"}


def checksum(data: bytes) -> int:
    """Return the Internet checksum of `data` (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total = sum(memoryview(data).cast("H"))
    total = (total >> 16) + (total & 0xFFFF)
    total += total >> 16
    return socket.htons(~total & 0xFFFF)


class EchoSocket:
    """A non-blocking socket for echo requests and their replies."""

    def __init__(self, family: int) -> None:
        """Open it, unprivileged if the kernel lets us; raise OSError if it cannot be."""
        self._v6 = family == socket.AF_INET6
        protocol = socket.IPPROTO_ICMPV6 if self._v6 else socket.IPPROTO_ICMP
        flags = socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
        try:
            # ping_group_range in icmp(7) says who may; often it is nobody.
            self._sock = socket.SocketType(family, socket.SOCK_DGRAM | flags, protocol)
            self.is_raw = False
        except PermissionError:
            self._sock = socket.SocketType(family, socket.SOCK_RAW | flags, protocol)
            self.is_raw = True
            self._filter()
        self._ident = secrets.randbits(16)
        self._request = _V6_REQUEST if self._v6 else _V4_REQUEST
        self._reply = _V6_REPLY if self._v6 else _V4_REPLY
        self._errors = _V6_ERRORS if self._v6 else _V4_ERRORS
        self._with_ip_header = self.is_raw and not self._v6
        self._buffer = bytearray(_ENOUGH)
        self.fileno = self._sock.fileno
        self.close = self._sock.close
        self.send = self._sock.sendto
        self._prepare()

    def _filter(self) -> None:
        """Let only replies and errors in; on loopback the requests come back as well."""
        if self._v6:
            bits = bytearray(b"\xff" * 32)
            for kind in (_V6_REPLY, *_V6_ERRORS):
                bits[kind // 8] &= ~(1 << kind % 8)
            # Bits are counted within 32-bit words of the host's byte order.
            words = [int.from_bytes(bits[i : i + 4], "little") for i in range(0, 32, 4)]
            self._sock.setsockopt(
                socket.IPPROTO_ICMPV6, _ICMP6_FILTER, Struct("=8I").pack(*words)
            )
        else:
            shut = ~sum(1 << kind for kind in (_V4_REPLY, *_V4_ERRORS)) & 0xFFFFFFFF
            self._sock.setsockopt(_SOL_RAW, _ICMP_FILTER, Struct("=I").pack(shut))

    def _prepare(self) -> None:
        sock = self._sock
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        with suppress(PermissionError):  # beyond rmem_max only with CAP_NET_ADMIN
            sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _RECEIVE_BUFFER)

    def request(self, sequence: int, size: int) -> bytes:
        """Make the echo request of `sequence` with `size` bytes of data."""
        kind = self._request
        data = bytes(i & 0xFF for i in range(size))
        blank = _HEADER.pack(kind, 0, 0, self._ident, sequence) + data
        if self._v6:  # the kernel knows the pseudo header and makes the checksum
            return blank
        return _HEADER.pack(kind, 0, checksum(blank), self._ident, sequence) + data

    def send_from(self, source: Address, packet: bytes, to: tuple[str, int]) -> None:
        """Send one packet from a local address of ours (ip(7), IP_PKTINFO)."""
        if self._v6:
            info = source.packed + bytes(4)
            ancillary = (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, info)
        else:
            info = bytes(4) + source.packed + bytes(4)
            ancillary = (socket.IPPROTO_IP, 8, info)
        self._sock.sendmsg([packet], [ancillary], 0, to)

    def receive(self) -> tuple[list[Reply], list[Refusal]]:
        """Take what has arrived; a full list of `BATCH` replies means: ask again."""
        receive, buffer = self._sock.recvmsg_into, self._buffer
        buffers, room = [buffer], socket.CMSG_SPACE(_TIMESPEC.size)
        unpack, stamp_of = _TELLING.unpack_from, _TIMESPEC.unpack
        offset, wrapped, wanted = 0, self._with_ip_header, self._reply
        # With a datagram socket the kernel chooses the identifier and sorts by it.
        foreign, ours = self.is_raw, self._ident
        replies: list[Reply] = []
        refusals: list[Refusal] = []
        heard = replies.append
        with suppress(BlockingIOError):
            while len(replies) < BATCH:
                length, ancillary, _, sender = receive(buffers, room)
                if wrapped:
                    offset = (buffer[0] & 15) * 4
                if length < offset + 8:
                    continue
                kind, ident, sequence = unpack(buffer, offset)
                if kind != wanted:
                    refusals += self._refusal(offset, length)
                elif ident == ours or not foreign:
                    seconds, nanos = stamp_of(ancillary[0][2]) if ancillary else (0, 0)
                    when = seconds * 1_000_000_000 + nanos
                    heard((sender[0], sequence, when))
        return replies, refusals

    def _refusal(self, offset: int, length: int) -> list[Refusal]:
        """Find out which of our requests an ICMP error quotes, if any."""
        buffer, quoted = self._buffer, offset + 8
        words = self._errors.get(buffer[offset])
        if words is None:
            return []
        if self._v6:
            inner, target = quoted + 40, buffer[quoted + 24 : quoted + 40]
        else:
            inner = quoted + (buffer[quoted] & 15) * 4
            target = buffer[quoted + 16 : quoted + 20]
        if length < inner + 8:
            return []
        kind, ident, sequence = _TELLING.unpack_from(buffer, inner)
        if kind != self._request or (ident != self._ident and self.is_raw):
            return []
        family = socket.AF_INET6 if self._v6 else socket.AF_INET
        return [(socket.inet_ntop(family, bytes(target)), sequence, words)]
