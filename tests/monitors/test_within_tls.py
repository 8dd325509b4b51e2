"""Monitors that speak their protocol inside of TLS, against real servers."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import trustme

from monlvs.model.result import Reason, Verdict
from monlvs.monitors.imap import Imap
from monlvs.monitors.pop3 import Pop3
from monlvs.monitors.smtp import Smtp
from monlvs.monitors.tcp import Tcp
from monlvs.wire.monitor import Target
from tests.monitors.loopback import Served, check, serving

GREETINGS = {
    Imap: ("* OK here", "a1 OK bye"),
    Pop3: ("+OK here", "+OK bye"),
    Smtp: ("220 here", "250 hello", "221 bye"),
    Tcp: ("hello",),
}


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Iterator[str]:
    with authority.cert_pem.tempfile(dir=str(tmp_path)) as path:
        yield path


@asynccontextmanager
async def server(
    authority: trustme.CA, kind: Any, name: str = "127.0.0.1"
) -> AsyncIterator[Served]:
    """Greet inside of TLS, and answer each line with the next line of the protocol."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for line in GREETINGS[kind]:
            writer.write(line.encode() + b"\r\n")
            await reader.readline()

    async with serving(talk, tls=context) as served:
        yield served


@pytest.mark.parametrize("kind", list(GREETINGS), ids=lambda kind: kind.__name__)
async def test_a_server_that_greets_inside_of_tls_is_up(
    authority: trustme.CA, ca_file: str, kind: Any
) -> None:
    more = {"expect": "^hello"} if kind is Tcp else {}
    async with server(authority, kind) as served:
        monitor = kind(port=served.port, tls=True, ca_file=ca_file, **more)
        outcome = await check(monitor, served.target)
    assert outcome.verdict is Verdict.UP, outcome


@pytest.mark.parametrize(
    ("host", "options", "reason"),
    [
        ("lvs3.example", {}, Reason.OK),
        ("127.0.0.1", {}, Reason.CERTIFICATE),
        ("127.0.0.1", {"verify": False}, Reason.OK),
    ],
)
async def test_the_certificate_is_looked_at_unless_it_shall_not_be(
    authority: trustme.CA,
    ca_file: str,
    host: str,
    options: dict[str, Any],
    reason: Reason,
) -> None:
    async with server(authority, Imap, "lvs3.example") as served:
        monitor = Imap(port=served.port, tls=True, ca_file=ca_file, **options)
        outcome = await check(monitor, Target(host, ip_address("127.0.0.1")))
    assert outcome.reason is reason, outcome


async def test_a_server_without_tls_is_down() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK here\r\n")
        await reader.read()

    async with serving(plain) as served:
        monitor = Imap(port=served.port, tls=True)
        outcome = await check(monitor, served.target)
    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, Reason.TLS_FAILED)


@pytest.mark.parametrize("options", [{"verify": False}, {"ca_file": "/x"}])
def test_certificates_are_a_matter_of_tls(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="verify, ca_file: expected tls = true"):
        Pop3(**options)
