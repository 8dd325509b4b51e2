"""The http monitor against real web servers, plain and inside TLS."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from hashlib import md5
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web

from monlvs.model.result import Outcome, Reason, Verdict
from monlvs.monitors.http import Http, statuses
from monlvs.wire.exchange import Method
from monlvs.wire.monitor import Exchanger, Target
from tests.monitors.loopback import (
    LIMIT,
    SHORT,
    Served,
    check,
    closed_port,
    serving,
    silence,
)


async def page(request: web.Request) -> web.StreamResponse:
    """Answer with the status that the path names, and say what was asked."""
    said = f"{request.method} {request.headers['Host']} {request.headers['User-Agent']}"
    return web.Response(status=int(request.match_info["status"]), text=said)


async def trickle(request: web.Request) -> web.StreamResponse:
    """Send the body in chunks, the word in two of them."""
    response = web.StreamResponse()
    await response.prepare(request)
    for piece in (b"<p>all is ", b"we", b"ll</p>"):
        await response.write(piece)
    return response


async def large(_: web.Request) -> web.StreamResponse:
    """Send a megabyte with the word at its end."""
    return web.Response(body=b"." * 1_000_000 + b"all is well")


@asynccontextmanager
async def site(
    *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[Served]:
    """Serve the pages above."""
    app = web.Application()
    app.router.add_route("*", "/status/{status}", page)
    app.router.add_get("/trickle", trickle)
    app.router.add_get("/large", large)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, host, 0, ssl_context=tls).start()
    try:
        yield Served(host, runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def ask(served: Served, *, timeout: float = LIMIT, **options: Any) -> Outcome:
    """Check a served host with these options."""
    return await check(
        Http(port=served.port, **options), served.target, timeout=timeout
    )


def test_it_is_a_monitor_of_the_exchanging_kind() -> None:
    assert isinstance(Http(), Exchanger)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.UP),
        (204, Verdict.UP),
        (302, Verdict.UP),
        (401, Verdict.UP),
        (403, Verdict.DOWN),
        (404, Verdict.DOWN),
        (500, Verdict.DOWN),
        (503, Verdict.DOWN),
    ],
)
async def test_the_status_decides_as_it_does_for_mon(
    status: int, verdict: Verdict
) -> None:
    async with site() as served:
        outcome = await ask(served, path=f"/status/{status}")
    assert outcome.verdict is verdict, outcome


async def test_a_status_of_ones_own_can_be_expected() -> None:
    async with site() as served:
        assert (
            await ask(served, path="/status/503", status=(503,))
        ).reason is Reason.OK
        outcome = await ask(served, path="/status/200", status=(503, "300-399"))
    assert outcome.reason is Reason.UNEXPECTED


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_the_request_names_host_and_port_and_who_asks(host: str) -> None:
    name = f"[{host}]" if ":" in host else host
    async with site(host=host) as served:
        said = rf"^GET {name}:{served.port} monlvs$".replace("[", r"\[")
        outcome = await ask(served, path="/status/200", body=said)
    assert outcome.verdict is Verdict.UP, outcome


async def test_the_host_header_and_the_user_agent_can_be_chosen() -> None:
    async with site() as served:
        outcome = await ask(
            served,
            path="/status/200",
            host="www.example.org",
            user_agent="probe 1.0",
            body=r"^GET www\.example\.org probe 1\.0$",
        )
    assert outcome.verdict is Verdict.UP, outcome


async def test_a_word_is_found_across_chunks() -> None:
    async with site() as served:
        outcome = await ask(served, path="/trickle", body="is well</p>")
        missing = await ask(served, path="/trickle", body="is bad")
    assert outcome.verdict is Verdict.UP, outcome
    assert missing.reason is Reason.UNEXPECTED


async def test_the_page_has_to_have_its_sum() -> None:
    async with site() as served:
        said = b"GET 127.0.0.1:%d monlvs" % served.port
        digest = md5(said, usedforsecurity=False).hexdigest()
        fine = await ask(served, path="/status/200", digest=digest.upper())
        other = await ask(served, path="/status/200", digest="0" * 32)

    assert fine.verdict is Verdict.UP
    assert (other.verdict, other.reason) == (Verdict.DOWN, Reason.UNEXPECTED)
    assert digest in other.detail


async def test_no_more_than_max_size_is_looked_at() -> None:
    async with site() as served:
        capped = await ask(served, path="/large", body="all is well")
        whole = await ask(served, path="/large", body="all is well", max_size=2_000_000)
    assert capped.verdict is Verdict.DOWN
    assert whole.verdict is Verdict.UP, whole


async def test_head_asks_for_no_body() -> None:
    async with site() as served:
        outcome = await ask(served, path="/status/200", method=Method.HEAD)
    assert outcome.verdict is Verdict.UP, outcome


async def test_a_closed_port_is_down() -> None:
    outcome = await ask(await closed_port())
    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, Reason.REFUSED)


async def test_a_server_that_never_answers_is_down_at_the_time_limit() -> None:
    async with serving(silence) as served:
        outcome = await ask(served, timeout=SHORT)
    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, Reason.TIMED_OUT)


async def test_what_is_no_http_is_down() -> None:
    async def gibber(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(b"220 mail.example.org ESMTP\r\n")
        await reader.read()

    async with serving(gibber) as served:
        outcome = await ask(served)
    assert outcome.verdict is Verdict.DOWN


async def test_a_proxy_is_asked_instead_of_the_host() -> None:
    async with site() as served:
        monitor = Http(port=served.port, address=served.host, path="/status/200")
        outcome = await check(monitor, Target("lvs3", ip_address("127.0.0.77")))
    assert outcome.verdict is Verdict.UP, outcome


async def test_a_proxy_is_asked_for_a_whole_url() -> None:
    said: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    url = "http://www.example.org/x?y=1"
    async with serving(proxy) as served:
        outcome = await ask(served, url=url)

    assert outcome.verdict is Verdict.UP, outcome
    assert said[0].startswith(b"GET %s HTTP/1.1\r\n" % url.encode())
    assert b"\r\nHost: www.example.org\r\n" in said[0]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Iterator[str]:
    with authority.cert_pem.tempfile(dir=str(tmp_path)) as path:
        yield path


def certified(authority: trustme.CA, name: str) -> ssl.SSLContext:
    """Return a server's TLS with a certificate for `name`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        pytest.param("127.0.0.1", {}, Reason.OK, id="of the address"),
        pytest.param("lvs3.example", {}, Reason.CERTIFICATE, id="of another name"),
        pytest.param(
            "lvs3.example",
            {"sni": "lvs3.example"},
            Reason.OK,
            id="of the name asked for",
        ),
        pytest.param(
            "lvs3.example", {"host": "lvs3.example"}, Reason.OK, id="of the Host header"
        ),
        pytest.param(
            "lvs3.example", {"verify": False}, Reason.OK, id="that nobody looks at"
        ),
    ],
)
async def test_the_certificate_has_to_be(
    authority: trustme.CA,
    ca_file: str,
    name: str,
    options: dict[str, Any],
    reason: Reason,
) -> None:
    async with site(tls=certified(authority, name)) as served:
        outcome = await ask(
            served, https=True, ca_file=ca_file, path="/status/200", **options
        )
    assert outcome.reason is reason, outcome


async def test_a_host_that_is_a_name_is_asked_for_by_it(
    authority: trustme.CA, ca_file: str
) -> None:
    async with site(tls=certified(authority, "lvs3.example")) as served:
        monitor = Http(
            port=served.port, https=True, ca_file=ca_file, path="/status/200"
        )
        target = Target("lvs3.example", ip_address(served.host))
        outcome = await check(monitor, target)
    assert outcome.verdict is Verdict.UP, outcome


async def test_an_authority_that_is_not_trusted_is_refused(
    authority: trustme.CA,
) -> None:
    async with site(tls=certified(authority, "127.0.0.1")) as served:
        outcome = await ask(served, https=True, path="/status/200")
    assert outcome.reason is Reason.CERTIFICATE


def test_the_usual_ports_stay_out_of_the_host_header() -> None:
    target = Target("::1", ip_address("::1"))
    plain = Http().exchange(target, timeout=1)
    inside = Http(https=True).exchange(target, timeout=1)
    assert (plain.port, inside.port) == (80, 443)
    assert b"\r\nHost: [::1]\r\n" in plain.send
    assert plain.send == inside.send


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ((200,), {200}),
        (("204",), {204}),
        (("200-202", 401), {200, 201, 202, 401}),
        (("5xx",), set(range(500, 600))),
    ],
)
def test_status_codes_are_read(words: tuple[int | str, ...], codes: set[int]) -> None:
    assert statuses(words) == codes


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"path": "index.html"}, "path: expected a path that begins with /"),
        ({"path": "/a b"}, "path: expected"),
        ({"path": "/a\r\nX: y"}, "path: expected"),
        ({"host": "a\r\nX: y"}, "host: expected a host name"),
        ({"user_agent": "a\nb"}, "user_agent: expected printable"),
        ({"status": ()}, "status: expected at least one"),
        ({"status": ("9xx",)}, "status: expected codes from 100 to 599"),
        ({"status": ("300-200",)}, "status: expected codes"),
        ({"status": (99,)}, "status: expected codes"),
        ({"body": "*"}, "body: expected a regular expression"),
        ({"body": "x", "method": Method.HEAD}, "body: the answer to HEAD has none"),
        ({"digest": "0" * 32, "method": Method.HEAD}, "digest: the answer to HEAD"),
        ({"url": "http://www.example.org"}, "url: expected one such as"),
        ({"url": "ftp://x/"}, "url: expected one such as"),
        ({"url": "http://x/", "path": "/y"}, "url: expected no path"),
        ({"digest": "xyz"}, "digest: expected 32 hexadecimal digits"),
        ({"digest": "0" * 32, "whole_reply": True}, "digest: expected no whole_reply"),
        ({"max_size": 0}, "max_size: expected at least 1 byte"),
        ({"port": 70_000}, "port: expected a port"),
        ({"address": "x"}, "address: expected an IPv4 or IPv6 address"),
        ({"sni": "x"}, "expected https = true"),
    ],
)
def test_wrong_options_are_refused_in_a_sentence(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Http(**options)
