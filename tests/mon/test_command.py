"""Lines of clients, as mon 1.3 was seen to understand them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.mon.command import Command, parse_command
from tests.mon import recorded


@pytest.mark.parametrize(
    ("line", "name", "words"),
    [
        (b"list watch\n", "list", ("watch",)),
        (b"LIST Watch\r\n", "list", ("Watch",)),
        ("list\twatch", "list", ("watch",)),
        ("List   watch  ", "list", ("watch",)),
        ("list 'watch'", "list", ("'watch'",)),
        ("list watch\\", "list", ("watch\\",)),
        ("quit", "quit", ()),
        (b"ack g s \xff", "ack", ("g", "s", "\udcff")),
        ("nosuch a", "nosuch", ("a",)),
    ],
)
def test_a_line_is_a_command_and_words(
    line: str | bytes, name: str, words: tuple[str, ...]
) -> None:
    command = parse_command(line)

    assert command is not None
    assert (command.name, command.words) == (name, words)


@pytest.mark.parametrize(
    "line", ["", "  list watch", 'li"st" watch', "'list'", "\0", "9"]
)
def test_anything_else_is_none(line: str) -> None:
    assert parse_command(line) is None


def test_words_that_are_not_there_are_empty() -> None:
    command = Command("get", "g  s")

    assert [command.word(n) for n in range(3)] == ["g", "s", ""]


@pytest.mark.parametrize(
    ("text", "count", "rest"),
    [
        ("alert g s  1   wd {Sun - Sat}", 4, "wd {Sun - Sat}"),
        ("alert g s 1", 4, ""),
        ("", 1, ""),
        ("a  b", 0, "a  b"),
    ],
)
def test_the_rest_of_a_line_may_be_one_argument(
    text: str, count: int, rest: str
) -> None:
    assert Command("test", text).after(count) == rest


@pytest.mark.parametrize(
    ("text", "comment"),
    [
        ("g s working on it", "working"),
        ("g s 'x y' z", "x y"),
        ('g s "two words\\n=é\'"', "two wordsn=é'"),
        ("g s a\\20b", "a20b"),
        ('g s "unbal x', ""),
        ("g s it's me", ""),
        ("g s", ""),
    ],
)
def test_a_comment_is_the_first_shell_like_word(text: str, comment: str) -> None:
    assert Command("ack", text).quoted(2) == comment


def test_all_commands_that_mon_was_asked_are_known() -> None:
    asked = {parse_command(command) for command, _ in recorded.replies("")}
    unknown = {command.name for command in asked if command and not command.known}

    assert unknown == {"nosuch"}


@given(st.binary() | st.text())
def test_any_line_is_a_command_or_none(line: str | bytes) -> None:
    command = parse_command(line)

    if command is not None:
        assert isinstance(command.quoted(2), str)
