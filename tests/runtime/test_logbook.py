"""The log's lines: at once, or with those that they belong to."""

import asyncio
import io
import logging
import threading
from collections.abc import Iterator

import pytest

from monlvs.model.result import Verdict
from monlvs.runtime.journal import Journal
from monlvs.runtime.logbook import Logbook, together
from tests.runtime.swiftloop import swiftly
from tests.runtime.watching import Puppet, config, service, watching

log = logging.getLogger("monlvs.logbook-test")


class Counted(io.StringIO):
    """Remembers each piece that was written."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def write(self, text: str) -> int:
        if self.closed:
            raise ValueError("closed")
        self.pieces.append(text)
        return len(text)


@pytest.fixture
def stream() -> Iterator[Counted]:
    stream, root = Counted(), logging.getLogger()
    book = Logbook(stream)
    root.addHandler(book)
    yield stream
    root.removeHandler(book)


def test_a_line_is_written_at_once(stream: Counted) -> None:
    log.warning("one")
    log.warning("two")
    assert stream.pieces == ["one\n", "two\n"]


def test_lines_that_belong_together_are_written_as_one_when_their_block_ends(
    stream: Counted,
) -> None:
    with together(Journal(None)):
        log.warning("one")
        with together(Journal(None)):
            thread = threading.Thread(target=log.warning, args=("two",))
            thread.start()
            thread.join()
        log.error("three")
        assert stream.pieces == []
    assert stream.pieces == ["one\ntwo\nthree\n"]


def test_a_block_that_fails_or_says_nothing_loses_nothing(stream: Counted) -> None:
    with together(Journal(None)):
        pass
    with pytest.raises(RuntimeError), together(Journal(None)):  # noqa: PT012
        log.warning("one")
        raise RuntimeError
    assert stream.pieces == ["one\n"]


def test_a_stream_that_is_closed_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, stream: Counted
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    stream.close()
    with together(Journal(None)):
        log.warning("one")


def test_what_one_event_brings_is_written_as_one(stream: Counted) -> None:
    async def story() -> None:
        puppet = Puppet(finds=[Verdict.UP, Verdict.DOWN, Verdict.DOWN])
        async with watching(config(service(puppet))) as it:
            it.dispatcher.schedule()
            await asyncio.sleep(15)

    logging.getLogger("monlvs").setLevel(logging.INFO)
    swiftly(story())
    logging.getLogger("monlvs").setLevel(logging.NOTSET)

    assert [piece.count("\n") for piece in stream.pieces] == [2, 2]
