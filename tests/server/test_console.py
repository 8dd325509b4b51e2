"""The operator's socket, spoken to as `monlvs status` does."""

import asyncio
import json
import os
import pwd
from pathlib import Path
from typing import Any

import pytest

from monlvs.server.console import SOCKET, Console, QuestionError, ask

Plain = dict[str, Any]


async def echo(question: Plain, who: str) -> Plain:
    if question.get("ask") == "nonsense":
        raise QuestionError("expected sense")
    return {"question": question, "who": who}


async def test_a_question_is_answered_and_the_kernel_says_who_asks(
    tmp_path: Path,
) -> None:
    async with Console(tmp_path, echo):
        answer = await asyncio.to_thread(ask, tmp_path, {"ask": "status"})

    assert answer["question"] == {"ask": "status"}
    assert answer["who"] == pwd.getpwuid(os.getuid()).pw_name


async def test_what_speaks_against_a_question_reaches_the_asker(tmp_path: Path) -> None:
    async with Console(tmp_path, echo):
        with pytest.raises(QuestionError, match="expected sense"):
            await asyncio.to_thread(ask, tmp_path, {"ask": "nonsense"})


@pytest.mark.parametrize("line", [b"\n", b"[]\n", b"\xff\xfe\n", b"{", b"7\n"])
async def test_what_is_no_question_gets_an_error(tmp_path: Path, line: bytes) -> None:
    async with Console(tmp_path, echo):
        reader, writer = await asyncio.open_unix_connection(tmp_path / SOCKET)
        writer.write(line)
        writer.write_eof()
        reply = json.loads(await reader.readline())
        writer.close()

    assert reply == {"error": "expected a JSON object in one line"}


async def test_a_line_too_long_ends_that_conversation_alone(tmp_path: Path) -> None:
    async with Console(tmp_path, echo):
        reader, writer = await asyncio.open_unix_connection(tmp_path / SOCKET)
        writer.write(b"x" * 200_000)
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()

        assert await asyncio.to_thread(ask, tmp_path, {"ask": "status"})


async def test_the_socket_is_for_its_group_and_gone_at_the_end(tmp_path: Path) -> None:
    async with Console(tmp_path, echo):
        assert (tmp_path / SOCKET).stat().st_mode & 0o777 == 0o660

    assert not (tmp_path / SOCKET).exists()


async def test_a_socket_left_by_a_killed_daemon_is_replaced(tmp_path: Path) -> None:
    (tmp_path / SOCKET).touch()
    async with Console(tmp_path, echo):
        assert await asyncio.to_thread(ask, tmp_path, {"ask": "status"})


async def test_a_directory_without_room_for_a_socket_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with Console(tmp_path / "missing", echo):
        pass

    assert "cannot ask" in caplog.text


def test_nobody_at_home_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        ask(tmp_path, {"ask": "status"})
