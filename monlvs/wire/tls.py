"""TLS over memory: bytes of the network go in and out, no socket is touched here."""

import ssl
from functools import lru_cache
from pathlib import Path

from monlvs.model.result import Reason
from monlvs.model.values import Address
from monlvs.wire.exchange import TlsTerms
from monlvs.wire.finding import Finding, printable

_READ_SIZE = 16_384  # a TLS record holds no more (RFC 8446, 5.1)


@lru_cache(maxsize=256)
def _context(
    verify: bool,  # noqa: FBT001  a cache key, called in one place
    ca_file: str | None,
    alpn: tuple[str, ...],
    _stamp: int,
) -> ssl.SSLContext:
    """Make the context for equal terms once; another `_stamp` is another CA file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif ca_file is None:
        context.load_default_certs()
    else:
        context.load_verify_locations(ca_file)
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


class TlsSession:
    """The client's side of one TLS connection.

    Raises ssl.SSLError from `handshake`, `read` and `write`; `tls_fault` reads it.
    """

    __slots__ = ("_incoming", "_object", "_outgoing", "established")

    def __init__(self, terms: TlsTerms, address: Address) -> None:
        """Raise OSError for a CA file that cannot be used, ValueError for a bad name."""
        ca_file = terms.ca_file
        stamp = Path(ca_file).stat().st_mtime_ns if ca_file else 0
        context = _context(terms.verify, ca_file, terms.alpn, stamp)
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        # Given an address, OpenSSL sends no SNI and looks for it in the certificate.
        name = terms.server_name or str(address).partition("%")[0]
        self._object = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname=name
        )
        self.established = False

    def handshake(self) -> bool:
        """Go on with the handshake; return whether it is done."""
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            return False
        self.established = True
        return True

    def receive(self, data: bytes) -> None:
        """Take bytes from the network; empty ones are its end."""
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def read(self) -> tuple[bytes, bool]:
        """Return what has been deciphered, and whether the server has closed."""
        plain = bytearray()
        try:
            while data := self._object.read(_READ_SIZE):
                plain += data
        except ssl.SSLWantReadError:
            return bytes(plain), False
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            pass
        return bytes(plain), True

    def write(self, data: bytes) -> None:
        """Encipher `data`; `to_send` has the bytes then."""
        self._object.write(data)

    def to_send(self) -> bytes:
        """Take the bytes that the network is to have."""
        return self._outgoing.read()


def tls_fault(error: ssl.SSLError) -> Finding:
    """Read what OpenSSL complains about."""
    match error:
        case ssl.SSLCertVerificationError():
            text = error.verify_message or str(error)
            return Finding(Reason.CERTIFICATE, printable(text.encode()))
        case (
            ssl.SSLEOFError() | ssl.SSLZeroReturnError()
        ):  # which, depends on the Python
            return Finding(Reason.TLS_FAILED, "closed during the TLS handshake")
        case _:
            text = (error.reason or str(error)).replace("_", " ").lower()
            return Finding(Reason.TLS_FAILED, printable(text.encode()))
