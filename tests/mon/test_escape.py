"""mon's escapes, byte by byte as mon 1.3 wrote them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.mon.escape import escape, to_bytes, unescape

VISIBLE = "!#$%&()*+,-./0123456789:;<=>?@ABCXYZ[]^_`abcxyz{|}~"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", ""),
        ("h1 h2", "h1\\20h2"),
        ("d\nt\t\r", "d\\0at\\09\\0d"),
        ("\"'", "\\22\\27"),
        ("a\\nb", "a\\\\nb"),
        ("é", "\\c3\\a9"),
        ("\x00\x01\x7f", "\\00\\01\\7f"),
        ("\udcff", "\\ff"),
        (VISIBLE, VISIBLE),
    ],
)
def test_what_is_not_visible_ascii_is_escaped(text: str, word: str) -> None:
    assert escape(text) == word
    assert unescape(word) == text


@pytest.mark.parametrize(
    ("word", "text"),
    [("\\5C", "\\5C"), ("\\zz", "\\zz"), ("\\\\20", "\\20"), ("x\\", "x\\"), ("a b", "a b")],
)  # fmt: skip
def test_what_is_no_escape_stands_for_itself(word: str, text: str) -> None:
    assert unescape(word) == text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back(text: str) -> None:
    word = escape(text)

    assert unescape(word) == text
    assert word.isascii()
    assert word.split() == [word] * bool(word)


@given(st.binary())
def test_any_bytes_come_back(data: bytes) -> None:
    assert to_bytes(unescape(escape(data.decode("utf-8", "surrogateescape")))) == data


def test_half_characters_become_question_marks() -> None:
    assert escape("a\ud800b") == "a?b"


@given(st.text())
def test_any_word_is_read(word: str) -> None:
    assert escape(unescape(word)) is not None
