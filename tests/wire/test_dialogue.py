"""Dialogues step by step, without a network."""

import re

from monlvs.model.result import Reason
from monlvs.wire.dialogue import DialogueReader, dialogue_of
from monlvs.wire.exchange import Dialogue, Says, Step
from monlvs.wire.finding import Finding

SMTP = Dialogue(
    steps=(
        Step(
            expect=re.compile(rb"^220 ", re.MULTILINE),
            refusal=re.compile(rb"^[45]", re.MULTILINE),
            send=b"EHLO x\r\n",
        ),
        Step(expect=re.compile(rb"^250 ", re.MULTILINE), send=b"QUIT\r\n"),
        Step(expect=re.compile(rb"^221", re.MULTILINE)),
    )
)


def test_each_step_is_said_when_the_one_before_is_satisfied() -> None:
    reader = DialogueReader(SMTP)

    assert reader.begin() is None
    assert (reader.feed(b"220 mx ready\r\n"), reader.outgoing) == (None, b"EHLO x\r\n")
    reader.outgoing = b""
    assert (reader.feed(b"250-mx\r\n25"), reader.outgoing) == (None, b"")
    assert (reader.feed(b"0 HELP\r\n"), reader.outgoing) == (None, b"QUIT\r\n")
    assert reader.feed(b"221 bye\r\n") == Finding(Reason.OK, "221 bye")


def test_a_refusal_ends_it_with_the_line_that_was_said() -> None:
    finding = DialogueReader(SMTP).feed(b"554 go away\r\n")

    assert finding == Finding(Reason.UNEXPECTED, "554 go away")


def test_what_came_early_counts_for_the_next_step() -> None:
    finding = DialogueReader(SMTP).feed(b"220 a\r\n250 b\r\n221 c\r\n")

    assert finding == Finding(Reason.OK, "221 c")


def test_more_than_the_limit_without_a_match_is_too_large() -> None:
    reader = DialogueReader(dialogue_of(Says(pattern=re.compile(b"ready"), limit=10)))

    assert reader.feed(b"x" * 10) is None
    finding = reader.feed(b"ready")

    assert finding is not None
    assert finding.reason is Reason.TOO_LARGE


def test_a_flood_of_negotiation_counts_towards_the_limit() -> None:
    step = Step(expect=re.compile(b"login"))
    reader = DialogueReader(Dialogue(steps=(step,), limit=100, telnet=True))

    finding = reader.feed(b"\xff\xfb\x01" * 50)

    assert finding is not None
    assert finding.reason is Reason.TOO_LARGE


def test_a_prompt_behind_negotiation_is_seen() -> None:
    step = Step(expect=re.compile(b"login:"))
    reader = DialogueReader(Dialogue(steps=(step,), telnet=True))

    assert reader.feed(b"\xff\xfd\x18log\xff") is None
    assert reader.outgoing == b"\xff\xfc\x18"
    assert reader.feed(b"\xfb\x01in: ") == Finding(Reason.OK, "login:")
    assert reader.outgoing == b"\xff\xfc\x18\xff\xfe\x01"


def test_steps_that_wait_for_nothing_are_said_at_once() -> None:
    reader = DialogueReader(Dialogue(steps=(Step(send=b"a"), Step(send=b"b"))))

    assert reader.begin() == Finding(Reason.OK, "")
    assert reader.outgoing == b"ab"


def test_a_close_tells_what_was_heard_last() -> None:
    reader = DialogueReader(SMTP)
    before = reader.ended()
    reader.feed(b"hm\r\n")
    within = reader.ended()
    reader.feed(b"220 hi\r\n")

    assert before == Finding(Reason.CLOSED_EARLY, "closed before any reply")
    assert within == Finding(Reason.CLOSED_EARLY, "closed after 'hm'")
    assert reader.ended().detail.startswith("closed after '")
