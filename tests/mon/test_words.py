"""Words, case by case as mon 1.3 handed them to a monitor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.mon.words import (
    UnbalancedQuoteError,
    first_word,
    plain_words,
    split_words,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ()),
        (" \t ", ()),
        ("a  b\tc ", ("a", "b", "c")),
        ("\"two words\" 'single q' plain", ("two words", "single q", "plain")),
        (r'"a\"b" c\ d', ('a"b', "c d")),
        ('a"b c"d', ("ab cd",)),
        (r"'it\'s'", (r"it\'s",)),
        (r'"q\"x\y\\"', ('q"xy\\',)),
        (r"\x\\", ("x\\",)),
        (r"'a\nb'", (r"a\nb",)),
        ("\"\" ''", ("", "")),
        ("* $HOME `x` ~ #c ;;", ("*", "$HOME", "`x`", "~", "#c", ";;")),
        ("a\u00a0b", ("a\u00a0b",)),
        ("end\\", ("end\\",)),
    ],
)
def test_words_are_parted_as_mon_parts_them(text: str, words: tuple[str, ...]) -> None:
    assert split_words(text) == words


@pytest.mark.parametrize("text", ['"unbal x', "x'y z", 'a "b" "', "'\\'"])
def test_an_open_quote_is_an_error(text: str) -> None:
    with pytest.raises(UnbalancedQuoteError, match="expected another"):
        split_words(text)


@pytest.mark.parametrize(
    ("text", "first", "rest"),
    [
        ("", "", ""),
        ("a", "a", ""),
        ('fake.alert  "x y" z\\ w ', "fake.alert", '"x y" z\\ w'),
        ('"a b"  c', "a b", "c"),
    ],
)
def test_what_follows_the_first_word_stays_as_it_is_written(
    text: str, first: str, rest: str
) -> None:
    assert first_word(text) == (first, rest)


def test_plain_words_know_no_quotes() -> None:
    assert plain_words(" 'a b'\t\\c ") == ("'a", "b'", "\\c")


@given(st.lists(st.text()))
def test_words_that_are_quoted_come_back(words: list[str]) -> None:
    quoted = " ".join(
        '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in words
    )

    assert split_words(quoted) == tuple(words)


@given(st.text())
def test_any_text_is_words_or_has_an_open_quote(text: str) -> None:
    try:
        words = split_words(text)
    except UnbalancedQuoteError:
        return
    assert first_word(text)[0] == (words[0] if words else "")
