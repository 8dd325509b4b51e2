"""One file for each kind of mistake, with what is to be said about it and where."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from monlvs.cli.check import command
from monlvs.config import load

FILES = sorted((Path(__file__).parent / "bad").glob("*.toml"))
EXPECT = re.compile(r"# expect: (\d+|-): (warning: )?(.*)\n")

every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def expected(path: Path) -> list[tuple[int | None, bool, str]]:
    """Read what a file's first lines say is to be said about it."""
    found = EXPECT.findall(path.read_text("utf-8"))
    return [
        (None if line == "-" else int(line), bool(odd), told)
        for line, odd, told in found
    ]


def test_there_are_enough_of_them() -> None:
    assert len(FILES) >= 45


@every_file
def test_every_mistake_is_told_at_its_line_and_nothing_else_is(path: Path) -> None:
    config, problems = load(path)

    assert config is None
    assert expected(path) == [(p.place.line, p.warning, p.message) for p in problems]


@every_file
def test_the_command_prints_file_and_line_and_exits_with_2(path: Path) -> None:
    result = CliRunner().invoke(command, [str(path)])

    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    for line, _, message in expected(path):
        where = f"{path}:{line}:" if line else f"{path}:"
        assert any(
            told.startswith(where) and told.endswith(message)
            for told in result.output.splitlines()
        )
    assert "Traceback" not in result.output


@every_file
def test_a_message_says_what_was_expected(path: Path) -> None:
    words = (
        "expected",
        "missing",
        "needs",
        "already",
        "is for",
        "is in",
        "not ",
        "no ",
        "did you mean",
    )
    for _, _, message in expected(path):
        assert any(word in message for word in words), message
