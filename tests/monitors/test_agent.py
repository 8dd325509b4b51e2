"""The agent monitor against real agents."""

import asyncio

import pytest

from monlvs.model.result import Advice, AdviceKind, Outcome, Reason, Verdict
from monlvs.monitors.agent import Agent
from monlvs.wire.monitor import Prober
from tests.monitors.loopback import LIMIT, Served, Talk, closed_port, serving


def says(*pieces: bytes) -> Talk:
    """Serve an agent that says this and hangs up."""

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()

    return talk


async def asked(served: Served, **options: str) -> Outcome:
    async with asyncio.timeout(LIMIT):
        agent = Agent(port=served.port, **options)
        return await agent.probe(served.target, timeout=LIMIT)


def test_it_is_a_monitor_of_the_probing_kind() -> None:
    assert isinstance(Agent(port=1), Prober)


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        (b"75%\n", Advice(AdviceKind.PERCENT, 75)),
        (b"up\n", Advice(AdviceKind.PERCENT, 100)),
        (b"ready up 30% maxconn:20\n", Advice(AdviceKind.PERCENT, 30)),
        (b"up,50%\r\n", Advice(AdviceKind.PERCENT, 50)),
        (b"drain", Advice(AdviceKind.DRAIN)),
        (b"MAINT 100%\n", Advice(AdviceKind.MAINT)),
        (b"0%\nignored", Advice(AdviceKind.PERCENT, 0)),
    ],
)
async def test_a_server_says_how_much_it_takes(line: bytes, advice: Advice) -> None:
    async with serving(says(line[:1], line[1:])) as served:
        outcome = await asked(served)
    assert (outcome.verdict, outcome.advice) == (Verdict.UP, advice)


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        (b"down # no database\n", "down: no database"),
        (b"up failed\n", "failed"),
        (b"hello\n", "says neither up nor down: 'hello'"),
        (b"101 %\n", "says neither up nor down: '101 %'"),
    ],
)
async def test_a_server_that_does_not_work_is_down(line: bytes, detail: str) -> None:
    async with serving(says(line)) as served:
        outcome = await asked(served)
    assert outcome.verdict is Verdict.DOWN
    assert (outcome.reason, outcome.detail) == (Reason.UNEXPECTED, detail)
    assert outcome.advice is None


async def test_an_agent_that_is_not_there_has_failed() -> None:
    outcome = await asked(await closed_port())
    assert (outcome.verdict, outcome.reason) == (Verdict.DOWN, Reason.REFUSED)


async def test_an_agent_without_a_word_has_failed() -> None:
    async with serving(says()) as served:
        outcome = await asked(served)
    assert outcome.reason is Reason.CLOSED_EARLY


async def test_something_may_be_said_first() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(4))

    async with serving(echo) as served:
        outcome = await asked(served, send="42%\n")
    assert outcome.advice == Advice(AdviceKind.PERCENT, 42)
