"""Trap datagrams, as mon 1.3 took them and its clients send them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monlvs.mon.trap import BadTrap, Trap, decode_trap, encode_trap

SENT = (
    b"pro='0.3807'\nusr=''\nspc='0'\nseq='0'\ntyp='trap'\ngrp='web'\nsvc='trap'\n"
    b"sta='1'\nspc='0'\ntsp='1700000000'\nsum='disk\\20full'\n"
    b"dtl='line\\20one\\0aline\\20two\\20\\27q\\27'\n"
)
READ = Trap(
    group="web",
    service="trap",
    status=1,
    summary="disk full",
    detail="line one\nline two 'q'",
    kind=0,
    time=1700000000,
)


def test_a_datagram_of_mons_clients_is_read() -> None:
    assert decode_trap(SENT) == READ
    assert READ.output == "disk full\n\nline one\nline two 'q'"


def test_a_datagram_is_written_as_mons_clients_write_it() -> None:
    assert encode_trap(READ) == SENT


def test_a_password_goes_with_a_user_only() -> None:
    trap = Trap(group="g", service="s", status=0, user="joe", password="it's")

    assert b"usr='joe'\npas='it\\27s'\nspc='1'\n" in encode_trap(trap)
    assert b"pas" not in encode_trap(Trap(group="g", service="s", status=0))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (b"grp=h\nsvc=trap\nsta=3\nsum=unq\n", ("h", "trap", 3, "unq")),
        (b"sta='2'", ("", "", 2, "")),
        (b"sta='4'\njunk\nxyz='1'\nsum='a'\nsum='b'\n", ("", "", 4, "b")),
        (b"sta='300'\nsum='raw text'", ("", "", 300, "raw text")),
        (b"sta='-1'\nsum='q'x'", ("", "", -1, "q'x")),
        (b"sta='0'\r\nsum='crlf'\r\n", ("", "", 0, "crlf")),
        (b"sta='5'\nsum='\\c3\\a9\xc3\xa9'", ("", "", 5, "éé")),
        (b"sta='5'\nsum='two\\0alines'", ("", "", 5, "two lines")),
    ],
)
def test_missing_and_odd_keys_are_borne(
    lines: bytes, expected: tuple[str, str, int, str]
) -> None:
    trap = decode_trap(b"pro='9.9'\n" + lines)

    assert isinstance(trap, Trap)
    assert (trap.group, trap.service, trap.status, trap.summary) == expected


@pytest.mark.parametrize(
    ("datagram", "reason"),
    [
        (b"", "expected key='value' lines with a protocol, pro='VERSION'"),
        (b"typ='trap'\nsta='1'\n", "expected key='value' lines with a protocol, pro='VERSION'"),
        (b"pro='1'\n", "expected a number in sta, not nothing"),
        (b"pro='1'\nsta='abc'\n", "expected a number in sta, not abc"),
        (b"pro='1'\nsta='9999999999'\n", "expected a number in sta, not 9999999999"),
        (b"pro='1'\nsta='\x00\xff'\n", "expected a number in sta, not \\00\\ff"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_a_reason(datagram: bytes, reason: str) -> None:
    assert decode_trap(datagram) == BadTrap(reason)


TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXT, TEXT, st.integers(-1, 255), TEXT, TEXT, TEXT, TEXT, st.integers(0, 10**12))
def test_what_is_sent_arrives(
    group: str, service: str, status: int, summary: str, detail: str,
    user: str, password: str, time: int,
) -> None:  # fmt: skip
    trap = Trap(
        group=group,
        service=service,
        status=status,
        summary=summary.replace("\n", " "),
        detail=detail,
        user=user,
        password=password if user else "",
        kind=5,
        time=time,
    )
    assert decode_trap(encode_trap(trap)) == trap


@given(st.binary() | st.binary().map(b"pro='1'\nsta='1'\nsum=".__add__))
def test_any_datagram_is_a_trap_or_is_refused(datagram: bytes) -> None:
    assert isinstance(decode_trap(datagram), Trap | BadTrap)
