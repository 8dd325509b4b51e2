"""Hexadecimal strings of UDP_CHECK."""

import re

import pytest

from monlvs.config.importers.keepalived.hexadecimal import answer, payload


def test_digits_stand_in_free_order() -> None:
    assert payload("Ab12f 3 456 546443123") == "Ab120f0345065464431203"


@pytest.mark.parametrize(
    ("wanted", "data", "fine"),
    [
        ("00ff", b"\x00\xff more", True),
        ("00ff", b"\x00\xfe", False),
        ("XX41", b"\nA", True),
        ("4x", b"O", True),
        ("4x", b"P", False),
        ("x1", b"\xf1", True),
        ("x1", b"\xf2", False),
        ("", b"", True),
        ("", b"x" * 300, False),
    ],
)
def test_an_answer_begins_so(wanted: str, data: bytes, fine: bool) -> None:
    expression = re.compile(answer(wanted, 0, 255).encode())
    assert bool(expression.search(data)) is fine


@pytest.mark.parametrize("text", ["0g", "x1", "ä"])
def test_other_characters_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        payload(text)
