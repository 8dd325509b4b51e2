"""One ICMP socket of one family: makes echo requests, tells replies and errors apart.

Rule 1: the kernel's word comes first: its receive timestamps, its filter, its checksum
where it makes one (icmp(7), icmpv6(7), socket(7)).
Rule 2: nothing here knows of sweeps; a reply is who, when, and to which request.
"""

import secrets
import socket
from contextlib import suppress
from functools import lru_cache
from struct import Struct
from typing import NamedTuple, TypeAlias

from monlvs.model.values import Address
from monlvs.wire.batch import Incoming, Outgoing
from monlvs.wire.sockname import SENDER_AT, SIZES

Reply: TypeAlias = tuple[bytes, int, int, int]
"""Who answered (packed), when (seconds and nanoseconds of CLOCK_REALTIME, as the kernel
stamps whatever it hands out once it was asked to, socket(7)), and the sequence in the order
of the network: as the record has it, for thousands are read at once."""
Refusal: TypeAlias = tuple[bytes, int, str]
"""Whom an ICMP error is about, the sequence, and words about the error."""


class Heard(NamedTuple):
    """What has arrived."""

    replies: list[Reply]
    refusals: list[Refusal]
    more: bool
    """Whether more may be there: ask again."""


_HEADER = Struct("!BBHHH")  # type, code, checksum, identifier, sequence (RFC 792)
_SEQUENCE_AT = 6
_IP_HEADER = 20  # bytes, without options (RFC 791)
_TELLING = Struct("!B3xHH")  # those of them that tell whose it is
_ANCILLARY = Struct("@Nii")  # struct cmsghdr (cmsg(3)): length, level, type
_TIMESPEC = Struct("@ll")
_SO_TIMESTAMPNS = 35
_BUFFERS = ((socket.SO_RCVBUF, 33), (socket.SO_SNDBUF, 32))  # and SO_*BUFFORCE
_SOL_RAW, _ICMP_FILTER, _ICMP6_FILTER = 255, 1, 1
_IP_PKTINFO = 8
_IP_MTU_DISCOVER, _WANT, _DO = 10, 1, 2
_ATOMIC = 512  # bytes of ICMP: no path is taken for narrower than 552, ip(7)
# A reply takes 832 bytes of it until we look. So does, for seconds, a request to a dead
# host of a network of ours while the kernel looks for its hardware address, arp(7).
_BUFFER = 8 * 1024 * 1024
_ENOUGH = 256  # bytes of a packet that are looked at: an error quotes two headers
BATCH = 128
"""Packets that one system call sends or receives at most."""

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


@lru_cache(maxsize=16)
def _data(size: int) -> bytes:
    return bytes(i & 0xFF for i in range(size))


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
        self._ident = self._choose()
        self._request = _V6_REQUEST if self._v6 else _V4_REQUEST
        self._reply = _V6_REPLY if self._v6 else _V4_REPLY
        self._errors = _V6_ERRORS if self._v6 else _V4_ERRORS
        self._wrapped = self.is_raw and not self._v6
        """Whether the IP header comes first in what is received."""
        self._least = _HEADER.size + (_IP_HEADER if self._wrapped else 0)
        self._in = Incoming(
            BATCH, ancillary=socket.CMSG_SPACE(_TIMESPEC.size), data=_ENOUGH
        )
        self._out = Outgoing(BATCH, SIZES[int(family)])
        self._record = self._shape(SENDER_AT[int(family)], 16 if self._v6 else 4)
        self._marks = self._tell_replies()
        self._is_atomic = False
        """Whether what is sent is never fragmented."""
        self.fileno = self._sock.fileno
        self.close = self._sock.close
        self._prepare()

    def _choose(self) -> int:
        """Return the identifier of our requests: the kernel's choice where it has one."""
        if self.is_raw:
            return secrets.randbits(16)
        self._sock.bind(("", 0))  # icmp(7): an identifier is what others call a port
        return int(self._sock.getsockname()[1])

    def _shape(self, sender_at: int, sender: int) -> Struct:
        """Describe the record of a reply: its sender, when it came, the sequence."""
        stamp = _ANCILLARY.size
        gap = self._in.DATA - self._in.ANCILLARY - stamp - _TIMESPEC.size
        gap += _SEQUENCE_AT + (_IP_HEADER if self._wrapped else 0)
        words = f"@{sender_at}x{sender}s{self._in.ANCILLARY - sender_at - sender}x"
        words += f"{stamp}xll{gap}xH"
        return Struct(f"{words}{self._in.size - Struct(words).size}x")

    def _tell_replies(self) -> tuple[tuple[int, bytes], ...]:
        """Say which bytes of a record make it a reply to us: where, and which."""
        own = self._ident.to_bytes(2, "big")
        header = bytes([self._reply, 0]), own  # type, code; identifier (RFC 792)
        start = self._in.DATA + (_IP_HEADER if self._wrapped else 0)
        said = [(start + at, pair) for at, pair in zip((0, 4), header, strict=True)]
        marks = [(at + n, pair[n : n + 1]) for at, pair in said for n in (0, 1)]
        if self._wrapped:  # the version and length of a header without options, RFC 791
            marks.append((self._in.DATA, b"\x45"))
        return tuple(marks)

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
        for size, forced in _BUFFERS:
            sock.setsockopt(socket.SOL_SOCKET, size, _BUFFER)
            with suppress(PermissionError):  # beyond rmem_max only with CAP_NET_ADMIN
                sock.setsockopt(socket.SOL_SOCKET, forced, _BUFFER)

    def request(self, sequence: int, size: int) -> bytes:
        """Make the echo request of `sequence` with `size` bytes of data."""
        kind, data = self._request, _data(size)
        blank = _HEADER.pack(kind, 0, 0, self._ident, sequence) + data
        if self._v6:  # the kernel knows the pseudo header and makes the checksum
            return blank
        return _HEADER.pack(kind, 0, checksum(blank), self._ident, sequence) + data

    def send(self, packet: bytes, names: bytes, source: Address | None = None) -> int:
        """Send a packet to up to BATCH socket addresses, from an address of ours.

        Returns how many the kernel has taken; raises the OSError of the first.
        """
        told = b"" if source is None else self._origin(source)
        if self._is_atomic != (len(packet) <= _ATOMIC):
            self._divide(atomic=not self._is_atomic)
        return self._out.send(self._sock.fileno(), packet, names, told)

    def _divide(self, *, atomic: bool) -> None:
        """Let the kernel fragment what we send, or not.

        What is never fragmented needs no number of its own (RFC 6864, ip(7)): the kernel
        makes one for each packet otherwise, a twentieth of what a ping takes.
        """
        self._is_atomic = atomic
        if not self._v6:
            mode = _DO if atomic else _WANT
            self._sock.setsockopt(socket.IPPROTO_IP, _IP_MTU_DISCOVER, mode)

    def _origin(self, source: Address) -> bytes:
        """Spell the address to send from (IP_PKTINFO in ip(7), IPV6_PKTINFO in ipv6(7))."""
        if self._v6:
            level, kind = int(socket.IPPROTO_IPV6), int(socket.IPV6_PKTINFO)
            info = source.packed + bytes(4)
        else:
            level, kind = int(socket.IPPROTO_IP), _IP_PKTINFO
            info = bytes(4) + source.packed + bytes(4)
        head = _ANCILLARY.pack(socket.CMSG_LEN(len(info)), level, kind)
        return (head + info).ljust(socket.CMSG_SPACE(len(info)), b"\0")

    def receive(self) -> Heard:
        """Take what has arrived; raises OSError."""
        lengths = self._in.receive(self._sock.fileno())
        if not lengths:
            return _NOTHING
        count, more = len(lengths), len(lengths) == BATCH
        if min(lengths) >= self._least and self._are_replies(count):
            records = self._in.records[: count * self._in.size]
            return Heard(list(self._record.iter_unpack(records)), [], more)
        return Heard(*self._sort(lengths), more)

    def _are_replies(self, count: int) -> bool:
        """Whether the first `count` records are replies to us, all of them."""
        records, size = self._in.records, self._in.size
        end = count * size
        return all(
            records[at:end:size].tobytes() == byte * count for at, byte in self._marks
        )

    def _sort(self, lengths: list[int]) -> tuple[list[Reply], list[Refusal]]:
        """Look at datagrams one by one: not all of them are replies as most are."""
        replies: list[Reply] = []
        refusals: list[Refusal] = []
        for at, length in enumerate(lengths):
            start = at * self._in.size
            record = self._in.records[start : start + self._in.size]
            data = record[self._in.DATA : self._in.DATA + length]
            offset = (data[0] & 15) * 4 if self._wrapped and length else 0
            if length < offset + _HEADER.size:
                continue
            kind, ident, sequence = _TELLING.unpack_from(data, offset)
            if kind != self._reply:
                refusals += self._refusal(bytes(data[offset:]))
            elif ident == self._ident:
                sender, seconds, nanos, _ = self._record.unpack(record)
                replies.append((sender, seconds, nanos, socket.htons(sequence)))
        return replies, refusals

    def _refusal(self, data: bytes) -> list[Refusal]:
        """Find out which of our requests an ICMP error quotes, if any."""
        words = self._errors.get(data[0])
        if words is None or len(data) <= _HEADER.size:
            return []
        quoted = data[_HEADER.size :]
        if self._v6:
            inner, target = 40, quoted[24:40]
        else:
            inner, target = (quoted[0] & 15) * 4, quoted[16:20]
        if len(quoted) < inner + _HEADER.size:
            return []
        kind, ident, sequence = _TELLING.unpack_from(quoted, inner)
        if kind != self._request or ident != self._ident:
            return []
        return [(target, sequence, words)]


_NOTHING = Heard([], [], more=False)
