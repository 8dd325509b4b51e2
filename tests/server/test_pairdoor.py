"""One director asks the other one, over a network that is nobody's friend."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest

from monlvs.model.pair import Endpoint, Pair, Role
from monlvs.server import peer as speaking
from monlvs.server.pairdoor import AT_ONCE, PairDoor
from monlvs.server.peer import Heard, Peer, PeerError
from monlvs.wire import sealed

SECRET = b"sixteen bytes or more"
HERE = ip_address("127.0.0.1")
MIDDAY = datetime(2026, 1, 5, 12, tzinfo=UTC)
TEXT = json.dumps({"hosts": {"web/http": {"a": "up"}}, "table": {}})
DIGEST = "d" * 64


def say(question: sealed.Question, **other: object) -> bytes:
    told = {
        "process": "0" * 32,
        "name": "dirB",
        "role": Role.MASTER,
        "since": MIDDAY,
        "outlook": TEXT,
        "digest": DIGEST,
    } | other
    return speaking.answer(**told, known=question.known)  # type: ignore[arg-type]


@asynccontextmanager
async def door(
    say: Callable[[sealed.Question], bytes] = say, *, process: str = "0" * 32
) -> AsyncIterator[tuple[PairDoor, Pair]]:
    """Open a door; yield it, and the pair as the other side sees it."""
    opened = PairDoor(process, say)
    here = Endpoint(address=HERE, port=0)
    await opened.open(here)
    opened.admit(here, SECRET)
    there = Endpoint(address=HERE, port=opened.port)
    try:
        yield opened, Pair(listen=here, peer=there, secret_file="/nowhere")
    finally:
        opened.close()


async def ask(pair: Pair, *, secret: bytes = SECRET, peer: Peer | None = None) -> Heard:
    return await (peer or Peer("1" * 32)).ask(pair, secret, limit=10)


async def test_the_other_director_is_heard() -> None:
    async with door() as (_, pair):
        heard = await ask(pair)
    assert (heard.name, heard.role, heard.since) == ("dirB", Role.MASTER, MIDDAY)
    assert heard.outlook.hosts == {"web/http": {"a": "up"}}


async def test_an_outlook_that_is_known_is_not_told_again() -> None:
    told: list[int] = []

    def count(question: sealed.Question) -> bytes:
        body = say(question)
        told.append(len(body))
        return body

    async with door(count) as (_, pair):
        peer = Peer("1" * 32)
        first = await ask(pair, peer=peer)
        assert await ask(pair, peer=peer) == first
    assert told[1] < told[0]


async def test_who_has_another_secret_is_told_nothing() -> None:
    async with door() as (opened, pair):
        with pytest.raises(PeerError, match="is the secret the same"):
            await ask(pair, secret=b"another secret, as long")
        assert opened.refusal is not None
        assert opened.refusal.why == "from 127.0.0.1: its secret is another one"


async def test_who_asks_from_elsewhere_is_not_even_read() -> None:
    async with door() as (opened, pair):
        with pytest.raises(PeerError):
            await ask(replace(pair, listen=Endpoint(address=ip_address("127.0.0.9"))))
        assert opened.refusal is not None
        assert opened.refusal.why == "from 127.0.0.9: it is not the other director"


async def test_without_a_secret_nobody_is_answered() -> None:
    async with door() as (opened, pair):
        opened.admit(pair.peer, b"")
        with pytest.raises(PeerError):
            await ask(pair, secret=b"")


async def test_a_mirror_is_known_as_one_on_both_sides() -> None:
    async with door() as (opened, pair):
        with pytest.raises(PeerError):
            await ask(pair, peer=Peer("0" * 32))
        assert opened.refusal is not None
        assert opened.refusal.why.endswith("it is this director itself")
    async with door(process="2" * 32) as (_, pair):
        with pytest.raises(PeerError, match="it is this director itself"):
            await ask(pair, peer=Peer("0" * 32))


@pytest.mark.parametrize(
    "noise", [b"", b"GET / HTTP/1.0\r\n\r\n", b"x" * 100_000, b"monlvs-pair-1 "]
)
async def test_noise_is_not_answered(noise: bytes) -> None:
    async with door() as (_, pair):
        reader, writer = await asyncio.open_connection("127.0.0.1", pair.peer.port)
        writer.write(noise)
        writer.write_eof()
        with suppress(ConnectionResetError):  # what it did not read is thrown back
            assert await reader.read() == b""
        writer.close()
        assert (await ask(pair)).name == "dirB"


async def test_the_silent_keep_nobody_out() -> None:
    async with door() as (opened, pair):
        silent = [
            await asyncio.open_connection("127.0.0.1", pair.peer.port)
            for _ in range(AT_ONCE)
        ]
        with pytest.raises(PeerError):
            await ask(pair)
        assert opened.refusal is not None
        assert opened.refusal.why.endswith("too many at once")
        # Their time is short.
        await asyncio.gather(*(reader.read() for reader, _ in silent))
        assert (await ask(pair)).name == "dirB"
        for _, writer in silent:
            writer.close()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"[" * 100_000,
        json.dumps({"process": 3}).encode(),
    ],
)
async def test_what_is_sealed_and_no_answer_is_refused(body: bytes) -> None:
    async with door(lambda _: body) as (_, pair):
        with pytest.raises(PeerError, match="its answer is not understood"):
            await ask(pair)


@pytest.mark.parametrize(
    "other",
    [
        {"name": "dir\x1b[2J"},
        {"name": "x" * 101},
        {"role": "king"},
        {"digest": "short"},
        {"outlook": "3"},
        {"outlook": "null"},
    ],
)
async def test_an_answer_is_looked_at_closely(other: dict[str, object]) -> None:
    async with door(lambda question: say(question, **other)) as (_, pair):
        with pytest.raises(PeerError, match="its answer is not understood"):
            await ask(pair)


@asynccontextmanager
async def stranger(said: bytes | None) -> AsyncIterator[Pair]:
    """Somebody at the other director's place who says something, or nothing."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(sealed.QUESTION_LENGTH)
        if said is None:
            await reader.read()
        else:
            writer.write(said)
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        here, there = Endpoint(address=HERE, port=0), Endpoint(address=HERE, port=port)
        yield Pair(listen=here, peer=there, secret_file="/nowhere")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"", "it does not answer us"),
        (
            b"HTTP/1.0 400 Bad Request\r\n" + b"x" * 200,
            "its answer is not a director's",
        ),
        (b"99999999 %s\n" % (b"0" * 64), "longer than"),
        (b"00000002 %s\n{}" % (b"0" * 64), "sealed by another secret"),
    ],
)
async def test_a_stranger_in_its_place_is_not_believed(said: bytes, why: str) -> None:
    async with stranger(said) as pair:
        with pytest.raises(PeerError, match=why):
            await ask(pair)


async def test_somebody_silent_is_waited_for_so_long_and_no_longer() -> None:
    async with stranger(None) as pair:
        with pytest.raises(PeerError, match=r"no answer in 0\.2 s"):
            await Peer("1" * 32).ask(pair, SECRET, limit=0.2)


async def test_nobody_there_is_told_as_the_system_tells_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    here, there = Endpoint(address=HERE, port=0), Endpoint(address=HERE, port=port)
    with pytest.raises(PeerError, match=r"^Connection refused$"):
        await ask(Pair(listen=here, peer=there, secret_file="/nowhere"))
