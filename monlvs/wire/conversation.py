"""One check's state on its socket: connect, TLS, say, read until decided.

Rule 1: only `advance` is called when something happened; it never blocks or waits.
Rule 2: it is called with what epoll_wait(2) reported, which is edge-triggered: whoever
reads, reads until nothing is left or the check is decided.
Rule 3: a stale or spurious call changes nothing.
"""

import ssl
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from select import EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT
from socket import (
    IPPROTO_IP,
    IPPROTO_TCP,
    SO_ERROR,
    SO_LINGER,
    SO_MARK,
    SOCK_CLOEXEC,
    SOCK_NONBLOCK,
    SOCK_STREAM,
    SOL_SOCKET,
    TCP_QUICKACK,
    SocketType,
)
from struct import pack
from typing import TypeAlias

from monlvs.model.result import Reason
from monlvs.wire.dialogue import DialogueReader, dialogue_of
from monlvs.wire.exchange import (
    Connected,
    Dialogue,
    Exchange,
    Expect,
    HttpReply,
    Says,
    TlsTerms,
)
from monlvs.wire.finding import Finding, local_fault, remote_fault
from monlvs.wire.http import HttpReader, glance
from monlvs.wire.spares import Spares
from monlvs.wire.tls import TlsSession, tls_fault

_CONNECTED = Finding(Reason.OK, "connected")
_IN_PROGRESS = frozenset({0, 115})  # EINPROGRESS; loopback may connect at once
_BROKEN = EPOLLERR | EPOLLHUP
_READABLE = EPOLLIN | EPOLLERR | EPOLLHUP
_KIND = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC
_RESET_ON_CLOSE = pack("ii", 1, 0)  # socket(7), SO_LINGER: on, for 0 seconds
_READ_SIZE = 16_384
_FIRST_READ = 64  # bytes: more than a usual status line, less than a usual reply
_IP_BIND_ADDRESS_NO_PORT = 24  # ip(7): the port is chosen by connect(2), not by bind(2)

Reader: TypeAlias = HttpReader | DialogueReader
Done: TypeAlias = Callable[[Finding, float], None]
"""Takes what was found, and how many seconds it took."""


def _reader_of(expect: Expect) -> Reader | None:
    match expect:
        case HttpReply():
            return HttpReader(expect)
        case Dialogue():
            return DialogueReader(expect)
        case Says():
            return DialogueReader(dialogue_of(expect))
        case Connected():
            return None


class Conversation:
    """One running exchange. Its owner is the engine, which alone touches its fields."""

    __slots__ = (
        "_reader", "_unread", "_unsent", "connecting", "deadline", "done", "exchange",
        "fd", "interest", "line", "sock", "started", "tls",
    )  # fmt: skip

    deadline: float
    """When it is overdue, by the loop's clock."""
    line: "OrderedDict[Conversation, None]"
    """The queue of conversations with this time limit, where its deadline stands."""
    sock: SocketType
    tls: TlsSession | None

    def __init__(self, exchange: Exchange, done: Done) -> None:
        self.exchange = exchange
        self.done: Done | None = done
        """What to call at the end; None when that has happened."""
        self.fd = -1
        """The socket's descriptor while it is open."""
        self.interest = 0
        """The events of it that epoll reports."""
        self.connecting = True
        self.started = 0.0
        """When it was, by the loop's clock."""
        self.tls = None
        self._reader: Reader | None = None
        self._unread = False
        """Whether there is more in the socket than was read, as far as one can tell."""
        self._unsent = b""

    def open(self, spares: Spares) -> Finding | None:
        """Take or make a socket and start to connect; return what kept us from it."""
        exchange = self.exchange
        if exchange.tls is not None:
            fault = self._prepare_tls(exchange.tls)
            if fault is not None:
                return fault
        spare = spares.take(exchange.family) if exchange.reusable else None
        if spare is not None:
            sock, fd, self.interest = spare
        else:
            try:
                sock = SocketType(exchange.family, _KIND)
            except OSError as error:
                return local_fault(error)
            fd = sock.fileno()
        try:
            if exchange.source is not None or exchange.mark is not None:
                self._configure(sock)
            if exchange.send:
                # tcp(7): what we say acknowledges the server's SYN as well. A packet less
                # for each check; a C floor at 10,000 a second takes 36 µs instead of 41.
                sock.setsockopt(IPPROTO_TCP, TCP_QUICKACK, 0)
            number = sock.connect_ex(exchange.endpoint)
        except OSError as error:
            sock.close()
            return local_fault(error)
        except OverflowError as error:
            sock.close()
            return Finding(Reason.BROKEN, str(error))
        if number in _IN_PROGRESS:
            self.sock, self.fd = sock, fd
            return None
        sock.close()
        return local_fault(OSError(number, ""))

    def _prepare_tls(self, terms: TlsTerms) -> Finding | None:
        try:
            self.tls = TlsSession(terms, self.exchange.address)
        except ssl.SSLError as error:
            return Finding(Reason.BROKEN, f"{terms.ca_file}: {tls_fault(error).detail}")
        except OSError as error:
            return local_fault(error)
        except ValueError as error:
            return Finding(Reason.BROKEN, f"server name {terms.server_name!r}: {error}")
        return None

    def _configure(self, sock: SocketType) -> None:
        exchange = self.exchange
        if exchange.mark is not None:
            sock.setsockopt(SOL_SOCKET, SO_MARK, pack("=I", exchange.mark))
        if exchange.source is not None:
            sock.setsockopt(IPPROTO_IP, _IP_BIND_ADDRESS_NO_PORT, 1)
            sock.bind((str(exchange.source), 0))

    def close(self, spares: Spares, finding: Finding) -> None:
        """Give the socket back, or close it, with a reset where the exchange asks for it."""
        exchange, sock, fd = self.exchange, self.sock, self.fd
        self.fd = -1
        if (
            exchange.reusable
            and finding.reason is Reason.OK
            and spares.keep(exchange.family, sock, fd, self.interest)
        ):
            return
        # With something unread the kernel resets by itself (RFC 2525, 2.17).
        if exchange.reset and not self._unread:
            sock.setsockopt(SOL_SOCKET, SO_LINGER, _RESET_ON_CLOSE)
        sock.close()

    def speak(self) -> Finding | None:
        """Say the request; where the connection does not stand yet it waits for EPOLLOUT.
        Only a fault is found here."""
        words = self.exchange.send
        try:
            sent = self.sock.send(words)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            return remote_fault(error)
        if sent < len(words):
            self._unsent = words[sent:]
        else:
            self.connecting = False
        return None

    def advance(self, mask: int) -> Finding | None:
        """Do what the events in `mask` allow; return the finding once there is one."""
        try:
            if self.connecting:
                finding = self._connect(mask)
                if finding is not None or self.connecting or not mask & EPOLLIN:
                    return finding
            elif self._unsent and mask & EPOLLOUT:
                self._send(b"")
            if mask & _READABLE:
                return self._read() if self.tls is None else self._read_tls(self.tls)
        except BlockingIOError:
            pass
        except ssl.SSLError as error:
            return self._tls_failed(error)
        except OSError as error:
            return remote_fault(error)
        return None

    def progress(self) -> str:
        """Say how far it has come, for a check that ends here."""
        if self.connecting:
            return "no connection"
        if self.tls is not None and not self.tls.established:
            return "no end of the TLS handshake"
        reader = self._reader or _reader_of(self.exchange.expect)
        return f"no answer {reader.progress()}" if reader else "no answer"

    def _connect(self, mask: int) -> Finding | None:
        if mask & _BROKEN:
            number = self.sock.getsockopt(SOL_SOCKET, SO_ERROR)
            if number:
                return remote_fault(OSError(number, ""))
        if not mask & EPOLLOUT:
            return None
        self.connecting = False
        if self._unsent:
            self._send(b"")  # what `speak` could not say
            return None
        if self.tls is None:
            return self._established()
        self.tls.handshake()
        self._send(self.tls.to_send())
        return None

    def _established(self) -> Finding | None:
        """Say the first words, now that both sides can talk."""
        exchange = self.exchange
        self._reader = reader = _reader_of(exchange.expect)
        if reader is None:
            if exchange.send:
                self._say(exchange.send)
            return _CONNECTED
        finding = reader.begin()
        words = exchange.send + reader.outgoing
        if words:
            reader.outgoing = b""
            self._say(words)
        return finding

    def _say(self, words: bytes) -> None:
        if self.tls is not None:
            self.tls.write(words)
            words = self.tls.to_send()
        self._send(words)

    def _send(self, data: bytes) -> None:
        """Send what is left from before and `data`; keep what does not go out now."""
        if self._unsent:
            data = self._unsent + data
        if not data:
            return
        try:
            sent = self.sock.send(data)
        except BlockingIOError:
            sent = 0
        self._unsent = data[sent:] if sent < len(data) else b""

    def _read(self) -> Finding | None:
        receive, reader = self.sock.recv, self._reader
        # The status line is enough for most checks: no 16 KiB to be got ready for it, and
        # no option to be set before the close.
        size = _FIRST_READ
        while data := receive(size):
            if reader is None:
                expect = self.exchange.expect
                finding = glance(expect, data) if type(expect) is HttpReply else None
                if finding is not None:
                    self._unread = len(data) == size
                    return finding
                reader = self._reader = _reader_of(self.exchange.expect)
                assert reader is not None
            finding = reader.feed(data)
            if reader.outgoing:
                self._answer(reader)
            if finding is not None:
                self._unread = len(data) == size
                return finding
            size = _READ_SIZE
        reader = reader or _reader_of(self.exchange.expect)
        assert reader is not None
        return reader.ended()

    def _read_tls(self, tls: TlsSession) -> Finding | None:
        while True:
            tls.receive(self.sock.recv(_READ_SIZE))
            if not tls.established:
                done = tls.handshake()
                self._send(tls.to_send())
                if not done:
                    continue
                finding = self._established()
                if finding is not None:
                    return finding
            finding = self._decipher(tls)
            if finding is not None:
                return finding

    def _decipher(self, tls: TlsSession) -> Finding | None:
        reader = self._reader
        assert reader is not None
        data, closed = tls.read()
        finding = reader.feed(data) if data else None
        if reader.outgoing:
            self._answer(reader)
        return reader.ended() if closed and finding is None else finding

    def _answer(self, reader: Reader) -> None:
        words, reader.outgoing = reader.outgoing, b""
        self._say(words)

    def _tls_failed(self, error: ssl.SSLError) -> Finding:
        """Let the server have our alert before the connection goes."""
        assert self.tls is not None
        with suppress(OSError):  # that the alert stays here adds nothing to the finding
            self._send(self.tls.to_send())
        return tls_fault(error)
