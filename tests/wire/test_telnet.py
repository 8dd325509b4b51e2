"""Option negotiation is refused and out of sight."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.wire.telnet import Negotiation

IAC, SE, SB, WILL, WONT, DO, DONT = (
    b"\xff",
    b"\xf0",
    b"\xfa",
    b"\xfb",
    b"\xfc",
    b"\xfd",
    b"\xfe",
)
ECHO, TYPE = b"\x01", b"\x18"

CASES = {
    "plain text passes": (b"login: ", b"login: ", b""),
    "an offer is declined": (IAC + WILL + ECHO + b"hi", b"hi", IAC + DONT + ECHO),
    "a wish is declined": (IAC + DO + TYPE, b"", IAC + WONT + TYPE),
    "a refusal needs no answer": (
        IAC + WONT + ECHO + IAC + DONT + ECHO + b"x",
        b"x",
        b"",
    ),
    "subnegotiation is dropped": (
        b"a" + IAC + SB + TYPE + b"\x01" + IAC + IAC + b"z" + IAC + SE + b"b",
        b"ab",
        b"",
    ),
    "a doubled IAC is a byte": (b"a" + IAC + IAC + b"b", b"a\xffb", b""),
    "other commands are dropped": (b"a" + IAC + b"\xf1" + b"b", b"ab", b""),
    "the option may be IAC itself": (IAC + DO + IAC + b"x", b"x", IAC + WONT + IAC),
    "an unfinished command waits": (b"a" + IAC + DO, b"a", b""),
}


@pytest.mark.parametrize(("data", "text", "answer"), CASES.values(), ids=CASES)
def test_commands_are_taken_out(data: bytes, text: bytes, answer: bytes) -> None:
    assert Negotiation().feed(data) == (text, answer)


@given(
    data=st.binary(max_size=60).map(lambda b: b.replace(b"\x00", IAC)),
    cut=st.integers(0, 60),
)
def test_any_split_gives_the_same_text_and_answer(data: bytes, cut: int) -> None:
    whole = Negotiation().feed(data)
    negotiation = Negotiation()
    first, second = negotiation.feed(data[:cut]), negotiation.feed(data[cut:])

    assert (first[0] + second[0], first[1] + second[1]) == whole
