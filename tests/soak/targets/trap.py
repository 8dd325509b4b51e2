"""Datagrams on the trap port."""

from monlvs.mon.trap import BadTrap, Trap, decode_trap, encode_trap
from tests.soak.target import Target

WORDS = tuple(
    f"{key}=".encode()
    for key in [
        "pro",
        "usr",
        "pas",
        "spc",
        "seq",
        "typ",
        "grp",
        "svc",
        "sta",
        "tsp",
        "sum",
        "dtl",
    ]
)


def examine(data: bytes) -> None:
    """A trap that was read is read again from what it is written as."""
    found = decode_trap(data)
    if isinstance(found, BadTrap):
        assert found.reason.isascii()
        assert found.reason.isprintable()
        assert len(found.reason) < 200
        return
    assert "\n" not in found.summary
    assert -(10**9) < found.status < 10**9
    again = decode_trap(encode_trap(found))
    assert isinstance(again, Trap)
    assert encode_trap(again) == encode_trap(found)
    assert (again.group, again.service) == (found.group, found.service)
    assert (again.status, again.output) == (found.status, found.output)
    assert again.password == (found.password if found.user else "")
    assert again.time == (found.time or 0)
    # What else stands in a datagram counts for nothing.
    more = decode_trap(data + b"\nzzz='1'\n\xff\nnonsense\n")
    assert more == found or b"\n" not in data[-1:]


TARGET = Target(
    examine=examine,
    files=("monlvs/mon/trap.py", "monlvs/mon/escape.py"),
    seeds=(
        encode_trap(Trap(group="web", service="http", status=1, summary="h1 h2")),
        encode_trap(
            Trap(
                group="g",
                service="s",
                status=0,
                user="joe",
                password="a'b\\c",
                summary="\N{BULLET} up",
                detail="one\ntwo\t\x00\n",
                time=1_700_000_000,
            )
        ),
        b"pro=1\nsta=-1",
        b"pro='0.3807'\r\nsta='1'\r\nspc='9'\r\ntsp='-5'\r\n",
        b"pro=''\nsta='\\31'\nsum='a\\0ab\\zz\\\\'\n",
        b"sta='1'\n",
        b"pro=\nsta=x\n",
    ),
    words=(*WORDS, b"\\0a", b"\\\\", b"'", b"\r\n", b"='", b"'\n", b"sta='1'\n"),
    longest=8192,
)
