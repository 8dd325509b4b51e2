"""A real mail server on loopback, with the moods that mail servers have."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class PostOffice:
    """Keeps the mail it takes, and refuses what it is told to refuse."""

    replies: dict[str, list[str]] = field(default_factory=dict)
    """What to answer to a recipient, one answer an attempt; then it is taken."""
    data_reply: str | None = None
    login: tuple[bytes, bytes] | None = None
    envelopes: list[Envelope] = field(default_factory=list)
    secured: list[bool] = field(default_factory=list)
    port: int = 0

    @property
    def server(self) -> str:
        """The option that leads here."""
        return f"127.0.0.1:{self.port}"

    def mails(self) -> list[EmailMessage]:
        """Return the mails taken, parsed."""
        parsed = [
            message_from_bytes(e.content or b"", policy=default) for e in self.envelopes
        ]
        return [mail for mail in parsed if isinstance(mail, EmailMessage)]

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: Any,
    ) -> str:
        if self.replies.get(address):
            return self.replies[address].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.data_reply is not None:
            return self.data_reply
        self.envelopes.append(envelope)
        self.secured.append(session.ssl is not None)
        return "250 OK"

    def authenticate(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        mechanism: str,
        data: Any,
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        right = (data.login, data.password) == self.login
        return AuthResult(success=right, handled=False)


class Desk(SMTP):
    """One conversation, of which it can be awaited that it is over."""

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self.over.set()

    over: asyncio.Event


@asynccontextmanager
async def open_office(
    office: PostOffice,
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    insist: bool = False,
) -> AsyncIterator[PostOffice]:
    """Open it at a port of the kernel's choice."""
    loop = asyncio.get_running_loop()

    desks: list[Desk] = []

    def protocol() -> SMTP:
        desk = Desk(
            office,
            hostname="post.example",
            loop=loop,
            tls_context=starttls,
            require_starttls=insist,
            authenticator=office.authenticate if office.login else None,
            auth_required=office.login is not None,
            auth_require_tls=starttls is not None,
        )
        desk.over = asyncio.Event()
        desks.append(desk)
        return desk

    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=tls)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
        await server.wait_closed()
        async with asyncio.timeout(20):
            for desk in desks:
                await desk.over.wait()
