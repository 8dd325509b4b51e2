"""TLS with real handshakes: what holds, what does not, and whose fault it is."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from monlvs.model.result import Outcome, Reason, Verdict
from monlvs.wire.exchange import Exchange, HttpReply, TlsTerms
from monlvs.wire.sockets import Sockets
from tests.wire.servers import (
    LOOPBACK,
    answers,
    http_check,
    reset,
    says,
    serving,
    silence,
)

HELLO = HttpReply(body=re.compile(b"hello"))
TALK = answers(b"HTTP/1.1 200 OK\r\n\r\n", b"he", b"llo")


@pytest.fixture
async def sockets() -> AsyncIterator[Sockets]:
    with Sockets() as engine:
        yield engine


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


def identity(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    return context


async def ask(sockets: Sockets, tls: ssl.SSLContext, terms: TlsTerms) -> Outcome:
    async with serving(TALK, tls=tls) as port:
        return await sockets.run(http_check(port, HELLO, tls=terms))


async def test_a_certificate_for_the_name_holds(
    sockets: Sockets, authority: trustme.CA, ca_file: str
) -> None:
    tls = identity(authority.issue_cert("www.example.org"))
    terms = TlsTerms(server_name="www.example.org", ca_file=ca_file)
    outcome = await ask(sockets, tls, terms)

    assert (outcome.reason, outcome.detail) == (Reason.OK, "HTTP/1.1 200 OK")


async def test_the_handshake_alone_can_be_the_check(
    sockets: Sockets, authority: trustme.CA, ca_file: str
) -> None:
    tls = identity(authority.issue_cert("127.0.0.1"))
    async with serving(silence, tls=tls) as port:
        outcome = await sockets.run(
            Exchange(address=LOOPBACK, port=port, tls=TlsTerms(ca_file=ca_file))
        )

    assert outcome.reason is Reason.OK


async def test_the_server_is_told_the_name_and_the_protocols(
    sockets: Sockets, authority: trustme.CA, ca_file: str
) -> None:
    told: list[object] = []
    tls = identity(authority.issue_cert("www.example.org"))
    tls.set_alpn_protocols(["http/1.1"])
    tls.sni_callback = lambda session, name, _: told.append(name)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        told.append(writer.get_extra_info("ssl_object").selected_alpn_protocol())
        await TALK(reader, writer)

    terms = TlsTerms(server_name="www.example.org", ca_file=ca_file, alpn=("http/1.1",))
    async with serving(talk, tls=tls) as port:
        outcome = await sockets.run(http_check(port, HELLO, tls=terms))

    assert outcome.reason is Reason.OK
    assert told == ["www.example.org", "http/1.1"]


async def test_another_name_is_refused(
    sockets: Sockets, authority: trustme.CA, ca_file: str
) -> None:
    tls = identity(authority.issue_cert("other.example.org"))
    terms = TlsTerms(server_name="www.example.org", ca_file=ca_file)
    outcome = await ask(sockets, tls, terms)

    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, Reason.CERTIFICATE)
    assert "www.example.org" in outcome.detail


async def test_an_expired_certificate_is_refused(
    sockets: Sockets, authority: trustme.CA, ca_file: str
) -> None:
    past = datetime(2020, 1, 1, tzinfo=UTC)
    expired = authority.issue_cert(
        "127.0.0.1", not_before=datetime(2019, 1, 1, tzinfo=UTC), not_after=past
    )
    outcome = await ask(sockets, identity(expired), TlsTerms(ca_file=ca_file))

    assert (outcome.reason, outcome.detail) == (
        Reason.CERTIFICATE,
        "certificate has expired",
    )


async def test_an_unknown_authority_is_refused(
    sockets: Sockets, authority: trustme.CA, ca_file: str
) -> None:
    tls = identity(trustme.CA().issue_cert("127.0.0.1"))
    outcome = await ask(sockets, tls, TlsTerms(ca_file=ca_file))

    assert outcome.reason is Reason.CERTIFICATE


async def test_without_verification_any_certificate_will_do(sockets: Sockets) -> None:
    tls = identity(trustme.CA().issue_cert("other.example.org"))
    outcome = await ask(sockets, tls, TlsTerms(verify=False))

    assert outcome.reason is Reason.OK


async def test_a_server_without_tls_fails_the_handshake(sockets: Sockets) -> None:
    async with serving(says(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        outcome = await sockets.run(http_check(port, tls=TlsTerms(verify=False)))

    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, Reason.TLS_FAILED)
    assert outcome.detail == "wrong version number"


async def test_a_server_that_closes_within_the_handshake(sockets: Sockets) -> None:
    async def talk(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read(65536)

    async with serving(talk) as port:
        outcome = await sockets.run(http_check(port, tls=TlsTerms(verify=False)))

    assert (outcome.reason, outcome.detail) == (
        Reason.TLS_FAILED,
        "closed during the TLS handshake",
    )


async def test_a_reset_within_the_handshake_is_a_reset(sockets: Sockets) -> None:
    async with serving(reset) as port:
        outcome = await sockets.run(http_check(port, tls=TlsTerms(verify=False)))

    assert outcome.reason is Reason.RESET


async def test_a_handshake_that_never_ends_times_out(sockets: Sockets) -> None:
    async with serving(silence) as port:
        outcome = await sockets.run(
            http_check(port, tls=TlsTerms(verify=False), timeout=0.2)
        )

    assert outcome.reason is Reason.TIMED_OUT
    assert outcome.detail == "no end of the TLS handshake within 0.2 s"


@pytest.mark.parametrize(
    "terms",
    [
        TlsTerms(ca_file="/nonexistent/ca.pem"),
        TlsTerms(ca_file="/dev/null"),
        TlsTerms(server_name=".example.org"),
    ],
    ids=["no CA file", "an empty CA file", "no name"],
)
async def test_terms_that_cannot_be_are_our_own_trouble(
    sockets: Sockets, terms: TlsTerms
) -> None:
    async with serving(silence) as port:
        outcome = await sockets.run(http_check(port, tls=terms))

    assert (outcome.verdict, outcome.reason) == (Verdict.INCONCLUSIVE, Reason.BROKEN)


async def test_many_handshakes_at_once_all_get_through(
    authority: trustme.CA, ca_file: str
) -> None:
    tls = identity(authority.issue_cert("127.0.0.1"))
    terms = TlsTerms(ca_file=ca_file)
    with Sockets(handshakes=2) as sockets:
        async with serving(TALK, tls=tls) as port:
            check = http_check(port, HELLO, tls=terms, timeout=20.0)
            outcomes = await asyncio.gather(*(sockets.run(check) for _ in range(40)))

    assert {outcome.reason for outcome in outcomes} == {Reason.OK}
