"""Generic netlink: one socket, batches of requests, whole dumps.

A request is done when `send` returns (the kernel works through a netlink message
inside the system call), so nothing here waits for anybody: calls block for the kernel's
own work alone. The hot path is this socket; pyroute2, whose messages cost a hundred
times as much, is asked at human rate for what it knows best, this machine's addresses.
"""

import contextlib
import errno
import os
import socket
import struct
from collections.abc import Generator, Iterator, Sequence
from ipaddress import ip_address
from typing import Final, Self, TypeAlias, TypeVar

from monlvs.director.codec.numbers import FAMILY_NAME
from monlvs.model.values import Address

BATCH: Final = 64
"""Requests per send; more gains nothing and holds up the event loop for longer."""

STEP: Final = 512
"""Answers read, or understood, from one pause to the next (2 to 3 ms)."""

T = TypeVar("T")
Steps: TypeAlias = Generator[None, None, T]
"""Work that pauses now and then, and returns what it made."""

_NLMSG: Final = struct.Struct("=IHHII")  # linux/netlink.h, struct nlmsghdr
_ERROR: Final = struct.Struct("=i")
_NOOP, _NLMSG_ERROR, _DONE = 1, 2, 3
_REQUEST, _ACK, _DUMP = 0x01, 0x04, 0x300
_DUMP_INTR: Final = 0x10
_SOL_NETLINK, _CAP_ACK = 270, 10
_GENL_CONTROL: Final = 16
_GET_FAMILY: Final = struct.pack("=BBHHH", 3, 1, 0, 4 + len(FAMILY_NAME) + 1, 2)
_FAMILY_ID: Final = 1
_BUFFER: Final = 1 << 16
_PATIENCE: Final = struct.pack("@ll", 2, 0)  # seconds; an answer is there at once
_TRIES: Final = 3
_RECEIVE_BUFFER: Final = 1 << 20


class NetlinkError(OSError):
    """The kernel answered with an error number, or not as it should."""


class IncompleteAnswerError(NetlinkError):
    """An answer was lost or cut short, or the table changed while it was told."""


class IpvsSocket:
    """The kernel's IPVS of this network namespace."""

    def __init__(self, *, receive_buffer: int = _RECEIVE_BUFFER) -> None:
        """Open and look the family up, which makes the kernel load its module.

        Answers that do not fit into `receive_buffer` bytes are asked for again.
        Raises NetlinkError: ENOENT where the kernel has no IPVS.
        """
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self._buffer = bytearray(_BUFFER)
        self._view = memoryview(self._buffer)
        self._sequence = 0
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _PATIENCE)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            # An error repeats its request unless told not to: 64 of them would be big.
            self._socket.setsockopt(_SOL_NETLINK, _CAP_ACK, 1)
            self._socket.bind((0, 0))
            self._family = self._look_up()
        except BaseException:
            self._socket.close()
            raise

    def close(self) -> None:
        """Close the socket; the table stays as it is."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def request(self, payloads: Sequence[bytes]) -> list[int]:
        """Make requests in their order; an error number for each, 0 when it was done.

        Only the last of a batch asks for an acknowledgement: one that fails answers
        anyhow, with its sequence number, before it. Raises NetlinkError when even one
        request alone brings no answer.
        """
        codes: list[int] = []
        for start in range(0, len(payloads), BATCH):
            codes += self._batch(payloads[start : start + BATCH])
        return codes

    def ask(self, payload: bytes) -> bytes:
        """Make one request that has one answer. Raises NetlinkError."""
        first = self._send(self._family, [payload], 0)
        for kind, _, sequence, body in self._messages():
            if sequence == first:
                if kind == _NLMSG_ERROR:
                    raise _error(body)
                return body
        raise NetlinkError(errno.EPROTO, "no answer to a question")

    def dump(self, payload: bytes) -> list[bytes]:
        """Read a whole dump, again when the table changed meanwhile.

        Raises IncompleteAnswerError when it could not be read whole in three tries,
        NetlinkError when the kernel refuses it.
        """
        return in_one_go(self.dump_in_steps(payload))

    def dump_in_steps(self, payload: bytes) -> Steps[list[bytes]]:
        """Read as `dump` does, with a pause after each few hundred answers.

        Nothing else may be asked of this socket in a pause.
        """
        for _ in range(_TRIES - 1):
            with contextlib.suppress(IncompleteAnswerError):
                return (yield from self._dump_once(payload))
        return (yield from self._dump_once(payload))

    def _look_up(self) -> int:
        name = FAMILY_NAME.encode("ascii") + b"\0"
        self._send(_GENL_CONTROL, [_GET_FAMILY + name + b"\0" * (-len(name) % 4)], 0)
        for kind, _, _, body in self._messages():
            if kind == _NLMSG_ERROR:
                raise _error(body)
            offset = 4
            while offset + 4 <= len(body):
                length, attribute = struct.unpack_from("=HH", body, offset)
                if attribute == _FAMILY_ID:
                    return int(struct.unpack_from("=H", body, offset + 4)[0])
                offset += max(4, (length + 3) & ~3)
        raise NetlinkError(errno.EPROTO, "the family has no number")

    def _send(self, kind: int, payloads: Sequence[bytes], flags: int) -> int:
        """Send all in one; return the first sequence number. The last asks for an ACK
        when `flags` has it."""
        first = self._sequence + 1
        if first + len(payloads) > 0xFFFFFFFF:
            first = 1
        self._sequence = first + len(payloads) - 1
        parts: list[bytes] = []
        common = _REQUEST | (flags & ~_ACK)
        for number, payload in enumerate(payloads, first):
            marks = common | (flags & _ACK if number == self._sequence else 0)
            parts += (
                _NLMSG.pack(16 + len(payload), kind, marks, number, 0),
                payload,
            )
        self._socket.send(b"".join(parts))
        return first

    def _batch(self, payloads: Sequence[bytes]) -> list[int]:
        codes = [0] * len(payloads)
        try:
            first = self._send(self._family, payloads, _ACK)
            last = self._sequence
            for kind, _, sequence, body in self._messages():
                if kind == _NLMSG_ERROR and first <= sequence <= last:
                    codes[sequence - first] = -_ERROR.unpack_from(body)[0]
                    if sequence == last:
                        return codes
        except IncompleteAnswerError as error:
            if error.errno != errno.ENOBUFS:
                raise
        # Answers were lost for want of room, and more are until what is there has been
        # read. To ask for the same again is harmless; one at a time, answers fit.
        self._drain()
        if len(payloads) == 1:
            return [errno.ENOBUFS]
        return [code for payload in payloads for code in self._batch([payload])]

    def _dump_once(self, payload: bytes) -> Steps[list[bytes]]:
        try:
            found, interrupted = yield from self._answers_of_dump(payload)
        except (IncompleteAnswerError, GeneratorExit):
            self._drain()
            raise
        if interrupted:
            raise IncompleteAnswerError(errno.EINTR, "the table changed meanwhile")
        return found

    def _answers_of_dump(self, payload: bytes) -> Steps[tuple[list[bytes], bool]]:
        first = self._send(self._family, [payload], _DUMP)
        found: list[bytes] = []
        interrupted = False
        for kind, flags, sequence, body in self._messages():
            if sequence != first:
                continue
            interrupted |= bool(flags & _DUMP_INTR)
            if kind in (_DONE, _NLMSG_ERROR):
                code = -_ERROR.unpack_from(body)[0] if len(body) >= _ERROR.size else 0
                if code:
                    raise NetlinkError(code, os.strerror(code))
                break
            found.append(body)
            if len(found) % STEP == 0:
                yield
        return found, interrupted

    def _drain(self) -> None:
        """Read to the end of what is under way: a socket has one dump at a time."""
        while True:
            try:
                self._socket.recv(_BUFFER, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise

    def _messages(self) -> Iterator[tuple[int, int, int, bytes]]:
        """Walk (type, flags, sequence, body) of what comes, for ever.

        Raises IncompleteAnswerError when something came cut short or nothing came.
        """
        while True:
            try:
                size, _, marks, _ = self._socket.recvmsg_into([self._buffer])
            except BlockingIOError as error:
                raise IncompleteAnswerError(errno.ETIMEDOUT, "no answer") from error
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                raise IncompleteAnswerError(error.errno, "answers lost") from error
            if marks & socket.MSG_TRUNC:
                raise IncompleteAnswerError(errno.EMSGSIZE, "an answer was cut short")
            offset = 0
            while offset + _NLMSG.size <= size:
                length, kind, flags, sequence, _ = _NLMSG.unpack_from(
                    self._buffer, offset
                )
                if length < _NLMSG.size or offset + length > size:
                    raise IncompleteAnswerError(errno.EPROTO, "a message cut short")
                if kind != _NOOP:
                    body = bytes(self._view[offset + _NLMSG.size : offset + length])
                    yield kind, flags, sequence, body
                offset += (length + 3) & ~3


def in_one_go(steps: Steps[T]) -> T:
    """Do all of it without a pause."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            made: T = end.value
            return made


def _error(body: bytes) -> NetlinkError:
    code = -_ERROR.unpack_from(body)[0]
    return NetlinkError(code, os.strerror(code) if code else "nothing answered")


def own_addresses() -> frozenset[Address]:
    """Read the addresses of this machine's devices (network namespace).

    Blocks, and imports pyroute2 (0.15 s): call it in a worker thread. Raises OSError.
    """
    from pyroute2 import IPRoute

    with IPRoute() as route:
        found = (message.get_attr("IFA_ADDRESS") for message in route.get_addr())
        return frozenset(ip_address(address) for address in found if address)
