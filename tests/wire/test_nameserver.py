"""Questions to real name servers, and what comes of bad answers."""

import asyncio
import contextlib
from ipaddress import ip_address

import pytest

from monlvs.model.result import Reason
from monlvs.wire.finding import Finding
from monlvs.wire.nameserver import Answer, Question, Terms, ask, check_question
from tests.monitors.loopback import LIMIT, SHORT, Served, closed_port, serving, silence
from tests.nameserver import NameServer, nameserver

HOME = ip_address("127.0.0.1")
MX = Question(name="example.org", type="MX")


async def asked(server: NameServer, question: Question = MX, **terms: int) -> Answer:
    found = await ask(question, HOME, Terms(port=server.port, **terms), timeout=LIMIT)
    assert isinstance(found, Answer), found
    return found


async def refused(served: Served, *, tcp: bool, timeout: float = LIMIT) -> Finding:
    terms = Terms(port=served.port, tcp=tcp)
    found = await ask(MX, HOME, terms, timeout=timeout)
    assert isinstance(found, Finding)
    return found


async def test_an_answer_is_its_code_its_authority_and_its_records() -> None:
    async with nameserver(NameServer()) as server:
        assert await asked(server) == Answer(
            code="NOERROR",
            authoritative=True,
            records=(("MX", "10 mail.example.org."),),
        )
        server.authoritative = False
        assert not (await asked(server)).authoritative
        missing = await asked(server, Question(name="no.example.org", type="A"))
    assert (missing.code, missing.records) == ("NXDOMAIN", ())


@pytest.mark.parametrize("recursive", [True, False])
async def test_a_server_is_asked_to_look_elsewhere_or_not(recursive: bool) -> None:
    question = Question(name="example.org", type="SOA", recursive=recursive)
    async with nameserver(NameServer()) as server:
        await asked(server, question)
    assert server.asked == [("udp", recursive)]


async def test_a_question_that_was_lost_is_asked_again() -> None:
    async with nameserver(NameServer()) as server:
        server.silent = 2
        terms = Terms(port=server.port, tries=3)
        found = await ask(MX, HOME, terms, timeout=3 * SHORT)
    assert isinstance(found, Answer)
    assert len(server.asked) == 3


async def test_what_is_too_long_for_udp_is_asked_over_tcp() -> None:
    async with nameserver(NameServer()) as server:
        server.truncates = True
        assert (await asked(server)).records == (("MX", "10 mail.example.org."),)
    assert [way for way, _ in server.asked] == ["udp", "tcp"]


async def test_tcp_may_be_all_that_is_used() -> None:
    async with nameserver(NameServer()) as server:
        assert (await asked(server, tcp=True)).code == "NOERROR"
    assert [way for way, _ in server.asked] == ["tcp"]


async def test_what_is_no_answer_is_waited_out_over_udp() -> None:
    async with nameserver(NameServer()) as server:
        server.garbage = b"not DNS at all"
        assert (await asked(server)).code == "NOERROR"


@pytest.mark.parametrize("garbage", [b"\x00\x05right", b"\x00\x0c" + bytes(12)])
async def test_what_is_no_answer_is_told_over_tcp(garbage: bytes) -> None:
    async with nameserver(NameServer()) as server:
        server.garbage = garbage
        found = await ask(MX, HOME, Terms(port=server.port, tcp=True), timeout=LIMIT)
    assert isinstance(found, Finding)
    assert found.reason is Reason.UNEXPECTED


async def test_a_server_that_goes_before_it_has_answered_is_told() -> None:
    async def leave(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read(4096)

    async with serving(leave) as served:
        assert (await refused(served, tcp=True)).reason is Reason.CLOSED_EARLY


@pytest.mark.parametrize("tcp", [False, True])
async def test_a_port_where_nobody_listens_refuses_at_once(tcp: bool) -> None:
    assert (await refused(await closed_port(), tcp=tcp)).reason is Reason.REFUSED


async def test_silence_is_a_time_limit() -> None:
    async with contextlib.AsyncExitStack() as stack:
        served = await stack.enter_async_context(serving(silence))
        found = await refused(served, tcp=True, timeout=SHORT)
    assert found == Finding(Reason.TIMED_OUT, "nothing in 0.3 s")


@pytest.mark.parametrize(
    ("name", "type"), [("a..b", "A"), ("x" * 64, "A"), ("example.org", "QUUX")]
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(name: str, type: str) -> None:
    with pytest.raises(ValueError, match="query: expected a domain name and a type"):
        check_question("query", Question(name=name, type=type))
