"""Reasons, verdicts, errnos and lines for people."""

import errno

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.model.result import Reason, Verdict
from monlvs.wire.finding import (
    Finding,
    local_fault,
    outcome_of,
    printable,
    remote_fault,
    verdict_of,
)

DOWN = {
    Reason.REFUSED, Reason.UNREACHABLE, Reason.TIMED_OUT, Reason.RESET,
    Reason.CLOSED_EARLY, Reason.UNEXPECTED, Reason.TOO_LARGE, Reason.TLS_FAILED,
    Reason.CERTIFICATE, Reason.EXITED,
}  # fmt: skip


@pytest.mark.parametrize("reason", Reason)
def test_only_the_other_side_s_doing_takes_a_host_down(reason: Reason) -> None:
    expected = Verdict.DOWN if reason in DOWN else Verdict.INCONCLUSIVE
    if reason is Reason.OK:
        expected = Verdict.UP

    assert verdict_of(reason) is expected
    assert outcome_of(Finding(reason, "x"), 1.5).verdict is expected


@pytest.mark.parametrize(
    ("number", "at_once", "later"),
    [
        (errno.ECONNREFUSED, Reason.REFUSED, Reason.REFUSED),
        (errno.EHOSTUNREACH, Reason.UNREACHABLE, Reason.UNREACHABLE),
        (errno.ENETUNREACH, Reason.NO_NETWORK, Reason.UNREACHABLE),
        (errno.EACCES, Reason.NOT_PERMITTED, Reason.UNREACHABLE),
        (errno.EPERM, Reason.NOT_PERMITTED, Reason.NOT_PERMITTED),
        (errno.ENETDOWN, Reason.NO_NETWORK, Reason.NO_NETWORK),
        (errno.EMFILE, Reason.NO_DESCRIPTORS, Reason.NO_DESCRIPTORS),
        (errno.EADDRNOTAVAIL, Reason.NO_PORTS, Reason.NO_PORTS),
        (errno.ENOBUFS, Reason.NO_MEMORY, Reason.NO_MEMORY),
        (errno.ETIMEDOUT, Reason.TIMED_OUT, Reason.TIMED_OUT),
        (errno.EPIPE, Reason.RESET, Reason.RESET),
        (errno.EXDEV, Reason.BROKEN, Reason.BROKEN),
    ],
    ids=lambda value: (
        errno.errorcode.get(value, "") if isinstance(value, int) else None
    ),
)
def test_an_errno_is_read_by_when_it_came(
    number: int, at_once: Reason, later: Reason
) -> None:
    assert local_fault(OSError(number, "")).reason is at_once
    assert remote_fault(OSError(number, "")).reason is later


def test_a_file_is_named_with_its_fault() -> None:
    fault = local_fault(FileNotFoundError(errno.ENOENT, "", "/etc/ca.pem"))

    assert fault == Finding(Reason.BROKEN, "/etc/ca.pem: No such file or directory")


@given(data=st.binary(max_size=2000))
def test_a_line_for_people_is_one_bounded_printable_line(data: bytes) -> None:
    line = printable(data)

    assert len(line) <= 200
    assert line.isprintable()


def test_text_is_kept_and_the_rest_is_escaped() -> None:
    assert printable("  grün\x1b[0m\n".encode() + b"\xfe ") == r"grün\x1b[0m\n\xfe"
