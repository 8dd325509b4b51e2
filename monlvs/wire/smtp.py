"""Hands one message to a mail server, and says whether trying again could help.

A code of 4xx, and everything about the connection, may pass; 5xx lasts (RFC 5321,
4.2.1). Where some recipients are refused for now, all are tried again: a message that
comes twice under one Message-ID is better than one that never comes.
"""

import asyncio
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from monlvs.model.plugin import AlertError

if TYPE_CHECKING:
    from aiosmtplib import SMTP, SMTPException

_FIRST_LASTING = 500
_GOODBYE = 2.0
"""Seconds to wait for the answer to QUIT."""


class MailTls(StrEnum):
    """How a mail server is spoken to."""

    NONE = "none"
    """In the clear."""
    OPPORTUNISTIC = "opportunistic"
    """STARTTLS where the server offers it; its certificate is not looked at, which
    keeps out listeners and nobody else (RFC 7435)."""
    STARTTLS = "starttls"
    """STARTTLS, or nothing is sent (RFC 3207)."""
    TLS = "tls"
    """TLS from the first byte (RFC 8314)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A mail server and how to speak to it."""

    host: str
    port: int
    tls: MailTls = MailTls.OPPORTUNISTIC
    verify: bool = True
    """Whether a certificate that does not hold ends the delivery."""
    ca_file: str | None = None
    username: str | None = None
    password: str = field(default="", repr=False)
    timeout: float = 30.0
    """Seconds for the whole delivery."""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A message with those whom it is from and for."""

    sender: str
    recipients: tuple[str, ...]
    message: bytes
    """As it goes over the wire: ASCII, lines ended by CR LF."""


async def deliver(server: MailServer, envelope: Envelope) -> None:
    """Hand `envelope` to `server`; raises AlertError where any recipient is refused."""
    # Loading it takes longer than everything else here: only those pay who send mail.
    from aiosmtplib import SMTPException

    client = await _client(server)
    try:
        async with asyncio.timeout(server.timeout):
            await client.connect()
            replies, _ = await client.sendmail(
                envelope.sender, envelope.recipients, envelope.message
            )
        # The mail is delivered: what becomes of the goodbye changes nothing.
        with suppress(OSError, SMTPException):
            await client.quit(timeout=_GOODBYE)
    except SMTPException as error:
        raise _failure(server, error) from error
    except TimeoutError as error:
        raise AlertError(f"{server}: no answer within {server.timeout:g} s") from error
    except OSError as error:  # ssl.SSLError is one
        raise AlertError(f"{server}: {error.strerror or error}") from error
    finally:
        client.close()
    refused = [(to, reply[0], reply[1]) for to, reply in replies.items()]
    if refused:
        raise _refused(server, refused)


async def _client(server: MailServer) -> "SMTP":
    from aiosmtplib import SMTP

    context = None
    if server.tls is not MailTls.NONE:
        # Reading the system's certificates takes milliseconds.
        context = await asyncio.to_thread(_context, server)
    start = {MailTls.OPPORTUNISTIC: None, MailTls.STARTTLS: True}
    return SMTP(
        hostname=server.host,
        port=server.port,
        username=server.username,
        password=server.password if server.username is not None else None,
        local_hostname=socket.gethostname(),  # else it would ask the DNS for one
        timeout=server.timeout,
        use_tls=server.tls is MailTls.TLS,
        start_tls=start.get(server.tls, False),
        tls_context=context,
    )


def _context(server: MailServer) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=server.ca_file)
    except OSError as error:  # ssl.SSLError is one, and names no file
        raise AlertError(
            f"ca_file: cannot read {server.ca_file}: {error.strerror or error}",
            lasting=True,
        ) from error
    if not server.verify or server.tls is MailTls.OPPORTUNISTIC:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _failure(server: MailServer, error: "SMTPException") -> AlertError:
    """Say what went wrong in a sentence, and whether it will again."""
    from aiosmtplib import (
        SMTPNotSupported,
        SMTPRecipientsRefused,
        SMTPResponseException,
    )

    match error:
        case SMTPRecipientsRefused():
            refused = [(r.recipient, r.code, r.message) for r in error.recipients]
            return _refused(server, refused)
        case SMTPResponseException():
            said = _one_line(f"{error.code} {error.message}")
            lasting = error.code >= _FIRST_LASTING
            return AlertError(f"{server} said {said}", lasting=lasting)
        case SMTPNotSupported():
            return AlertError(f"{server}: {_one_line(str(error))}", lasting=True)
        case _:
            return AlertError(f"{server}: {_one_line(str(error))}")


def _refused(server: MailServer, refused: list[tuple[str, int, str]]) -> AlertError:
    told = "; ".join(_one_line(f"{to}: {code} {said}") for to, code, said in refused)
    lasting = all(code >= _FIRST_LASTING for _, code, _ in refused)
    return AlertError(f"{server} refused {told}", lasting=lasting)


def _one_line(text: str) -> str:
    words = " ".join(text.split())
    return "".join(c if c.isprintable() else "?" for c in words)[:500]
