"""`monlvs demo` with and without a terminal, twice at a time, and how it ends."""

import re
import signal
import time
from pathlib import Path

import pytest

from tests.commandline import (
    PATIENCE,
    Running,
    argv,
    in_terminal,
    monlvs,
    running,
    without_privileges,
)

DEMO = ("demo", "--table", "memory")
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
HOME = "\x1b[H"
FAILING = re.compile(
    r"FAIL .*✗ (127\.0\.0\.1[123]):.*\1 answers 503 on purpose", re.DOTALL
)
"""A server that fails, is out of the table, and is said to do so on purpose."""


def pictures(screen: Running) -> list[str]:
    """Return what the terminal has shown, picture by picture, that are complete."""
    frames = screen.text.split(HOME)[1:-1]
    return [ESCAPE.sub("", frame).replace("\r", "") for frame in frames]


def shows(screen: Running, words: str) -> bool:
    return any(words in picture for picture in pictures(screen))


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (120, 40)])
def test_the_view_shows_a_failing_server_and_fits(
    columns: int, lines: int, tmp_path: Path
) -> None:
    env = {"TMPDIR": str(tmp_path)}
    with in_terminal(argv(*DEMO), columns, lines, env=env) as screen:
        screen.until(lambda: shows(screen, "3 services: 3 ok"))
        # Whose turn it is depends on how long the start took.
        screen.until(lambda: any(map(FAILING.search, pictures(screen))))
        seen = pictures(screen)

        assert screen.end(signal.SIGINT) == 0
    shown = next(filter(FAILING.search, seen))
    for word in ("NOTHING IS BALANCED", "1 failing", "HTTP/1.1 503", "Ctrl-C ends it"):
        assert word in shown
    for picture in seen:
        rows = picture.rstrip("\n").split("\n")
        assert len(rows) <= lines
        assert max(map(len, rows)) <= columns
    assert screen.text.rstrip().endswith("ended; nothing was left behind")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("columns", "lines"), [(1, 1), (10, 4), (40, 10), (300, 100)])
def test_any_terminal_will_do(columns: int, lines: int) -> None:
    with in_terminal(argv(*DEMO, "--seconds", "2"), columns, lines) as screen:
        assert screen.wait() == 0


def test_a_terminal_that_takes_nothing_does_not_hold_up_the_end() -> None:
    """Nobody reads it: Ctrl-S, a line that hangs."""
    with in_terminal(argv(*DEMO), 300, 100) as screen:
        seen = [0]

        def is_full() -> bool:
            """Whether half a second's pictures have not changed what is unread."""
            seen.append(screen.unread())
            return len(seen) > 50 and 1000 < min(seen[-50:]) == max(seen[-50:])

        deadline = time.monotonic() + PATIENCE
        while not is_full():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        screen.send(signal.SIGTERM)
        assert screen.process.wait(PATIENCE) == 0


def test_a_terminal_that_goes_away_ends_it(tmp_path: Path) -> None:
    env = {"TMPDIR": str(tmp_path)}
    with in_terminal(argv(*DEMO), 80, 24, env=env) as screen:
        screen.until(lambda: shows(screen, "3 ok"))
        screen.hang_up()
        screen.process.wait(PATIENCE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_without_a_terminal_there_are_lines_and_a_clean_end(
    number: signal.Signals, tmp_path: Path
) -> None:
    env = {"TMPDIR": str(tmp_path), "TERM": "dumb"}
    with running(without_privileges(*DEMO), env=env) as demo:
        demo.until("untested → ok", count=3)
        assert demo.end(number) == 0

    assert "NOTHING IS BALANCED" in demo.text
    assert "table: -D -t 127.0.0.10" in demo.text
    assert demo.text.endswith("ended; nothing was left behind\n")
    assert list(tmp_path.iterdir()) == []


def test_two_run_at_a_time() -> None:
    with running(argv(*DEMO)) as first, running(argv(*DEMO)) as second:
        for demo in (first, second):
            demo.until("ok → fail")
        for demo in (first, second):
            demo.until("table: -d -t")
            assert demo.end(signal.SIGINT) == 0


def test_it_ends_by_itself_where_asked() -> None:
    assert monlvs(*DEMO, "--seconds", "0.5").status == 0


def test_a_kernel_without_ipvs_is_told() -> None:
    ended = monlvs("demo", "--table", "kernel", "--seconds", "1")

    assert ended.status in (0, 1)  # this kernel may have it
    assert ended.status == 0 or ended.err.startswith("monlvs: demo: ")
