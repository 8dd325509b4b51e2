"""What two directors say to each other cannot be made up, changed or said again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.wire import sealed
from monlvs.wire.sealed import SealError

SECRET = b"sixteen bytes or more"
ME = sealed.new_process()


def split(said: bytes) -> tuple[bytes, bytes]:
    return said[: sealed.HEAD_LENGTH], said[sealed.HEAD_LENGTH :]


def test_a_question_arrives_as_it_was_asked() -> None:
    question = sealed.ask(ME)
    line = question.line(SECRET)
    assert len(line) == sealed.QUESTION_LENGTH
    assert sealed.read_question(line, SECRET) == question


def test_an_answer_arrives_as_it_was_given() -> None:
    question = sealed.ask(ME)
    head, body = split(sealed.answer(question, b"all is well", SECRET))
    assert sealed.length_of(head) == len(body) == 11
    assert sealed.open_answer(question, head, body, SECRET) == b"all is well"


def test_no_question_is_asked_twice_and_no_process_has_anothers_name() -> None:
    assert len({sealed.ask(ME).nonce for _ in range(100)}) == 100
    assert sealed.new_process() != ME


@given(st.integers(0, sealed.QUESTION_LENGTH - 1), st.integers(1, 255))
def test_a_question_that_was_changed_anywhere_is_none(at: int, by: int) -> None:
    line = bytearray(sealed.ask(ME).line(SECRET))
    line[at] ^= by
    with pytest.raises(SealError):
        sealed.read_question(bytes(line), SECRET)


@given(st.integers(0), st.integers(1, 255))
def test_an_answer_that_was_changed_anywhere_is_none(at: int, by: int) -> None:
    question = sealed.ask(ME)
    said = bytearray(sealed.answer(question, b"all is well", SECRET))
    said[at % len(said)] ^= by
    with pytest.raises(SealError):
        sealed.open_answer(question, *split(bytes(said)), SECRET)


@given(st.binary(max_size=400))
def test_noise_is_neither_question_nor_answer(noise: bytes) -> None:
    with pytest.raises(SealError):
        sealed.read_question(noise, SECRET)
    with pytest.raises(SealError):
        sealed.length_of(noise)
    with pytest.raises(SealError):
        sealed.open_answer(sealed.ask(ME), *split(noise), SECRET)


def test_an_answer_that_somebody_has_recorded_does_not_fit_another_question() -> None:
    old = sealed.ask(ME)
    recorded = sealed.answer(old, b"I am the master", SECRET)
    with pytest.raises(SealError, match="for another question"):
        sealed.open_answer(sealed.ask(ME), *split(recorded), SECRET)


def test_a_question_is_no_answer_to_itself() -> None:
    question = sealed.ask(ME)
    with pytest.raises(SealError):
        sealed.length_of(question.line(SECRET)[: sealed.HEAD_LENGTH])


def test_another_secret_opens_nothing() -> None:
    question = sealed.ask(ME)
    with pytest.raises(SealError, match="its secret is another one"):
        sealed.read_question(question.line(b"another secret, as long"), SECRET)
    said = sealed.answer(question, b"{}", b"another secret, as long")
    with pytest.raises(SealError, match="another secret"):
        sealed.open_answer(question, *split(said), SECRET)


def test_what_is_too_long_is_neither_said_nor_waited_for() -> None:
    with pytest.raises(ValueError, match="33554432 bytes at most"):
        sealed.answer(sealed.ask(ME), bytes(sealed.LONGEST + 1), SECRET)
    head = b"%08d %s\n" % (sealed.LONGEST + 1, b"0" * 64)
    with pytest.raises(SealError, match="longer than 33554432 bytes"):
        sealed.length_of(head)
