"""Lines of the historic file, as mon 1.3 wrote them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.mon.history import (
    AlertEntry,
    FailureEntry,
    alert_word,
    failure_word,
    history_line,
    parse_history,
    read_history,
)

LINE = 'alert g s 1795489113 /etc/mon/alert.d/a ("x y" z\\ w) 1x'
ENTRY = AlertEntry(
    kind="alert",
    group="g",
    service="s",
    time=1795489113,
    path="/etc/mon/alert.d/a",
    arguments='"x y" z\\ w',
    summary="1x",
)


def test_an_alert_is_one_line() -> None:
    assert history_line(ENTRY) == LINE
    assert parse_history(LINE + "\n") == ENTRY


@pytest.mark.parametrize(
    ("rest", "arguments", "summary"),
    [
        ("() a b raw", "", "a b raw"),
        ("(p) (NO SUMMARY)", "p", "(NO SUMMARY)"),
        ("(p)", "p", ""),
        ("(p) ", "p", ""),
        ('("a) b" c) sum', '"a) b" c', "sum"),
        ("(it's) sum", "it's", "sum"),
        ("(a)b) sum", "a", "b) sum"),
    ],
)
def test_the_arguments_end_at_their_parenthesis(
    rest: str, arguments: str, summary: str
) -> None:
    entry = parse_history(f"upalert g s 17 /a {rest}")

    assert entry is not None
    assert (entry.arguments, entry.summary) == (arguments, summary)


@pytest.mark.parametrize(
    "line",
    ["", "junk", "# c", "alert g s x /a (b) c", "alert g s 1 /a b", "alert g s 1"],
)
def test_junk_is_no_entry(line: str) -> None:
    assert parse_history(line) is None


def test_a_file_is_read_from_some_time_on() -> None:
    text = f"junk\n{LINE}\n{LINE.replace('1795489113', '5')}\n"

    assert [entry.time for entry in read_history(text)] == [1795489113, 5]
    assert [entry.time for entry in read_history(text, since=6)] == [1795489113]


def test_clients_are_shown_one_word() -> None:
    failure = FailureEntry(group="g", service="s", time=1795488799, summary="1x é")

    assert alert_word(ENTRY) == (
        "alert\\20g\\20s\\201795489113\\20/etc/mon/alert.d/a\\20"
        "(\\22x\\20y\\22\\20z\\\\\\20w)\\201x"
    )
    assert failure_word(failure) == "g\\20s\\201795488799\\201x\\20\\c3\\a9"


WORDS = st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1)


@given(WORDS, st.integers(0, 10**12), st.text(alphabet="ab \"'\\"), st.text())
def test_what_is_written_is_read(
    word: str, time: int, arguments: str, summary: str
) -> None:
    entry = AlertEntry(
        kind="alert",
        group=word,
        service=word,
        time=time,
        path=word,
        arguments=arguments,
        summary=summary.replace("\n", "").replace("\r", "").replace(")", ""),
    )
    assert parse_history(history_line(entry)) == entry


@given(st.text() | st.text(alphabet="a1 ()\"'\\").map("alert g s 1 /a (".__add__))
def test_any_line_is_an_entry_or_junk(line: str) -> None:
    entry = parse_history(line)

    assert entry is None or "\n" not in history_line(entry)
