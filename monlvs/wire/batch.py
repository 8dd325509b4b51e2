"""Many datagrams with one system call: sendmmsg(2) and recvmmsg(2), which Python lacks.

Rule 1: what the kernel is told the address of belongs to the object that tells it, is
kept as long as that, and never moves. Rule 2: nothing here knows what is in a datagram.
"""

import ctypes
import errno
import os
from ctypes import addressof, c_char, c_int, c_size_t, c_uint, c_void_p, sizeof
from typing import ClassVar

_LIBC = ctypes.CDLL(None, use_errno=True)
_sendmmsg = _LIBC.sendmmsg
_sendmmsg.argtypes = (c_int, c_void_p, c_uint, c_int)
_recvmmsg = _LIBC.recvmmsg
_recvmmsg.argtypes = (c_int, c_void_p, c_uint, c_int, c_void_p)


class _Piece(ctypes.Structure):
    """struct iovec."""

    _fields_ = [("base", c_void_p), ("length", c_size_t)]  # type: ignore[mutable-override]  # as ctypes has it


class _Message(ctypes.Structure):
    """struct msghdr, recvmsg(2)."""

    _fields_ = [  # type: ignore[mutable-override]
        ("name", c_void_p),
        ("name_length", c_uint),
        ("pieces", c_void_p),
        ("pieces_count", c_size_t),
        ("ancillary", c_void_p),
        ("ancillary_length", c_size_t),
        ("flags", c_int),
    ]


class _Header(ctypes.Structure):
    """struct mmsghdr, recvmmsg(2)."""

    _fields_ = [("message", _Message), ("length", c_uint)]  # type: ignore[mutable-override]


class Outgoing:
    """Sends one packet to up to `most` hosts at a time."""

    def __init__(self, most: int, name_size: int) -> None:
        """`name_size`: bytes of a socket address of the family."""
        self._name_size = name_size
        self._names = (c_char * (most * name_size))()
        self._piece = _Piece()
        self._headers = (_Header * most)()
        for at, header in enumerate(self._headers):
            message = header.message
            message.name = addressof(self._names) + at * name_size
            message.name_length = name_size
            message.pieces, message.pieces_count = addressof(self._piece), 1
        self._view = memoryview(self._names).cast("B")
        self._start = addressof(self._headers)
        self._packet = self._ancillary = b""

    def send(self, fd: int, packet: bytes, names: bytes, ancillary: bytes = b"") -> int:
        """Send `packet` to each of the socket addresses that `names` are.

        Returns how many the kernel has taken, the first ones, and at least one; raises
        the OSError of the first when it was refused.
        """
        if packet is not self._packet:
            self._packet = packet
            self._piece.base = _address(packet)
            self._piece.length = len(packet)
        if ancillary != self._ancillary:
            self._tell(ancillary)
        self._view[: len(names)] = names
        count = len(names) // self._name_size
        while (taken := _sendmmsg(fd, self._start, count, 0)) < 0:
            _raise_unless_interrupted()
        return int(taken)

    def _tell(self, ancillary: bytes) -> None:
        self._ancillary = ancillary
        for header in self._headers:
            header.message.ancillary = _address(ancillary)
            header.message.ancillary_length = len(ancillary)


class Incoming:
    """Receives up to `most` datagrams at a time, each into a record of its own.

    A record is `size` bytes long: the sender's socket address at NAME, ancillary data at
    ANCILLARY, what the datagram says at DATA. What was not received into it is left over
    from a datagram before.
    """

    NAME: ClassVar[int] = 0
    ANCILLARY: ClassVar[int] = 32

    def __init__(self, most: int, *, ancillary: int, data: int) -> None:
        """`ancillary`, `data`: bytes of each that are received at most."""
        self.most = most
        self.DATA = self.ANCILLARY + ancillary
        self.size = self.DATA + data
        memory = (c_char * (most * self.size))()
        self.records = memoryview(memory).cast("B")
        self._pieces = (_Piece * most)()
        headers = (_Header * most)()
        for at, (header, piece) in enumerate(zip(headers, self._pieces, strict=True)):
            record = addressof(memory) + at * self.size
            piece.base, piece.length = record + self.DATA, data
            message = header.message
            message.name, message.name_length = record + self.NAME, self.ANCILLARY
            message.pieces, message.pieces_count = addressof(piece), 1
            message.ancillary = record + self.ANCILLARY
            message.ancillary_length = ancillary
        self._start = addressof(headers)
        self._headers = memoryview(headers).cast("B")
        self._blank = memoryview(bytes(headers))
        words, length = self._headers.cast("I"), _Header.length.offset
        self._lengths = words[length // 4 :: sizeof(_Header) // 4]
        self._used = 0

    def receive(self, fd: int) -> list[int]:
        """Receive what has arrived; return the length of each datagram, none for nothing.

        As many as `most` mean that there may be more. Raises OSError.
        """
        # The kernel writes the lengths that it has used over those that it may use.
        used = self._used * sizeof(_Header)
        self._headers[:used] = self._blank[:used]
        self._used = 0
        while (count := _recvmmsg(fd, self._start, self.most, 0, None)) < 0:
            if ctypes.get_errno() == errno.EAGAIN:
                return []
            _raise_unless_interrupted()
        self._used = count
        return self._lengths[:count].tolist()


def _address(data: bytes) -> int | None:
    """Return where `data` is, for as long as somebody keeps it."""
    return ctypes.cast(ctypes.c_char_p(data), c_void_p).value


def _raise_unless_interrupted() -> None:
    """Raise what a system call has just said; nothing where a signal has cut it short."""
    number = ctypes.get_errno()
    if number != errno.EINTR:
        raise OSError(number, os.strerror(number))
